"""The network, and the images as tensors."""

import json
from pathlib import Path
from typing import Tuple

import torch
from torch import nn

PIXELS, HIDDEN, DIGITS = 64, 256, 10


def fresh() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(HIDDEN, DIGITS),
    )


def images(path: Path) -> Tuple[torch.Tensor, torch.Tensor]:
    pairs = json.loads(path.read_text())
    return torch.tensor([pixels for pixels, _ in pairs]), torch.tensor([digit for _, digit in pairs])

"""Measures the model on images it has not seen; one that is not good enough fails."""

import argparse
import sys
from pathlib import Path

import torch

from network import fresh, images


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--at-least", type=float, required=True)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()

    model = fresh().eval()
    model.load_state_dict(torch.load(given.model))
    pixels, digits = images(given.data)
    with torch.no_grad():
        accuracy = (model(pixels).argmax(dim=1) == digits).float().mean().item()
    given.out.write_text(f"{accuracy:.4f}")
    print(f"{accuracy:.2%} of {len(digits)} images are read as what they are")
    if accuracy < given.at_least:
        sys.exit(f"{accuracy:.4f} is less than the {given.at_least} that is asked for")


if __name__ == "__main__":
    main()

"""The state of every random number generator in play."""

from __future__ import annotations

import importlib
import random
import sys
from typing import Any, Dict

from ._errors import warn


def capture() -> Dict[str, Any]:
    """Of `random`, and of numpy and torch where the trainer has imported them."""
    state: Dict[str, Any] = {"random": random.getstate()}
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        state["numpy"] = numpy.random.get_state(legacy=False)
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        state["torch"] = torch.get_rng_state()
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            state["cuda"] = [each.cpu() for each in torch.cuda.get_rng_state_all()]
    return state


def put_back(state: Dict[str, Any]) -> None:
    random.setstate(state["random"])
    if "numpy" in state:
        importlib.import_module("numpy.random").set_state(state["numpy"])
    if "torch" in state:
        torch = importlib.import_module("torch")
        torch.set_rng_state(state["torch"])
        if "cuda" in state:
            if torch.cuda.device_count() == len(state["cuda"]):
                torch.cuda.set_rng_state_all(state["cuda"])
            else:
                warn(f"the checkpoint holds the random state of {len(state['cuda'])} CUDA devices and there are "
                     f"{torch.cuda.device_count()}: theirs is not put back, and the run will not repeat bit for bit")

"""Trains the network; may be stopped or killed at any time, and ends with the same bits."""

import argparse
import hashlib
import os
import random
from pathlib import Path
from typing import Any

import torch
from torch import nn

import pawl
from network import fresh, images

BATCH = 64


def digest(*things: Any) -> str:
    """SHA-256 over every bit of what training depends on, in a fixed order."""
    total = hashlib.sha256()

    def add(thing: Any) -> None:
        if isinstance(thing, torch.Tensor):
            total.update(f"{thing.dtype} {tuple(thing.shape)} ".encode())
            total.update(thing.detach().contiguous().view(-1).numpy().tobytes())
        elif isinstance(thing, dict):
            for key in sorted(thing, key=str):
                total.update(f"{key}: ".encode())
                add(thing[key])
        elif isinstance(thing, (list, tuple)):
            for each in thing:
                add(each)
        else:
            total.update(f"{thing!r} ".encode())

    add(things)
    return total.hexdigest()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--steps", type=int, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--digest", type=Path, required=True)
    given = options.parse_args()

    run = pawl.current()
    # The same bits also need the same order of every sum.
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    random.seed(given.seed)

    pixels, digits = images(given.data)
    model = fresh()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=given.steps)
    batches = pawl.Batches(len(pixels), BATCH, seed=given.seed)
    state = run.restore_torch(model=model, optimizer=optimizer, schedule=schedule, batches=batches)
    print(f"process {os.getpid()}: {state.step} of {given.steps} steps are done", flush=True)

    log = open(os.environ.get("STEP_LOG") or os.devnull, "a", buffering=1)
    for step in run.steps(state.step, given.steps):
        chosen = next(batches)
        rows = torch.tensor(chosen)
        # Noise of our own: Python's generator must be saved as well as torch's.
        noise = random.uniform(0.0, 0.1)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(pixels[rows] + noise * torch.randn(len(rows), pixels.shape[1])), digits[rows])
        loss.backward()
        optimizer.step()
        schedule.step()
        log.write(f"{step} {','.join(map(str, chosen))}\n")
        run.report(step=step, loss=loss)
        run.checkpoint_if_due(state)
        if step % 500 == 0:
            print(f"step {step}/{given.steps} loss {loss.item():.4f}", flush=True)

    given.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), given.out)
    text = digest(model.state_dict(), optimizer.state_dict(), torch.get_rng_state(), random.getstate(), batches.state_dict())
    given.digest.write_text(text)
    print(f"weights, optimizer and random state: {text}", flush=True)


if __name__ == "__main__":
    main()

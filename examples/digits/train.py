"""Trains the network; may be stopped at any time.

With PAWL_CHECKPOINT_DIR set it saves its state there every few epochs, and on SIGTERM before it ends with code 75
("try again later"). Started again it goes on from the newest state, to the same model bit for bit.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Optional, TypedDict

from network import Image, Network, fresh, learn

EX_TEMPFAIL = 75
EPOCHS_BETWEEN_CHECKPOINTS = 4

stop_wanted = False


class Checkpoint(TypedDict):
    """All that the epochs still to come depend on."""

    origin: str
    epochs_done: int
    network: Network


def want_stop(*_: object) -> None:
    """Only notes the wish: the epoch, well under a second, is finished first, so that no half epoch is ever saved."""
    global stop_wanted
    stop_wanted = True


def write_whole(path: Path, text: str) -> None:
    """Makes a file appear complete or not at all, whatever dies in between."""
    aside = path.with_name(f".{path.name}.partial")
    with aside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def newest(folder: Optional[Path], origin: str) -> Optional[Checkpoint]:
    """The latest state of this very training: same data, seed and rate."""
    for path in sorted(folder.glob("epoch-*.json"), reverse=True) if folder else []:
        saved: Checkpoint = json.loads(path.read_text())
        if saved["origin"] == origin:
            return saved
    return None


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--epochs", type=int, required=True)
    options.add_argument("--learning-rate", type=float, required=True)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    signal.signal(signal.SIGTERM, want_stop)

    text = given.data.read_bytes()
    origin = f"{hashlib.sha256(text).hexdigest()} seed {given.seed} rate {given.learning_rate}"
    images: list[Image] = json.loads(text)
    folder = Path(os.environ["PAWL_CHECKPOINT_DIR"]) if os.environ.get("PAWL_CHECKPOINT_DIR") else None

    saved = newest(folder, origin)
    network = saved["network"] if saved else fresh(given.seed)
    first = saved["epochs_done"] if saved else 0
    print(f"process {os.getpid()}: {len(images)} images, {given.epochs} epochs, "
          + (f"going on after epoch {first}" if saved else "starting afresh"), flush=True)

    for epoch in range(first, given.epochs):
        began = time.monotonic()
        # The order depends on seed and epoch alone, so there is no generator whose state must be saved.
        order = random.Random(given.seed * 1_000_003 + epoch).sample(images, len(images))
        loss = sum(learn(network, image, given.learning_rate) for image in order) / len(images)
        print(f"epoch {epoch + 1}/{given.epochs} loss {loss:.4f} ({time.monotonic() - began:.1f} s)", flush=True)

        done = epoch + 1
        if folder and done < given.epochs and (stop_wanted or done % EPOCHS_BETWEEN_CHECKPOINTS == 0):
            checkpoint: Checkpoint = {"origin": origin, "epochs_done": done, "network": network}
            write_whole(folder / f"epoch-{done:05}.json", json.dumps(checkpoint))
        if stop_wanted and done < given.epochs:
            print(f"asked to stop: {'saved' if folder else 'nothing saved'} after epoch {done}", flush=True)
            sys.exit(EX_TEMPFAIL)

    given.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(given.out, json.dumps(network))
    print(f"model: {given.out}", flush=True)


if __name__ == "__main__":
    main()

"""A trainer that costs nothing: its state depends on every random number and every batch it has used, in their order.

usage: trainer.py TOTAL OUT LOG [SECONDS]

Appends each step to LOG as soon as it is done, and writes the digest of its state to OUT after the loop.
"""

import hashlib
import os
import random
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pawl


def main() -> None:
    total, out, log = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
    run = pawl.current()
    batches = pawl.Batches(103, 10, seed=5)
    run.track("batches", batches)
    random.seed(11)
    state = run.restore(SimpleNamespace(step=0, digest="", weights=bytearray(1000)))
    with log.open("a", buffering=1) as done:
        for step in run.steps(state.step, total):
            rows = next(batches)
            state.weights[random.randrange(1000)] ^= sum(rows) & 255
            state.digest = hashlib.sha256(f"{state.digest} {rows} {random.random()}".encode() + state.weights).hexdigest()
            time.sleep(seconds)
            run.report(step=step, loss=1 / step)
            run.checkpoint_if_due(state)
            done.write(f"{os.getpid()} {step}\n")
            if step == int(os.environ.get("STOP_AT", "0")):
                os.kill(os.getpid(), 15)
    # What a forgetful trainer does: it saves without asking whether it was stopped.
    out.write_text(f"{state.step} {state.digest} {random.random()} {next(batches)}\n")


if __name__ == "__main__":
    main()

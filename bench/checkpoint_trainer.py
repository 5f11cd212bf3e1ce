"""The trainer that bench/checkpoint runs: steps of one length, a state of one size, and a look at what its own time went to."""

from __future__ import annotations

import argparse
import json
import os
import time
from types import SimpleNamespace

import pawl


def parse() -> argparse.Namespace:
    options = argparse.ArgumentParser()
    options.add_argument("--steps", type=int, required=True)
    options.add_argument("--seconds", type=float, required=True, help="of one step")
    options.add_argument("--bytes", type=int, required=True, help="of the state")
    options.add_argument("--busy", action="store_true", help="a step computes; without, it waits as for a GPU")
    options.add_argument("--no-saves", action="store_true")
    options.add_argument("--marks", required=True, help="file that gets a line at each start and after each start's third step")
    options.add_argument("--figures", required=True, help="file for what a whole training took")
    return options.parse_args()


def work(seconds: float, busy: bool) -> None:
    end = time.perf_counter() + seconds
    if not busy:
        time.sleep(seconds)
    while time.perf_counter() < end:
        pass


def mark(path: str, text: str) -> None:
    with open(path, "a") as file:
        file.write(f"{os.getpid()} {text}\n")


def main() -> None:
    given = parse()
    run = pawl.current()
    state = run.restore(SimpleNamespace(step=0, weights=bytearray(given.bytes)))
    if state.step == 0:
        state.weights[:] = os.urandom(given.bytes)
    mark(given.marks, f"start {state.step}")
    started, between, ended = time.perf_counter(), 0.0, 0.0
    first = state.step
    for step in run.steps(state.step, given.steps):
        began = time.perf_counter()
        if ended:
            between += began - ended
        work(given.seconds, given.busy)
        # Every step leaves its mark in all of the state, as an optimizer does: no chunk is as it was.
        for at in range(step % 4096, given.bytes, 1 << 20):
            state.weights[at] = (state.weights[at] + step) % 256
        ended = time.perf_counter()
        run.report(step=step, loss=1.0 / step)
        if not given.no_saves:
            run.checkpoint_if_due(state)
        if step == first + 3:
            mark(given.marks, f"ready {step}")
    with open(given.figures, "w") as file:
        json.dump({"steps": given.steps - first, "wall": time.perf_counter() - started, "between": between,
                   "cpu": time.process_time(), "loop": time.thread_time()}, file)


if __name__ == "__main__":
    main()

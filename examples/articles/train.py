"""Stand-in of a trainer: counts, saves where it is, and goes on from there."""

import json
import os
import pathlib
import signal
import sys
import time

STEPS = 200


def train() -> None:
    folder = pathlib.Path(os.environ.get("PAWL_CHECKPOINT_DIR", "."))
    saved = folder / "state.json"
    state = json.loads(saved.read_text()) if saved.exists() else {"step": 0, "sum": 0}
    print(f"from step {state['step']} of {STEPS}", flush=True)
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(True))
    while state["step"] < STEPS:
        time.sleep(0.01)
        state["step"] += 1
        state["sum"] += state["step"] ** 2
        if state["step"] % 20 == 0 or told:
            save(saved, state)
        if told:
            print(f"told to go after step {state['step']}", flush=True)
            sys.exit(75)
    model = pathlib.Path("model.json")
    model.write_text(json.dumps(state))
    print(f"trained: {model.read_text()}")


def save(path: pathlib.Path, state: dict) -> None:
    beside = path.with_name(f".{path.name}.tmp")
    with open(beside, "w") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)


if __name__ == "__main__":
    train()

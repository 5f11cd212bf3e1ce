"""Writes the model's card, the entry a registry would keep.

A step's command may run more than once, so an entry is filed under a key that is the same in every attempt of the
step: filing it twice leaves one entry.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--accuracy", type=float, required=True)
    options.add_argument("--at-least", type=float, required=True)
    options.add_argument("--run", required=True)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()

    if given.accuracy <= given.at_least:
        sys.exit(f"not registered: accuracy {given.accuracy} is not above {given.at_least}")
    card = {
        "key": os.environ.get("PAWL_IDEMPOTENCY_KEY", given.run),
        "run": given.run,
        "model": {"sha256": hashlib.sha256(given.model.read_bytes()).hexdigest()},
        "accuracy": given.accuracy,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(card, indent=2) + "\n")
    print(f"registered {card['model']['sha256'][:12]} as {card['key']}")


if __name__ == "__main__":
    main()

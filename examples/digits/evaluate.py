"""Measures how many of the held-out images the model reads right."""

import argparse
import json
from pathlib import Path

from network import Image, Network, forward


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()

    network: Network = json.loads(given.model.read_text())
    images: list[Image] = json.loads(given.data.read_text())
    right = 0
    for pixels, digit in images:
        _, chances = forward(network, pixels)
        right += chances.index(max(chances)) == digit
    accuracy = right / len(images)

    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(f"{accuracy:.4f}\n")
    print(f"accuracy {accuracy:.4f} ({right} of {len(images)} held-out images)")


if __name__ == "__main__":
    main()

"""Splits the images into those to learn from and those held out, and scales pixels to 0..1."""

import argparse
import csv
import gzip
import json
import random
from pathlib import Path

DARKEST = 16
HELD_OUT = 0.25


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--train", type=Path, required=True)
    options.add_argument("--held-out", type=Path, required=True)
    given = options.parse_args()

    with gzip.open(given.data, "rt", newline="") as lines:
        images = [([float(pixel) / DARKEST for pixel in row[:-1]], int(row[-1])) for row in csv.reader(lines)]
    random.Random(given.seed).shuffle(images)
    cut = round(len(images) * HELD_OUT)
    for path, part in ((given.held_out, images[:cut]), (given.train, images[cut:])):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(part))
        print(f"{path.name}: {len(part)} images")


if __name__ == "__main__":
    main()

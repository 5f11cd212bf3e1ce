"""Checks the raw data and passes it on: what comes out of this step is what was checked."""

import argparse
import csv
import gzip
import hashlib
import io
import sys
from collections import Counter
from pathlib import Path

ROWS, PIXELS, DARKEST = 1797, 64, 16
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def problems(rows: list[list[int]]) -> list[str]:
    found = []
    if len(rows) != ROWS:
        found.append(f"{len(rows)} rows instead of {ROWS}")
    for number, row in enumerate(rows, start=1):
        if len(row) != PIXELS + 1:
            found.append(f"row {number}: {len(row)} columns instead of {PIXELS + 1}")
        elif not all(0 <= pixel <= DARKEST for pixel in row[:-1]):
            found.append(f"row {number}: a pixel is outside 0 to {DARKEST}")
        elif not 0 <= row[-1] <= 9:
            found.append(f"row {number}: {row[-1]} is not a digit")
    return found


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()

    text = gzip.decompress(given.data.read_bytes())
    digest = hashlib.sha256(text).hexdigest()
    rows = [[int(cell) for cell in row] for row in csv.reader(io.StringIO(text.decode("ascii")))]
    found = problems(rows)
    if digest != SHA256:
        found.append(f"sha256 is {digest}, expected {SHA256}")
    if found:
        sys.exit(f"{given.data} is not the data set this pipeline is for:\n" + "\n".join(found[:20]))

    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_bytes(text)
    counts = sorted(Counter(row[-1] for row in rows).items())
    print(f"{len(rows)} images, sha256 {digest}")
    print("per digit: " + ", ".join(f"{digit}: {count}" for digit, count in counts))


if __name__ == "__main__":
    main()

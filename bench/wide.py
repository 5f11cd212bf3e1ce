#!/usr/bin/env python3
"""Many independent steps of /bin/true: pawl beside make, in alternation.

    bench/wide.py [STEPS [ROUNDS]]         # 1000 steps, 5 rounds

Prints the median of each figure: wall seconds, CPU milliseconds a step (user and system of the whole
process tree), and the most resident memory at one time. The two do not do the same: make forks and
forgets, pawl journals, claims, supervises and records every step so that it survives a kill.
"""
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
WIDE = 8

MANIFEST = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {{generateName: wide-}}
spec:
  entrypoint: main
  parallelism: {wide}
  templates:
  - name: main
    steps:
    - - name: step
        template: nothing
        withItems: [{items}]
  - name: nothing
    container: {{image: busybox, command: [/bin/true]}}
"""


def resident(marker: str) -> int:
    """Bytes resident in all processes of this run; shared pages are counted once for each."""
    total = 0
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if marker in (folder / "environ").read_bytes().decode(errors="replace"):
                total += int((folder / "statm").read_text().split()[1]) * resource.getpagesize()
        except OSError:
            continue
    return total


def measure(command: list[str], folder: str) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak bytes of a command and all its children."""
    marker = f"PAWL_BENCH={folder}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, env={**os.environ, "PAWL_BENCH": folder, "NO_COLOR": "1"},
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], resident(marker))

    watcher = threading.Thread(target=watch)
    watcher.start()
    error = child.communicate()[1]
    wall = time.monotonic() - start
    done.set()
    watcher.join()
    if child.returncode != 0:
        sys.exit(f"{command[0]} ended with {child.returncode}: {error.decode(errors='replace')[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak[0]


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    subprocess.run([HERE / "pawl", "--version"], check=True, stdout=subprocess.DEVNULL)
    figures: dict[str, list[tuple[float, float, float]]] = {"pawl": [], f"make -j{WIDE}": []}
    for _ in range(rounds):
        for name, runs in figures.items():
            folder = tempfile.mkdtemp(prefix="pawl-bench-")
            try:
                if name == "pawl":
                    pathlib.Path(folder, "wide.yaml").write_text(
                        MANIFEST.format(wide=WIDE, items=",".join(map(str, range(steps)))))
                    command = [str(HERE / "pawl"), "run", "wide.yaml"]
                else:
                    targets = " ".join(f"t{i}" for i in range(steps))
                    pathlib.Path(folder, "Makefile").write_text(f"all: {targets}\n{targets}:\n\t@/bin/true\n\t@touch $@\n")
                    command = ["make", "-s", f"-j{WIDE}"]
                runs.append(measure(command, folder))
            finally:
                shutil.rmtree(folder)
    print(f"{steps} steps of /bin/true, {WIDE} wide, median of {rounds} rounds in alternation")
    for name, runs in figures.items():
        wall, cpu, peak = (statistics.median(column) for column in zip(*runs))
        print(f"{name:>10}: {wall:8.2f} s wall  {wall / steps * 1e3:7.2f} ms a step  "
              f"{cpu / steps * 1e3:7.2f} ms CPU a step  {peak / 2**20:7.0f} MiB at most")


if __name__ == "__main__":
    main()

"""The program of the benchmarks that runs pawl's own code, built when it is asked for."""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any, Dict

HERE = pathlib.Path(__file__).resolve().parent


class Built:
    """`Pawl.Bench`, for one benchmark."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        found = shutil.which("dotnet")
        if found is None:
            sys.exit("there is no dotnet on the PATH")
        self._environment.setdefault("DOTNET_ROOT", str(pathlib.Path(found).resolve().parent))
        into = HERE.parent / ".build/bench"
        subprocess.run([found, "build", HERE / "Pawl.Bench/Pawl.Bench.csproj", "-c", "Release", "--artifacts-path", into, "-v:q", "--nologo"],
                       check=True, stdout=subprocess.DEVNULL, env=self._environment)
        self._program = next(into.glob("bin/Pawl.Bench/release*/Pawl.Bench"))

    def run(self, part: str, size: int, rounds: int, folder: pathlib.Path) -> Dict[str, Dict[str, Any]]:
        """Its samples by name."""
        said = subprocess.run([self._program, part, str(size), str(rounds), folder],
                              check=True, stdout=subprocess.PIPE, env=self._environment, text=True).stdout
        return {sample["name"]: sample for sample in map(json.loads, said.splitlines())}

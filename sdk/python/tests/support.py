"""What the tests of the SDK share."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, List, Optional

SOURCES = Path(__file__).resolve().parent.parent / "src"
TRAINER = Path(__file__).resolve().parent / "trainer.py"


class InFolder(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pawl-sdk-"))
        # A writer that nobody waited for may still be in it.
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.checkpoints = self.folder / "checkpoints"

    def env(self, **more: str) -> Dict[str, str]:
        """As a step has it under pawl."""
        return {"PAWL_RUN_ID": "r", "PAWL_NODE": "train", "PAWL_CHECKPOINT_DIR": str(self.checkpoints), **more}

    def train(self, total: int, out: str, seconds: float = 0.0, program: Path = TRAINER, **env: str) -> "subprocess.Popen[str]":
        """Starts a trainer; its steps go to `<out>.log`."""
        command = [sys.executable, str(program), str(total), str(self.folder / out), str(self.folder / f"{out}.log"), str(seconds)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PAWL_")}
        whole = {**inherited, "PYTHONPATH": str(SOURCES), "PYTHONDONTWRITEBYTECODE": "1", **self.env(), **env}
        return subprocess.Popen(command, env=whole, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, trainer: "subprocess.Popen[str]") -> str:
        """Waits for it to succeed, and gives what it wrote."""
        out, errors = trainer.communicate(timeout=300)
        self.assertEqual(0, trainer.returncode, errors)
        return (self.folder / trainer.args[3]).read_text()  # type: ignore[index]

    def executed(self, out: str) -> List[int]:
        """Every step that was done, repeated ones too, in order."""
        log = self.folder / f"{out}.log"
        return [int(line.split()[1]) for line in log.read_text().splitlines() if len(line.split()) == 2] if log.exists() else []

    def newest_checkpoint(self) -> Optional[int]:
        names = sorted(self.checkpoints.glob("step-*.pawl"))
        return int(names[-1].stem.split("-")[1]) if names else None


def kill(trainer: "subprocess.Popen[str]") -> None:
    trainer.send_signal(signal.SIGKILL)
    trainer.communicate()

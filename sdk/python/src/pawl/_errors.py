"""What the SDK raises, and how it warns."""

from __future__ import annotations

import sys

EX_TEMPFAIL = 75


class Preempted(SystemExit):
    """The trainer was told to go and its state is safe. Uncaught, it ends the process with 75, which pawl starts again."""

    def __init__(self, message: str) -> None:
        super().__init__(EX_TEMPFAIL)
        self.message = message

    def __str__(self) -> str:
        return self.message


class ForeignCheckpoint(Exception):
    """The newest checkpoint belongs to another run, or to one with other inputs."""


class DamagedCheckpoint(Exception):
    """A file is not the checkpoint that was written."""


def warn(message: str) -> None:
    # In one write, so that lines of several threads do not mix. With stderr closed there is nobody to tell.
    try:
        sys.stderr.write(f"pawl: {message}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass

"""Where a trainer runs: what pawl says in the environment, or what holds without pawl."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping, NamedTuple, Optional, Union

from ._errors import warn
from ._file import Origin

LOCAL_FOLDER = "checkpoints"
_MTBF = 3600.0
_GRACE = 30.0
_RANKS = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


class Place(NamedTuple):
    folder: Path
    origin: Origin
    every: str
    """What the manifest says; `auto` leaves it to the code."""
    mtbf: float
    grace: float
    """Seconds from the signal to the kill."""
    report: Optional[str]
    rank: int

    @property
    def writes(self) -> bool:
        """Of the processes of one trainer only the first saves and reports."""
        return self.rank == 0


def find(env: Mapping[str, str], folder: Optional[Union[str, Path]]) -> Place:
    """Reads PAWL_*. The folder given is for runs without pawl: under pawl, its own is the one that is kept."""
    rank = next((int(env[name]) for name in _RANKS if env.get(name, "").isdigit()), 0)
    return Place(
        folder=Path(env.get("PAWL_CHECKPOINT_DIR") or folder or LOCAL_FOLDER).absolute(),
        origin=Origin(env.get("PAWL_RUN_ID") or None, env.get("PAWL_NODE") or None, env.get("PAWL_FINGERPRINT") or None),
        every=env.get("PAWL_CHECKPOINT_EVERY") or "auto",
        mtbf=_seconds(env, "PAWL_MTBF_SECONDS", _MTBF),
        grace=_seconds(env, "PAWL_GRACE_SECONDS", _GRACE),
        report=env.get("PAWL_REPORT") or None,
        rank=rank,
    )


def _seconds(env: Mapping[str, str], name: str, otherwise: float) -> float:
    text = env.get(name)
    if not text:
        return otherwise
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # Also false for what is not a number.
    if 0 < seconds < float("inf"):
        return seconds
    warn(f"{name} is {text!r}, which is no time in seconds; {otherwise:g} is used")
    return otherwise

"""Saves states: copies on the caller's thread, writes on another, and knows when the next is due."""

from __future__ import annotations

import math
import time
from typing import Any, Callable, Dict, Optional

from . import _file, _interval
from ._place import Place
from ._snapshot import Snapshot
from ._writer import Writer

# Costs little, and what it costs is then known.
_PROBE_AFTER = 1.0


class Saver:
    """One at a time: while a checkpoint is being written no other is begun."""

    def __init__(self, place: Place, rule: _interval.Rule, written: Callable[[Dict[str, Any]], None]) -> None:
        self.rule = rule
        self.told: Optional[float] = None
        """Seconds between checkpoints that pawl asked for; holds while the rule is auto."""
        self.durable: Optional[int] = None
        """The step of the newest checkpoint that is in place."""
        self._place = place
        self._written = written
        self._snapshot = Snapshot()
        self._writer = Writer()
        self._blocked: Optional[float] = None
        self._writing = 0.0
        self._saved_at = -math.inf
        self._saved_step = 0
        self._clean = False

    def begin(self, step: int) -> None:
        """Time until the next checkpoint counts from here."""
        self._saved_at, self._saved_step = time.monotonic(), step

    @property
    def seconds(self) -> float:
        """Between checkpoints; infinite where steps are counted."""
        if self.rule.steps is not None:
            return math.inf
        if self.rule.seconds is not None:
            return self.rule.seconds
        if self._blocked is None:
            return _PROBE_AFTER
        # However short pawl wants it, there is no use in more than the disk can take.
        return max(self.told, self._writing) if self.told else _interval.best(self._blocked, self._place.mtbf, self._writing)

    def due(self, step: int) -> bool:
        if self._writer.busy:
            return False
        if self.rule.steps is not None:
            return step - self._saved_step >= self.rule.steps
        return time.monotonic() - self._saved_at >= self.seconds

    def save(self, step: int, state: Callable[[], Any], wait: float, patient: bool = False, flush: bool = True) -> bool:
        """Copies what `state` gives and returns; the copy is then written in the background.

        Waits so many seconds for the checkpoint before this one; False if it is not in place by then, and nothing was saved.
        Patient, it saves nothing either where the memory for the copy must be made first: the checkpoint stays due until it is there.
        """
        began = time.monotonic()
        if not self._writer.wait(wait):
            return False
        layout = self._snapshot.take(state(), patient)
        if layout is None:
            self._writer.start(self._snapshot.make_room)
            return True
        payload = self._snapshot.read()
        self._saved_at, self._saved_step = time.monotonic(), step
        blocked = self._blocked = self._saved_at - began
        whole = layout

        def write() -> None:
            if not self._clean:
                self._place.folder.mkdir(parents=True, exist_ok=True)
                _file.sweep_torn(self._place.folder)
                self._clean = True
            started = time.monotonic()
            path = _file.write(self._place.folder, self._place.origin, step, whole, payload, flush)
            self._writing = time.monotonic() - started
            self.durable = step
            self._written({"kind": "checkpoint", "step": step, "path": path.name, "bytes": path.stat().st_size,
                           "blockedSeconds": blocked, "writeSeconds": self._writing})
            _file.sweep(self._place.folder)

        self._writer.start(write)
        return True

    def wait(self, seconds: float) -> bool:
        """Until the last checkpoint is in place; False if that takes longer, or failed."""
        return self._writer.wait(seconds) and self._writer.error is None

    @property
    def error(self) -> Optional[Exception]:
        return self._writer.error

"""Writes checkpoints off the training loop's thread, one at a time."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from ._errors import warn

Job = Callable[[], None]


class Writer:
    """At most one job is under way and none waits behind it, so no write overtakes the one before."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._job: Optional[Job] = None
        self._thread: Optional[threading.Thread] = None
        self.error: Optional[Exception] = None
        """Why the last job failed; None if it did not."""

    @property
    def busy(self) -> bool:
        return self._job is not None

    def start(self, job: Job) -> None:
        """Hands over a job; the one before must have ended."""
        with self._changed:
            if self._job is not None:
                raise RuntimeError("the checkpoint before this one is still being written")
            self._job, self.error = job, None
            if self._thread is None:
                # A daemon: an exit waits for it as long as atexit says, and not for ever.
                self._thread = threading.Thread(target=self._work, name="pawl-writer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Until nothing is being written; False if that takes longer."""
        end = time.monotonic() + seconds
        with self._changed:
            while self._job is not None:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._job is None:
                    self._changed.wait()
                job = self._job
            error: Optional[Exception] = None
            try:
                job()
            except Exception as e:  # Whatever it is, the trainer goes on and the next checkpoint is a new chance.
                error = e
                warn(f"checkpoint not written: {e}; the one before stays, and it is tried again when the next is due")
            with self._changed:
                self._job, self.error = None, error
                self._changed.notify_all()

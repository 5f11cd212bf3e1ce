"""Lines to and from pawl over the socket that PAWL_REPORT names. Never waits, never fails the trainer."""

from __future__ import annotations

import json
import math
import socket
import threading
import time
from typing import Any, Callable, Dict, Mapping, Optional

_LONGEST = 64 * 1024
_WAITING = 64 * 1024
_BETWEEN_STEPS = 0.2
_NOW = socket.MSG_DONTWAIT | getattr(socket, "MSG_NOSIGNAL", 0)

Line = Dict[str, Any]


class Report:
    """One connection. Once pawl is gone nothing is sent any more, and nothing is said about it."""

    def __init__(self, path: Optional[str], heard: Callable[[Line], None]) -> None:
        self.dropped = 0
        self._heard = heard
        self._lock = threading.Lock()
        self._waiting = b""
        self._step: Optional[Line] = None
        self._sent_at = -math.inf
        self._socket: Optional[socket.socket] = None
        if path:
            self._connect(path)

    def _connect(self, path: str) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # A full backlog would hold a connect for ever.
            connection.settimeout(1)
            connection.connect(path)
            connection.settimeout(None)
        except OSError:
            connection.close()
            return
        self._socket = connection
        threading.Thread(target=self._listen, args=(connection,), name="pawl-report", daemon=True).start()

    @property
    def open(self) -> bool:
        return self._socket is not None

    def step(self, step: int, total: Optional[int], metrics: Mapping[str, Any]) -> None:
        """A step is done. At most five a second are sent: the newest, with the newest figure of each metric since the last."""
        if self._socket is None:
            return
        if self._step is not None:
            metrics = {**self._step["metrics"], **metrics}
        self._step = {"kind": "step", "step": step, "total": total, "metrics": metrics}
        if time.monotonic() - self._sent_at >= _BETWEEN_STEPS:
            self.flush()

    def flush(self) -> None:
        """Sends the step that has been held back, if there is one."""
        line, self._step = self._step, None
        if line is None:
            return
        self._sent_at = time.monotonic()
        line["metrics"] = finite(line["metrics"])
        # A step that does not fit is worth nothing a moment later.
        self._send(line, may_wait=False)

    def send(self, line: Line) -> None:
        self._send(line, may_wait=True)

    def _send(self, line: Line, may_wait: bool) -> None:
        data = json.dumps(line, allow_nan=False).encode() + b"\n"
        with self._lock:
            if self._socket is None:
                return
            self._push()
            room = _WAITING - len(self._waiting) if may_wait else (_LONGEST if not self._waiting else 0)
            if len(data) > min(room, _LONGEST):
                self.dropped += 1
                return
            self._waiting += data
            self._push()
            # What has begun must be ended, or the next line would be part of it.
            if not may_wait and self._waiting == data:
                self._waiting = b""
                self.dropped += 1

    def _push(self) -> None:
        while self._waiting and self._socket is not None:
            try:
                sent = self._socket.send(self._waiting, _NOW)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._socket = None
                self._waiting = b""
                return
            self._waiting = self._waiting[sent:]

    def _listen(self, connection: socket.socket) -> None:
        waiting = b""
        while True:
            try:
                data = connection.recv(_LONGEST)
            except OSError:
                data = b""
            if not data:
                with self._lock:
                    self._socket = None
                connection.close()
                return
            *lines, waiting = (waiting + data).split(b"\n")
            if len(waiting) > _LONGEST:
                waiting = b""
            for text in lines:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if isinstance(line, dict):
                    self._heard(line)


def finite(metrics: Mapping[str, Any]) -> Dict[str, float]:
    """The numbers among them; a tensor of one element is a number too."""
    numbers: Dict[str, float] = {}
    for name, value in metrics.items():
        try:
            number = float(value)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            continue
        if math.isfinite(number):
            numbers[str(name)] = number
    return numbers

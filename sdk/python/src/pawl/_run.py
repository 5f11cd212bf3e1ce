"""One run of a trainer: restore, steps, report, checkpoint, and leaving when told to."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, Dict, Iterator, Mapping, MutableMapping, Optional, TypeVar, Union

from . import _chance, _file, _interval, _place
from ._errors import DamagedCheckpoint, ForeignCheckpoint, Preempted, warn
from ._report import Report
from ._saver import Saver
from ._snapshot import load

T = TypeVar("T")

# A disk that has not taken a checkpoint by then will not.
_LONGEST_WAIT = 600.0

_current: Optional[Run] = None


def current(checkpoint_every: Optional[_interval.Every] = None, checkpoint_dir: Optional[Union[str, Path]] = None) -> Run:
    """The run that this process is, the same at every call.

    `checkpoint_every` is "auto", a number of steps or a time like "30s"; what the manifest says beyond `auto` wins over it.
    `checkpoint_dir` is used without pawl, `./checkpoints` if it is not given. Call it in the main thread, early: from
    then on SIGTERM means to save and leave.
    """
    global _current
    if _current is None or _current.pid != os.getpid():
        _current = Run(os.environ, checkpoint_every, checkpoint_dir)
        _current.watch()
    elif checkpoint_every is not None:
        _current.every = checkpoint_every
    return _current


class Run:
    """See `current`, which makes the one of this process."""

    def __init__(
        self,
        env: Mapping[str, str],
        checkpoint_every: Optional[_interval.Every] = None,
        checkpoint_dir: Optional[Union[str, Path]] = None,
    ) -> None:
        self.pid = os.getpid()
        self.preempted = False
        """Told to leave. `steps` does so after the step at hand; a loop of your own can look here."""
        self._place = _place.find(env, checkpoint_dir)
        self._report = Report(self._place.report if self._place.writes else None, self._heard)
        self._saver = Saver(self._place, _interval.Rule(), self._report.send)
        self.every = "auto" if checkpoint_every is None else checkpoint_every
        self._tracked: Dict[str, Any] = {}
        self._state: Any = None
        self._done: Optional[int] = None
        self._running: Optional[int] = None
        self._total: Optional[int] = None
        self._metrics: Dict[str, Any] = {}
        self._restored = False
        self._greeted = False
        self._asked = False
        self._leave_by = 0.0

    def watch(self) -> None:
        """Makes SIGTERM a notice, and an exit wait for the last checkpoint."""
        atexit.register(self._exit)
        if threading.current_thread() is not threading.main_thread():
            warn("not called in the main thread, so SIGTERM ends this process without a checkpoint")
            return
        before = signal.getsignal(signal.SIGTERM)

        def told(number: int, frame: Optional[FrameType]) -> None:
            if os.getpid() != self.pid:
                # A forked child, for instance of a data loader, has nothing to save.
                signal.signal(number, before if before is not None else signal.SIG_DFL)
                os.kill(os.getpid(), number)
                return
            self._notice(self._place.grace)
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGTERM, told)

    @property
    def folder(self) -> Path:
        """Where checkpoints are."""
        return self._place.folder

    @property
    def every(self) -> _interval.Every:
        """How often to save, as the code wants it."""
        return self._every

    @every.setter
    def every(self, every: _interval.Every) -> None:
        self._every = every
        manifest = _interval.parse(self._place.every)
        self._saver.rule = _interval.parse(every) if manifest.auto else manifest

    @property
    def interval(self) -> float:
        """Seconds between checkpoints as they are now; infinite where steps are counted."""
        return self._saver.seconds

    def track(self, name: str, thing: Any) -> None:
        """Saves and restores also what has `state_dict` and `load_state_dict`: a data loader, an optimizer. Before `restore`."""
        if self._restored:
            raise RuntimeError(f"{name!r} is tracked after restore, so it would not be put back: track it before")
        self._tracked[name] = thing

    def restore(self, default: T, *, accept_foreign: bool = False) -> T:
        """The state of the newest whole checkpoint, or `default` where there is none.

        `default` has a `step`, 0 if nothing is done: as an attribute (SimpleNamespace, dataclass) or as a key of a dict.
        What is tracked is put back, and the random number generators last. A damaged file is set aside with a warning
        and the one before is used. Unpickling runs what the file says: restore only what you would also import.

        ForeignCheckpoint if the newest belongs to another run or fingerprint, unless `accept_foreign`.
        """
        found = self._newest(accept_foreign)
        state: Any = default
        if found is not None:
            saved = load(found.payload, found.layout)
            state = saved["state"]
            lacking = self._tracked.keys() - saved["tracked"].keys()
            if lacking:
                raise ValueError(f"the checkpoint of step {found.step} in {self.folder} holds nothing for {', '.join(sorted(lacking))}, "
                                 "which is tracked now: it was saved by another version of this trainer")
            for name, thing in self._tracked.items():
                thing.load_state_dict(saved["tracked"][name])
            _set_step(state, found.step)
            self._saver.durable = found.step
            _chance.put_back(saved["chance"])
        self._restored = True
        self._state = state
        self._done = _get_step(state)
        self._saver.begin(self._done)
        return state  # type: ignore[no-any-return]

    def restore_torch(self, *, accept_foreign: bool = False, **parts: Any) -> Any:
        """As `restore`, for PyTorch: tracks every part that has a state_dict (model, optimizer, scheduler, …).

        Returns a state with `step`, and as attributes the parts that have none, as saved.
        """
        plain = {}
        for name, part in parts.items():
            if hasattr(part, "state_dict") and hasattr(part, "load_state_dict"):
                self.track(name, part)
            else:
                plain[name] = part
        return self.restore(SimpleNamespace(step=0, **plain), accept_foreign=accept_foreign)

    def steps(self, done: int, total: Optional[int] = None) -> Iterator[int]:
        """The steps still to do: `done + 1` to `total`, without end if that is None.

        A step is done when the loop comes back for the next: only then is `state.step` set to it, is it reported, and is
        a checkpoint taken, which therefore holds all of it. So what belongs to a step belongs into the body; a step that is
        left by `break` or an exception does not count. After the last one there is always a checkpoint, in
        place before the loop ends.

        On a notice it makes the checkpoint durable and raises `Preempted`: what follows the loop is reached only when
        `total` steps are done.
        """
        if self._done is not None and done != self._done:
            raise ValueError(f"{self._done} steps are done, and steps() was told {done}: give it state.step")
        self._done, self._total = done, total
        self._saver.begin(done)
        self._greet()
        if self.preempted:
            self._leave(save=False)
        while total is None or self._done < total:
            self._running = self._done + 1
            try:
                yield self._running
                self._finish(self._running)
            finally:
                self._running = None
        # What follows reports no steps, and whoever listens must know that it is no hang.
        self._report.flush()
        # In place before anything that follows: then a kill costs no step.
        self._saver.wait(self._left() if self.preempted else _LONGEST_WAIT)

    def report(self, step: Optional[int] = None, **metrics: Any) -> None:
        """Numbers to show for a step. Costs microseconds; with nobody there, or nobody reading, nothing is sent."""
        if not self._report.open:
            return
        self._metrics.update((name, value.detach() if hasattr(value, "detach") else value) for name, value in metrics.items())
        if self._running is None and step is not None:
            self._greet()
            self._send_step(step)

    def checkpoint_if_due(self, state: Any) -> None:
        """Saves if it is time to: in a loop of `steps` as soon as the body is done, elsewhere now.

        Elsewhere it also leaves on a notice, and `state.step` is yours to keep up to date.
        """
        self._checkpoint(state, asked=False)

    def checkpoint(self, state: Any) -> None:
        """Saves whether it is time to or not: in a loop of `steps` as soon as the body is done, elsewhere now.

        Waits for the checkpoint before this one, copies the state and returns; see `wait`.
        """
        self._checkpoint(state, asked=True)

    def wait(self, seconds: float = _LONGEST_WAIT) -> bool:
        """Until the checkpoint that was taken last is durable. False if it is not: time is up, or the disk refused."""
        return self._saver.wait(seconds)

    def _checkpoint(self, state: Any, asked: bool) -> None:
        self._state = state
        self._asked |= asked
        if self._running is None:
            self._greet()
            self._done = _get_step(state)
            if self.preempted:
                self._leave(save=True)
            self._save_if_due()

    def _finish(self, step: int) -> None:
        if self._state is not None:
            given = _get_step(self._state)
            if given not in (step - 1, step):
                raise ValueError(f"step {step} is done and state.step is {given}: it is the last step done, and kept by steps()")
            _set_step(self._state, step)
        self._done = step
        self._send_step(step)
        if self.preempted:
            self._leave(save=True)
        self._asked |= step == self._total
        self._save_if_due()

    def _save_if_due(self) -> None:
        assert self._done is not None
        if self._state is None or not self._place.writes or not (self._asked or self._saver.due(self._done)):
            return
        asked, self._asked = self._asked, False
        if not self._saver.save(self._done, self._content, _LONGEST_WAIT, patient=not asked):
            warn(f"no checkpoint after step {self._done}: the one before has been under way for {_LONGEST_WAIT:g} s")

    def _content(self) -> Any:
        tracked = {name: thing.state_dict() for name, thing in self._tracked.items()}
        return {"state": self._state, "tracked": tracked, "chance": _chance.capture()}

    def _leave(self, save: bool) -> None:
        """Raises Preempted, with the checkpoint in place if that can be done in time; nothing keeps it from leaving."""
        self._report.flush()
        if not self._place.writes:
            raise Preempted(f"preempted after step {self._done}; the first process of this trainer saves")
        outcome = "nothing to save"
        if save and self._state is None:
            outcome = "nothing saved, since no state was given to restore() or checkpoint_if_due()"
        elif save:
            began = time.monotonic()
            try:
                # Once this process is gone pawl makes its own copy durable: to flush this one before would take the time twice.
                flush = not self._report.open
                saved = self._saver.save(self._done or 0, self._content, self._left(), flush=flush) and self._saver.wait(self._left())
                why = self._saver.error or "time is up"
                outcome = f"saved in {time.monotonic() - began:.2f} s" if saved else f"not saved ({why})"
            except Exception as e:  # Whatever it is, the host goes: leave with 75, and go on from the checkpoint before.
                outcome = f"not saved ({type(e).__name__}: {e})"
        elif not self._saver.wait(self._left()):
            outcome = "the last checkpoint is not in place"
        message = f"preempted after step {self._done}: {outcome}"
        warn(message)
        raise Preempted(message)

    def _left(self) -> float:
        return max(0.0, self._leave_by - time.monotonic())

    def _newest(self, accept_foreign: bool) -> Optional[_file.Read]:
        for path in _file.newest_first(self.folder):
            try:
                found = _file.read(path)
            except FileNotFoundError:
                continue
            except (DamagedCheckpoint, OSError) as e:
                warn(f"{path}: not restored: {e}; the one before is used, or the training starts afresh")
                if isinstance(e, DamagedCheckpoint) and self._place.writes:
                    _file.set_aside(path)
                continue
            mine, its = self._place.origin, found.origin
            other_run = its.run != mine.run
            other_inputs = None not in (its.fingerprint, mine.fingerprint) and its.fingerprint != mine.fingerprint
            if (other_run or other_inputs) and not accept_foreign:
                what = f"of run {its.run or 'without pawl'}, and this is {mine.run or 'without pawl'}" if other_run else "of other inputs"
                raise ForeignCheckpoint(f"{path} is {what}; restore(…, accept_foreign=True) takes it all the same")
            return found
        return None

    def _greet(self) -> None:
        if not self._greeted:
            self._greeted = True
            self._report.send({"kind": "hello", "sdk": "python 0.1.0", "pid": self.pid, "step": self._done or 0, "total": self._total})

    def _send_step(self, step: int) -> None:
        metrics, self._metrics = self._metrics, {}
        self._report.step(step, self._total, metrics)

    def _heard(self, line: Dict[str, Any]) -> None:
        """On the thread that listens: notes what the loop looks at after its step."""
        kind = line.get("kind")
        if kind == "checkpoint":
            self._asked = True
        elif kind in ("interval", "notice"):
            seconds = line.get("seconds" if kind == "interval" else "secondsLeft")
            if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
                if kind == "notice":
                    self._notice(seconds)
                elif seconds > 0:
                    self._saver.told = float(seconds)

    def _notice(self, seconds: float) -> None:
        """To leave in so many seconds. A second notice can shorten the time, and never lengthen it."""
        by = time.monotonic() + seconds
        self._leave_by = min(self._leave_by, by) if self.preempted else by
        self.preempted = True

    def _exit(self) -> None:
        if os.getpid() == self.pid:
            self._report.flush()
            if not self._saver.wait(self._left() if self.preempted else _LONGEST_WAIT) and self._saver.error is None:
                warn("left before the last checkpoint was in place")


def _get_step(state: Any) -> int:
    step = state["step"] if isinstance(state, Mapping) else state.step
    return int(step)


def _set_step(state: Any, step: int) -> None:
    if isinstance(state, MutableMapping):
        state["step"] = step
    else:
        state.step = step

"""Checkpoints for a trainer that may be stopped at any time: no step lost, none done twice.

    import pawl

    run = pawl.current()
    state = run.restore(SimpleNamespace(step=0, weights=fresh()))
    for step in run.steps(state.step, total):
        loss = learn(state.weights)
        run.report(step=step, loss=loss)
        run.checkpoint_if_due(state)
    save(state.weights)                      # reached only when the last step is done

Steps are numbered from 1, and `state.step` is the last one done: 0 before the first.
"""

from ._batches import Batches
from ._errors import ForeignCheckpoint, Preempted
from ._run import Run, current

__all__ = ["Batches", "ForeignCheckpoint", "Preempted", "Run", "current"]
__version__ = "0.1.0"

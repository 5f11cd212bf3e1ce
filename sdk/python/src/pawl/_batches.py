"""A data loader's order that can be saved and put back."""

from __future__ import annotations

import random
from typing import Any, Dict, Iterator, List


class Batches:
    """Lists of indices below `n`, epoch after epoch, without end; the order of each depends on nothing but seed and epoch.

    The position is part of a checkpoint once it is tracked: `run.track("batches", batches)`.
    `next(batches)` gives the next list, also as an iterator: `for step, rows in zip(run.steps(…), batches)`.

    The position counts a batch as used as soon as it is handed out, so take it inside the step that uses it.
    In `zip`, `run.steps` must come first: a `zip` asks in turn, and the last step has to end it before a batch is taken.
    """

    def __init__(self, n: int, batch_size: int, seed: int, shuffle: bool = True, drop_last: bool = False) -> None:
        if n < 1 or batch_size < 1 or (drop_last and batch_size > n):
            raise ValueError(f"no batches of {batch_size} in {n} samples")
        self._plan: Dict[str, Any] = {"n": n, "batch_size": batch_size, "seed": seed, "shuffle": shuffle, "drop_last": drop_last}
        self._order: List[int] = []
        self.epoch = 0
        self.position = 0
        self._begin(0, 0)

    def __len__(self) -> int:
        """Batches in one epoch."""
        n, size = self._plan["n"], self._plan["batch_size"]
        return int(n // size if self._plan["drop_last"] else -(-n // size))

    def __iter__(self) -> Iterator[List[int]]:
        return self

    def __next__(self) -> List[int]:
        if self.position == len(self):
            self._begin(self.epoch + 1, 0)
        size = self._plan["batch_size"]
        rows = self._order[self.position * size : (self.position + 1) * size]
        self.position += 1
        return rows

    def state_dict(self) -> Dict[str, Any]:
        return {**self._plan, "epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Goes on where the saved one was. ValueError if that one had another size, seed or order."""
        other = {name: state[name] for name in self._plan if state[name] != self._plan[name]}
        if other:
            raise ValueError(f"batches were saved with {other}, and are now made with {self._plan}")
        self._begin(state["epoch"], state["position"])

    def _begin(self, epoch: int, position: int) -> None:
        self._order = list(range(self._plan["n"]))
        if self._plan["shuffle"]:
            # A text as seed is hashed with SHA-512, the same in every process and version.
            random.Random(f"{self._plan['seed']}/{epoch}").shuffle(self._order)
        self.epoch, self.position = epoch, position

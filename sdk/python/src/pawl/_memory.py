"""Memory for a copy of the state, kept and used again."""

from __future__ import annotations

import ctypes
import mmap
from typing import Any, Optional

_GROWTH = 1 << 21


class Memory:
    """Bytes one after the other in one mapping, which grows and never shrinks.

    Every page is touched when it is made: a copy into fresh pages takes about twice as long, and the training loop waits for it.
    """

    def __init__(self) -> None:
        self._view = memoryview(b"")
        self.used = 0
        self.limit: Optional[int] = None
        """What would grow beyond it is counted and not copied."""

    @property
    def room(self) -> int:
        return len(self._view)

    def clear(self) -> None:
        self.used = 0

    def reserve(self, size: int) -> None:
        """Makes room for so many bytes in all; what is there already stays."""
        if size <= len(self._view):
            return
        grown = max(size, len(self._view) * 5 // 4)
        fresh = _touched(-(-grown // _GROWTH) * _GROWTH)
        fresh[: self.used] = self._view[: self.used]
        self._view = fresh

    def write(self, data: Any) -> int:
        """Appends a copy, as a file would; pickle hands large byte strings over as they are."""
        with memoryview(data) as given:
            flat = given if given.format == "B" and given.ndim == 1 else given.cast("B")
            size = flat.nbytes
            end = self.used + size
            if self.limit is None or end <= self.limit:
                self.reserve(end)
                self._view[self.used : end] = flat
            self.used = end
        return size

    def align(self, to: int) -> None:
        """Zeros up to the next multiple."""
        gap = -self.used % to
        if gap:
            self.write(bytes(gap))

    def read(self) -> memoryview:
        return self._view[: self.used]


def _touched(size: int) -> memoryview:
    # Never closed by hand: it goes when the last view of it does.
    mapping = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        mapping.madvise(mmap.MADV_HUGEPAGE)
    # By a foreign call, since that lets the other threads run meanwhile.
    ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(mapping)), 0, size)
    return memoryview(mapping)

"""How often to save."""

from __future__ import annotations

import math
import re
from typing import NamedTuple, Optional, Union

SHORTEST = 1.0
LONGEST = 3600.0
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}

Every = Union[int, str]


class Rule(NamedTuple):
    """At most one of both is set; none means auto."""

    steps: Optional[int] = None
    seconds: Optional[float] = None

    @property
    def auto(self) -> bool:
        return self.steps is None and self.seconds is None


def parse(every: Every) -> Rule:
    """Reads `auto`, a number of steps, `"30s"` (m, h), and pawl's own `steps:N` and `seconds:S`."""
    if isinstance(every, int) and not isinstance(every, bool):
        rule = Rule(steps=every)
    elif every == "auto":
        return Rule()
    else:
        text = str(every).strip()
        if match := re.fullmatch(r"(?:steps:)?(\d+)", text):
            rule = Rule(steps=int(match[1]))
        elif match := re.fullmatch(r"(?:seconds:(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)(s|m|h))", text):
            rule = Rule(seconds=float(match[1] or match[2]) * _UNITS[match[3] or ""])
        else:
            raise ValueError(f"checkpoint every {every!r} is not understood: write \"auto\", a number of steps, or a time like \"30s\"")
    if rule.steps == 0 or rule.seconds == 0:
        raise ValueError(f"checkpoint every {every!r}: must be more than 0")
    return rule


def best(blocked: float, mtbf: float, writing: float) -> float:
    """Seconds between checkpoints that lose the least (Young 1974, Daly 2006).

    `blocked` is how long a checkpoint holds up the training loop, `mtbf` the mean time between interruptions. A
    checkpoint takes `writing` seconds in the background: the disk gets at least as long to rest, so that none is due
    while the one before is still being written.
    """
    if blocked < 2 * mtbf:
        ratio = blocked / (2 * mtbf)
        seconds = math.sqrt(2 * blocked * mtbf) * (1 + math.sqrt(ratio) / 3 + ratio / 9) - blocked
    else:
        seconds = mtbf
    return min(max(seconds, SHORTEST, 2 * writing), max(LONGEST, 2 * writing))

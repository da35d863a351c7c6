"""When a block counts as final: what a chain's settings say, because no two kinds of chain agree.

`finalized` and `safe` ask the node (proof-of-stake chains); `depth:12` counts blocks on top (proof of work and
authority); `instant` is for chains that never replace a block (QBFT, IBFT, a development chain that seals at once).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from passport.errors import LedgerError

MAX_DEPTH = 1_000_000
"""More blocks than any chain lets be replaced."""

_DEPTH = re.compile(r"depth:(0|[1-9][0-9]{0,6})\Z")
_EXPECTED = "finalized, safe, instant or depth:N"


class FinalityRule(StrEnum):
    """The kinds of finality."""

    FINALIZED = "finalized"
    SAFE = "safe"
    DEPTH = "depth"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Finality:
    """A chain's finality.

    Args:
        rule: Which kind.
        depth_blocks: For `depth`: how many blocks must stand on a final one.
    """

    rule: FinalityRule
    depth_blocks: int = 0

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what settings say.

        Raises:
            LedgerError: not one of the kinds.
        """
        match = _DEPTH.match(text)
        if match and int(match[1]) <= MAX_DEPTH:
            return cls(FinalityRule.DEPTH, int(match[1]))
        if text not in ("finalized", "safe", "instant"):
            raise LedgerError("no kind of finality", where="finality", expected=_EXPECTED, found=text)
        return cls(FinalityRule(text))

    def to_text(self) -> str:
        """The inverse of `from_text`."""
        return f"depth:{self.depth_blocks}" if self.rule is FinalityRule.DEPTH else self.rule.value

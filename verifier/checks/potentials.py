"""Note on factors whose source states no set of global warming potentials: what of the emissions rests on them.

Such a factor is counted as if it were by the passport's own set, because nobody can tell; that is not known, and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from passport.arithmetic import Contribution
from verifier.outcome import Note, Severity


def potential_notes(rows: Sequence[Mapping[str, Any]], claims: Sequence[Contribution]) -> Sequence[Note]:
    """What is not known about the potentials behind the opened rows of a passport.

    Args:
        rows: Its opened rows.
        claims: What each of them claims to contribute, in the same order.
    """
    count = resting = gross = 0
    for row, (_, total, _) in zip(rows, claims, strict=True):
        gross += abs(total)
        factor = row.get("factor")
        if factor is not None and "gwp" not in factor:
            count += 1
            resting += abs(total)
    if not count:
        return ()
    percent = 100 * resting / gross if gross else 0.0  # of whole numbers: rounded once
    return (_note(f"{percent:.3g}", count, len(rows)),)


@lru_cache(maxsize=1024)
def _note(percent: str, count: int, rows: int) -> Note:
    """The note, one for all passports of which it says the same."""
    text = (
        f"{percent} % of the gross emissions rest on factors whose source states no set of global warming "
        f"potentials, in {count} of {rows} rows"
    )
    return Note("factor_gwp_unstated", Severity.INFO, text)

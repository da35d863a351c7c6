"""Links from a passport to others of the same goods: up to those of its batch and model, back to those of former lives.

An item links up to its batch and model, a batch to its model (Implementing Regulation (EU) 2026/1778, Article 8); what
was re-used, repurposed or remanufactured has a new passport that links to the old ones, however many (Regulation (EU)
2023/1542, Article 77(7)). A link pins the other passport by its digest, so that links lead in no circle. It is the word
of whoever issues the passport that links, and says nothing of the other one's footprint.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from passport.model.facts import PassportFacts

_RANK: Final = {"item": 0, "batch": 1, "model": 2}
_NUMBERS: Final = {"model": (0,), "batch": (0, 1)}
_NAMES: Final = ("modelNumber", "batchNumber", "itemNumber")


class Broken(NamedTuple):
    """What keeps a link from holding."""

    message: str
    expected: str
    found: str


def broken_link(kind: str, facts: PassportFacts, linked: PassportFacts) -> Broken | None:
    """What two passports say against a link between them; None if they bear it out.

    Args:
        kind: `model` or `batch` for a link up, `former` for one back.
        facts: Of the passport that links.
        linked: Of the one that it links to.
    """
    own, other = _RANK[facts.granularity], _RANK[linked.granularity]
    if kind == "former":
        if other < own:
            return Broken(
                "a former life is told of as widely or more", f"{facts.granularity} or above", linked.granularity
            )
        if linked.valid_from > facts.valid_from:
            return Broken("a former life begins before", f"at most {facts.valid_from}", str(linked.valid_from))
        return None
    if linked.granularity != kind:
        return Broken("another granularity than the link says", kind, linked.granularity)
    if other <= own:
        return Broken("a link up goes to a higher granularity", f"above {facts.granularity}", linked.granularity)
    for position in _NUMBERS[kind]:
        ours, theirs = facts.numbers[position], linked.numbers[position]
        if ours is None or ours != theirs:
            name = _NAMES[position]
            return Broken(f"not the same {kind}", f"{name} {ours or 'stated'}", f"{name} {theirs or 'not stated'}")
    return None

"""Promised batches against an opened log: how many passports share a checkpoint, where void leaves hide it no more.

A ceiling of the ledger's own footprint rests on a number of passports that its issuer promises. The chain proves the
number of leaves alone; whoever is handed the nonces of the void ones sees how many can be passports at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from passport.model.credential import Place
from verifier.chain_facts import ChainFacts
from verifier.source import Source


def broken_promises(
    promised: Mapping[int, int], not_passports: frozenset[int], *, place: Place, source: Source, chain: ChainFacts
) -> dict[int, str]:
    """Which leaves hold a passport whose promise the log disproves, and why.

    Args:
        promised: Of each leaf that holds a passport with a ceiling: how many passports it says share its checkpoint.
        not_passports: Leaves that are proven to hold none: void ones, and statements about a ledger.
        place: The log.
        source: Where its checkpoints come from.
        chain: The chain that holds them; the log must be proven to be the chain's.
    """
    history = source.history(place, 1)
    if history is None or not promised:
        return {}
    records = [chain.checkpoint(place.issuer_id, root) for root, _ in history.checkpoints]
    ends = [0, *(record.size for record in records if record is not None)]
    broken = {}
    for start, stop in pairwise(ends):
        at_most = sum(index not in not_passports for index in range(start, stop))
        for index in range(start, stop):
            if promised.get(index, 0) > at_most:
                broken[index] = (
                    f"promises that {promised[index]} passports or more share its checkpoint, of whose "
                    f"{stop - start} leaves at most {at_most} can be passports"
                )
    return broken

"""`inclusion`: the hash stands at the index the passport names, in the log of the entity that signed, on that chain."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from passport.errors import PassportError, ProofError
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.entity import issuer_id as compute_issuer_id
from passport.ledger.merkle import verify_inclusion
from passport.model.credential import Place
from passport.model.digest import to_sha256
from verifier.chain_facts import ChainFacts
from verifier.outcome import Check, CheckId, failed, passed, unknown
from verifier.source import Source
from verifier.trust import Trust


class Placed(Protocol):
    """A document that names its leaf in the log of whoever signed it: a passport, a statement about a ledger."""

    @property
    def digest(self) -> str:
        """Its hash, which stands in the leaf."""
        ...

    @property
    def place(self) -> Place:
        """The leaf."""
        ...

    @property
    def scheme(self) -> str:
        """Scheme of the signer's identifier."""
        ...

    @property
    def identifier(self) -> str:
        """The signer's identifier."""
        ...


class Anchored(NamedTuple):
    """The row, and the first checkpoint that covers the leaf when it passed."""

    check: Check
    checkpoint: LogCheckpoint | None


def check_inclusion(
    facts: Placed, source: Source, trust: Trust | None, chain: ChainFacts | None, problem: str | None = None
) -> Anchored:
    """Judge a document's place in the log.

    Args:
        facts: What the document states.
        source: Where its audit path comes from.
        trust: The trust file, or None when none was given.
        chain: The chain that the passport names, None when it is not in the trust file or out of reach.
        problem: Why it is out of reach.
    """
    place = facts.place
    if trust is None:
        return Anchored(unknown(CheckId.INCLUSION, "no trust file says which chain counts"), None)
    if chain is None:
        if trust.chain_of(place.registry, place.log, place.genesis) is None:
            return Anchored(_foreign(facts, trust), None)
        return Anchored(unknown(CheckId.INCLUSION, problem or "the chain's state is not at hand"), None)
    try:
        own_id = compute_issuer_id(facts.scheme, facts.identifier)
    except PassportError as error:
        return Anchored(failed(CheckId.INCLUSION, str(error), found=f"{facts.scheme}:{facts.identifier}"), None)
    # After an annulled registration an identifier has another id, and so another log; only the chain can say that.
    if own_id != place.issuer_id and not chain.registry.is_id_of(place.issuer_id, facts.scheme, facts.identifier):
        reason = "the log belongs to another entity than the one that signed"
        return Anchored(failed(CheckId.INCLUSION, reason, expected=own_id, found=place.issuer_id), None)
    return _in_log(facts, source, chain)


def _foreign(facts: Placed, trust: Trust) -> Check:
    place = facts.place
    expected = "; ".join(f"{chain.log_caip10()} from genesis {chain.genesis}" for chain in trust.chains)
    return failed(
        CheckId.INCLUSION,
        "not the chain in the trust file",
        expected=expected,
        found=f"{place.log} with registry {place.registry} from genesis {place.genesis}",
    )


def _in_log(facts: Placed, source: Source, chain: ChainFacts) -> Anchored:
    place = facts.place
    head = chain.head(place.issuer_id)
    size = head.size if head else 0
    if place.leaf_index >= size:
        reason = "not anchored: the issuer's log does not reach that index"
        return Anchored(
            failed(CheckId.INCLUSION, reason, expected=f"more than {place.leaf_index} leaves", found=f"{size} leaves"),
            None,
        )
    entry = to_sha256(facts.digest)
    evidence = source.inclusion(place, entry)
    if evidence is None:
        return Anchored(unknown(CheckId.INCLUSION, "no inclusion proof at hand"), None)
    record = chain.checkpoint(place.issuer_id, evidence.root)
    if record is None:
        reason = "the proof leads to a root that the chain does not hold"
        return Anchored(failed(CheckId.INCLUSION, reason, found="0x" + evidence.root.hex()), None)
    if record.size != evidence.size or not record.prev_size <= place.leaf_index < record.size:
        reason = "the proof is not for the first checkpoint that covers the leaf"
        found = f"checkpoint {record.seq} over leaves {record.prev_size} to {record.size - 1}"
        return Anchored(failed(CheckId.INCLUSION, reason, expected=f"leaf {place.leaf_index}", found=found), None)
    try:
        verify_inclusion(entry, place.leaf_index, record.size, evidence.path, evidence.root)
    except ProofError as error:
        return Anchored(failed(CheckId.INCLUSION, str(error), expected=error.expected, found=error.found), None)
    return Anchored(passed(CheckId.INCLUSION), record)

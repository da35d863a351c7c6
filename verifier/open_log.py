"""Open a whole log: every leaf is a document that one has, a void leaf whose nonce one has, or withheld.

A log's size tells nobody how many passports an issuer has made, because it is padded with void leaves; whoever is
handed the documents and the nonces can see that there is nothing else. A document counts by its hash, which commits it
to its place; one that stands elsewhere counts against the issuer only if a key that the registry has bound to it
signed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import StringConstraints, ValidationError

from passport.credentials import jcs, key_hash, parse
from passport.credentials.proof import read_secured
from passport.errors import DocumentError, LedgerError, PassportError, SchemaError
from passport.ledger.merkle import MerkleLog, void_entry
from passport.ledger_reports import StatementFacts, is_statement, statement_facts
from passport.model import schema
from passport.model.base import DocumentModel
from passport.model.credential import Place
from passport.model.digest import Digest, digest_of, to_sha256
from passport.model.facts import PassportFacts, passport_facts
from verifier.chain_facts import ChainFacts
from verifier.checks.signature import check_issuer_signature
from verifier.examine import PASSPORT_KIND
from verifier.issuer_keys import IssuerKeys
from verifier.outcome import Check, CheckId, Outcome, failed, passed, unknown
from verifier.promised_batches import broken_promises
from verifier.report import REPORT_SCHEMA_VERSION, Verdict
from verifier.source import Source

VOID_NONCES_FORMAT: Final = "carbon-passport/void-nonces/1.0"
"""A file with nonces: its format, the log's name, and the nonces as hex by index."""

MAX_NONCES_BYTES = 64 << 20


class LeafKind(StrEnum):
    """What a leaf turned out to be."""

    DOCUMENT = "document"
    """A passport or a statement about a ledger that names this leaf."""

    VOID = "void"
    """Nothing, as its nonce shows."""

    WITHHELD = "withheld"
    """Not opened: nobody can say what it is."""

    CONTRADICTED = "contradicted"
    """Something else than what it may be, or the issuer signed something else for it, or the log disproves its word."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf.

    Args:
        index: Its place in the log.
        kind: What it is.
        names: Ids of the documents that were found for it.
        reason: Why it is contradicted, or not opened although something was handed out for it.
    """

    index: int
    kind: LeafKind
    names: tuple[str, ...] = ()
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The leaf as JSON values."""
        return {"index": self.index, "kind": str(self.kind), "documents": list(self.names), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class LogReport:
    """What opening a log found.

    Attributes:
        log: The log's name.
        leaves: Every leaf, by index, those included that the chain counts and whose entries are not at hand.
        consistency: Whether the entries are those of the chain, in one history from the first checkpoint to the head.
        pending: Ids of documents whose leaf lies beyond the log's head.
        unread: Files that are no passport, or a passport of another log, with the reason.
    """

    log: str
    leaves: tuple[Leaf, ...]
    consistency: Check
    pending: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many leaves there are of each kind."""
        counted = Counter(str(leaf.kind) for leaf in self.leaves)
        return {str(kind): counted.get(str(kind), 0) for kind in LeafKind}

    @property
    def verdict(self) -> Verdict:
        """Passed if the log is the chain's and every leaf is opened; failed if one contradicts."""
        kinds = {leaf.kind for leaf in self.leaves}
        if LeafKind.CONTRADICTED in kinds or self.consistency.outcome is Outcome.FAILED:
            return Verdict.FAILED
        if LeafKind.WITHHELD in kinds or self.consistency.outcome is not Outcome.PASSED:
            return Verdict.UNDECIDED
        return Verdict.PASSED

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, most important first; opened leaves are only counted."""
        left = [leaf.to_json() for leaf in self.leaves if leaf.kind is not LeafKind.VOID]
        return {
            "schema_version": REPORT_SCHEMA_VERSION,
            "verdict": str(self.verdict),
            "log": self.log,
            "size": len(self.leaves),
            "counts": self.counts,
            "consistency": self.consistency.to_json(),
            "leaves": left,
            "pending": list(self.pending),
            "unread": [{"file": name, "reason": reason} for name, reason in self.unread],
        }


class _Found(NamedTuple):
    """A document with everything that came under its hash: whoever adds a false proof takes no true one away."""

    name: str
    facts: PassportFacts | StatementFacts
    bodies: set[bytes]


class VoidNonces(DocumentModel):
    """The nonces of a log's void leaves, as an issuer hands them out.

    Attributes:
        log: The log's name.
        nonces: 16 bytes as hex by the leaf's index.
    """

    format: Literal["carbon-passport/void-nonces/1.0"] = VOID_NONCES_FORMAT
    log: str
    nonces: dict[
        Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,15})$")],
        Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")],
    ]


def write_void_nonces(log: str, nonces: Mapping[int, bytes]) -> bytes:
    """A file with the nonces of a log's void leaves."""
    return jcs(VoidNonces(log=log, nonces={str(index): nonce.hex() for index, nonce in nonces.items()}).to_json())


def read_void_nonces(data: bytes, log: str) -> dict[int, bytes] | None:
    """The nonces in a file, by index; None when the file is something else, or of another log.

    Raises:
        DocumentError: it says that it is such a file, and is none.
    """
    document = parse(data, max_bytes=MAX_NONCES_BYTES)
    if not isinstance(document, dict) or document.get("format") != VOID_NONCES_FORMAT:
        return None
    try:
        found = VoidNonces.model_validate(document)
    except ValidationError as error:
        raise SchemaError(error.errors()[0]["msg"], expected=VOID_NONCES_FORMAT) from None
    if found.log != log:
        return None
    return {int(index): bytes.fromhex(nonce) for index, nonce in found.nonces.items()}


def open_log(
    log: str,
    place: Place,
    entries: Sequence[bytes],
    *,
    documents: Iterable[tuple[str, bytes]],
    void_nonces: Mapping[int, bytes],
    source: Source,
    chain: ChainFacts | None,
) -> LogReport:
    """Open a log with what one was handed out.

    Args:
        log: The log's name.
        place: Its first leaf: registry, log, genesis and issuer are those of the log.
        entries: The log's entries, as far as they are at hand.
        documents: Files by name, of which some are passports of this log, signed or without their proof.
        void_nonces: Nonces by index.
        source: Where checkpoint histories and DID documents come from.
        chain: The chain, None when it is not trusted or out of reach; then nothing says whether this is the log.
    """
    found, unread = _read_all(documents, place, frozenset(entries))
    consistency = _consistency(entries, place, chain)
    size = len(entries)
    try:
        head = chain.head(place.issuer_id) if chain else None
        size = max(size, head.size) if head else size
    except (LedgerError, DocumentError):
        pass  # `consistency` says so
    by_index: dict[int, list[_Found]] = {}
    for each in found.values():
        by_index.setdefault(each.facts.place.leaf_index, []).append(each)
    by_entry = {to_sha256(digest): each for digest, each in found.items()}
    signed = _Signatures(source, chain)
    leaves = tuple(
        _judge(
            index,
            entries[index] if index < len(entries) else None,
            place,
            by_index.get(index, ()),
            by_entry,
            void_nonces.get(index),
            signed,
        )
        for index in range(size)
    )
    if chain is not None and consistency.outcome is Outcome.PASSED:
        leaves = _hold_promises(leaves, entries, by_entry, place, source, chain)
    pending = [each.facts.id for index, some in by_index.items() for each in some if index >= size]
    return LogReport(log, leaves, consistency, tuple(sorted(pending)), tuple(unread))


def _hold_promises(
    leaves: tuple[Leaf, ...],
    entries: Sequence[bytes],
    by_entry: Mapping[bytes, _Found],
    place: Place,
    source: Source,
    chain: ChainFacts,
) -> tuple[Leaf, ...]:
    """The same leaves, where a passport that promises a larger batch than there can be is contradicted."""
    promised, not_passports = {}, set()
    for leaf in leaves:
        facts = by_entry[entries[leaf.index]].facts if leaf.kind is LeafKind.DOCUMENT else None
        if leaf.kind is LeafKind.VOID or isinstance(facts, StatementFacts):
            not_passports.add(leaf.index)
        elif isinstance(facts, PassportFacts) and facts.ledger_ceiling is not None:
            promised[leaf.index] = facts.ledger_ceiling.minimum_batch
    broken = broken_promises(promised, frozenset(not_passports), place=place, source=source, chain=chain)
    return tuple(
        replace(leaf, kind=LeafKind.CONTRADICTED, reason=broken[leaf.index]) if leaf.index in broken else leaf
        for leaf in leaves
    )


def _judge(
    index: int,
    entry: bytes | None,
    place: Place,
    named: Sequence[_Found],
    by_entry: Mapping[bytes, _Found],
    nonce: bytes | None,
    signed: _Signatures,
) -> Leaf:
    """What one leaf is, by its own hash first and by what claims it after."""
    if entry is None:
        return Leaf(index, LeafKind.WITHHELD, reason="the chain counts this leaf, and its entry is not at hand")
    others = [each for each in named if to_sha256(each.facts.digest) != entry]
    # Two documents of one issuer for one leaf: the one that is not in the log was signed to be shown to somebody.
    for other in others:
        if signed.is_by_issuer(other):
            reason = f"the issuer signed {other.facts.digest} for this leaf, which is not in the log"
            return Leaf(index, LeafKind.CONTRADICTED, tuple(each.facts.id for each in named), reason)
    held = by_entry.get(entry)
    if held is not None:
        own = held.facts.place
        if not _is_of(own, place) or own.leaf_index != index:
            reason = f"holds a document that names leaf {own.leaf_index} of {own.log}#{own.issuer_id}"
            return Leaf(index, LeafKind.CONTRADICTED, (held.facts.id,), reason)
        return Leaf(index, LeafKind.DOCUMENT, (held.facts.id,))
    if nonce is not None:
        try:
            if void_entry(nonce) == entry:
                return Leaf(index, LeafKind.VOID)
        except PassportError as error:
            return Leaf(index, LeafKind.WITHHELD, reason=str(error))
        return Leaf(index, LeafKind.WITHHELD, reason="the nonce that was handed out does not open it")
    if others:
        reason = "a document names this leaf that is not in it, and nothing shows that the issuer signed it"
        return Leaf(index, LeafKind.WITHHELD, tuple(each.facts.id for each in others), reason)
    return Leaf(index, LeafKind.WITHHELD)


def _is_of(own: Place, log: Place) -> bool:
    """Whether a place is in that log."""
    return (own.registry, own.log, own.genesis, own.issuer_id) == (log.registry, log.log, log.genesis, log.issuer_id)


def _read_all(
    documents: Iterable[tuple[str, bytes]], place: Place, entries: frozenset[bytes]
) -> tuple[dict[Digest, _Found], list[tuple[str, str]]]:
    """The documents that are in the log or say that they are, each once, and why other files are left out."""
    found: dict[Digest, _Found] = {}
    unread: list[tuple[str, str]] = []
    for name, body in documents:
        try:
            document = parse(body)
            credential = {key: value for key, value in document.items() if key != "proof"}
            digest = digest_of(jcs(credential))
            facts: PassportFacts | StatementFacts
            if is_statement(credential):
                facts = statement_facts(credential, digest)
            else:
                schema.check(PASSPORT_KIND, credential)
                facts = passport_facts(credential, digest)
        except (PassportError, AttributeError) as error:
            unread.append((name, str(error)))
            continue
        if not _is_of(facts.place, place) and to_sha256(digest) not in entries:
            unread.append((name, "a document of another log"))
        else:
            found.setdefault(digest, _Found(name, facts, set())).bodies.add(body)
    return found, unread


def _consistency(entries: Sequence[bytes], place: Place, chain: ChainFacts | None) -> Check:
    """Whether the entries are the log on the chain, from its first checkpoint to its head without a gap."""
    if chain is None:
        return unknown(CheckId.CONSISTENCY, "no chain that is trusted and in reach says what the log is")
    try:
        head = chain.head(place.issuer_id)
        if head is None:
            reason = "the chain knows no log of this issuer"
            return failed(CheckId.CONSISTENCY, reason) if entries else unknown(CheckId.CONSISTENCY, reason)
        if len(entries) < head.size:
            reason = "the chain counts more leaves than there are entries at hand"
            return unknown(CheckId.CONSISTENCY, reason, expected=head.size, found=len(entries))
        log = MerkleLog()
        log.extend(entries[: head.size])
        record = chain.checkpoint(place.issuer_id, log.root())
        if record is None or record.seq != head.seq:
            return unknown(CheckId.CONSISTENCY, "the entries at hand are not those of the log on the chain")
        broken = chain.broken_since(place, 1)
    except (LedgerError, DocumentError) as error:
        return unknown(CheckId.CONSISTENCY, str(error))
    if broken is None:
        return passed(CheckId.CONSISTENCY)
    return (failed if broken.is_proven else unknown)(CheckId.CONSISTENCY, broken.reason)


class _Signatures:
    """Tells whether a document is the issuer's own word, by the registry."""

    def __init__(self, source: Source, chain: ChainFacts | None) -> None:
        self._keys = IssuerKeys(source)
        self._chain = chain

    def is_by_issuer(self, found: _Found) -> bool:
        """Whether a key that the registry has bound to the issuer signed it."""
        return any(self._is_signed(body, found.facts) for body in found.bodies)

    def _is_signed(self, body: bytes, facts: PassportFacts | StatementFacts) -> bool:
        if self._chain is None:
            return False
        try:
            proof = read_secured(body, canonical=True)
            checked, multikey = check_issuer_signature(proof, facts, self._keys, self._chain)
            if checked.outcome is not Outcome.PASSED or multikey is None:
                return False
            bound = self._chain.registry.credential_key(facts.place.issuer_id, key_hash(multikey))
        except PassportError:
            return False
        return bound is not None

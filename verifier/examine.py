"""Examine one node: read it once, run every check that needs only its own documents and the chain, keep a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Any

from passport.arithmetic.quanta import from_text
from passport.credentials import Secured, jcs, parse_canonical
from passport.credentials import read_secured as read_secured_document
from passport.credentials.canonical import numbers_in_form
from passport.errors import (
    CanonicalError,
    DocumentError,
    LedgerError,
    PassportError,
    SignatureError,
)
from passport.ledger.proofs import ProvenState
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.model import schema
from passport.model.digest import Digest, digest_of
from passport.model.facts import PassportFacts, passport_facts
from passport.model.sameness import period_of, product_of
from verifier.chain_facts import ChainFacts
from verifier.checks.consistency import check_consistency
from verifier.checks.custody import Custody
from verifier.checks.did_pin import judge_pin
from verifier.checks.identity import Identified, check_identity
from verifier.checks.inclusion import check_inclusion
from verifier.checks.ledger_footprint import check_ledger_footprint
from verifier.checks.lineage import check_links
from verifier.checks.signature import check_issuer_signature
from verifier.checks.stated_footprint import Contents
from verifier.checks.status import check_status
from verifier.checks.status_list import StatusLists
from verifier.checks.validity import check_own_validity
from verifier.figures import judge_figures
from verifier.in_step import LIGHT_BYTES, Steps, in_step
from verifier.issuer_keys import IssuerKeys
from verifier.outcome import CheckId, failed, passed, unknown
from verifier.patient_state import PatientState
from verifier.record import NOTHING_DECLARED, NodeKind, NodeRecord, copy_fingerprint
from verifier.source import Source
from verifier.trust import Trust
from verifier.witnessed import WitnessedLogs

PASSPORT_KIND = "untp-dpp-0.7.0-issuing"
_ANCHORING = (CheckId.INCLUSION, CheckId.CONSISTENCY, CheckId.IDENTITY, CheckId.STATUS)
_NOT_SHOWN = (LedgerError, DocumentError, CanonicalError)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what an audit reads; beyond one the node is `unknown`, naming the bound."""

    nodes: int = 100_000
    depth: int = 10_000
    document_bytes: int = 16 << 20


@dataclass(frozen=True, slots=True)
class Terms:
    """How an audit judges.

    Attributes:
        at: The moment that is judged, unix seconds.
        status_at: The moment that the age of the status is counted from; None to judge as of the block itself.
        skew_s: How far clocks may differ.
        max_status_age_s: How old the chain's state may be.
        limits: Bounds on what is read.
        profiles: What chains are known to emit, for ceilings of the ledger's own footprint.
        contents: What of the contents of passports is shown, by the passport's digest.
    """

    at: int
    status_at: int | None
    skew_s: int
    max_status_age_s: int
    limits: Limits
    profiles: AnchoringProfiles
    contents: Mapping[str, Contents] = field(default_factory=dict)


class Examiner:
    """Reads nodes from a source and judges each by itself.

    Args:
        source: Where documents and proofs come from.
        trust: The trust file, or None.
        terms: How to judge.
        witnessed: Cosigned logs, which show a place without a chain; None when there are none at hand.

    Attributes:
        lists: The status lists that passports name.
    """

    def __init__(
        self, source: Source, trust: Trust | None, terms: Terms, *, witnessed: WitnessedLogs | None = None
    ) -> None:
        self._witnessed = witnessed
        self._source = source
        self._trust = trust
        self._terms = terms
        self._chains: dict[tuple[str, str, str], ChainFacts | None] = {}
        self._chain_problems: dict[tuple[str, str, str], str] = {}
        self._keys = IssuerKeys(source)
        self.lists = StatusLists(
            source,
            self._keys,
            at=terms.at,
            is_snapshot=terms.status_at is None,
            skew_s=terms.skew_s,
            max_bytes=terms.limits.document_bytes,
        )
        self._identities: dict[tuple[object, ...], Identified] = {}
        self._names: dict[str, str] = {}

    def chains(self) -> list[ChainFacts]:
        """The chains that were asked, with the block each was asked at."""
        return [chain for chain in self._chains.values() if chain is not None]

    def custody(self) -> Custody:
        """What judges the deliveries that rows name, with the keys and chains that were found before."""
        terms = self._terms
        return Custody(
            self._source,
            self._keys,
            self._chain,
            at=terms.at,
            skew_s=terms.skew_s,
            max_bytes=terms.limits.document_bytes,
        )

    def examine(self, digest: str, named: str, *, has_links: bool = True) -> NodeRecord:
        """Judge the passport that is pinned by `digest` under the id `named`.

        Args:
            digest: Of the passport.
            named: Its id, as the pin says.
            has_links: Look at what it links to in turn.
        """
        return in_step([self.steps(digest, named, has_links=has_links)])[0]

    def steps(self, digest: str, named: str, *, has_links: bool = True) -> Steps[NodeRecord]:
        """The same in steps, for many passports side by side."""
        body = self._source.passport(digest)
        if body is None:
            return self._absent(digest, named)
        if len(body) > self._terms.limits.document_bytes:
            return _blank(digest, named, f"larger than {self._terms.limits.document_bytes} bytes")
        is_light = len(body) <= LIGHT_BYTES
        try:
            document, found, proof = _read(body, schema_follows=is_light)
            if is_light:
                yield
            # The shape: nothing below may be read before it holds.
            is_valid = schema.is_valid(PASSPORT_KIND, document)
            if is_light and not (is_valid and numbers_in_form(schema.numbers(PASSPORT_KIND, document))):
                document, found, proof = _read(body)  # once more, to say what is wrong
        except PassportError as error:
            return self._unreadable(digest, named, error)
        record = NodeRecord(digest=digest, id=named, kind=NodeKind.PASSPORT)
        if found != digest:
            record.put(failed(CheckId.DIGEST, "the pin is not the document's hash", expected=digest, found=found))
        else:
            record.put(passed(CheckId.DIGEST))
        judging = self._judge(record, document, found, proof, is_valid=is_valid, has_links=has_links)
        del body
        if is_light:
            yield from judging
        else:
            in_step([judging])
        return record

    def _judge(
        self,
        record: NodeRecord,
        credential: dict[str, Any],
        digest: str,
        proof: Secured | SignatureError,
        *,
        is_valid: bool,
        has_links: bool,
    ) -> Steps[None]:
        yield
        # 1. The shape.
        try:
            if not is_valid:
                schema.check(PASSPORT_KIND, credential)
            facts = passport_facts(credential, digest)
        except PassportError as error:
            record.put(failed(CheckId.SCHEMA, str(error), expected=error.expected, found=error.found))
            record.fill("the document has not the shape of a passport")
            return
        record.put(passed(CheckId.SCHEMA))
        _describe(record, facts, self._names)
        yield
        # 2. Who signed.
        chain = self._chain(facts)
        signature, multikey = check_issuer_signature(
            proof,
            facts,
            self._keys,
            chain,
            lambda: self._signing_time(facts, chain),
            pinned=facts.did_document.digest if facts.did_document else None,
        )
        record.put(signature)
        record.signed_with = multikey
        yield
        # 3. Where and when it was anchored, by whom, and what that cost.
        if facts.ledger_ceiling is None:
            record.put(NOTHING_DECLARED)
        self._anchoring(record, facts, multikey, chain)
        if facts.did_document is not None and isinstance(proof, Secured):
            pin = judge_pin(facts, proof.verification_method, multikey, self._keys, record.signed_at)
            if pin.check is not None:
                record.put(pin.check)
            if pin.note is not None:
                record.note(pin.note)
        if "credentialStatus" in credential:
            said = self.lists.judge(credential, facts, chain, record.row(CheckId.STATUS), multikey)
            if said is not None:
                record.note(said)
        if self._witnessed is not None:
            record.note(self._witnessed.judge(facts.place, facts.digest))
        created = proof.created if isinstance(proof, Secured) else None
        record.put(check_own_validity(facts, created, signed_at=record.signed_at, skew_s=self._terms.skew_s))
        yield
        # 4. What it states, against itself and its statement.
        max_bytes = self._terms.limits.document_bytes
        shown = self._terms.contents.get(facts.digest)
        yield from judge_figures(record, facts, credential, self._source, max_bytes=max_bytes, contents=shown)
        if facts.links and has_links:
            wrong, unjudged, record.links = check_links(facts, self._source, max_bytes=max_bytes)
            if wrong is not None:
                record.put(wrong)
            for note in unjudged:
                record.note(note)

    def _signing_time(self, facts: PassportFacts, chain: ChainFacts | None) -> int | None:
        """When the passport was signed at the latest, unix seconds: the time of the block that anchored it."""
        try:
            checkpoint = check_inclusion(facts, self._source, self._trust, chain).checkpoint
        except (LedgerError, DocumentError, CanonicalError):
            return None
        return checkpoint.time if checkpoint else None

    def _anchoring(
        self, record: NodeRecord, facts: PassportFacts, multikey: str | None, chain: ChainFacts | None
    ) -> None:
        """Where the passport stands in the log, who anchored it, and what the chain says of it now."""
        place = facts.place
        problem = self._chain_problems.get((place.registry, place.log, place.genesis))
        try:
            anchored = check_inclusion(facts, self._source, self._trust, chain, problem)
        except _NOT_SHOWN as error:
            for check in (*_ANCHORING, CheckId.LEDGER_FOOTPRINT):
                _undecided(record, check, error)
            return
        record.put(anchored.check)
        checkpoint = anchored.checkpoint
        record.signed_at = checkpoint.time if checkpoint else None
        # Each for itself: what one question finds no answer to takes nothing from the others.
        with _OrUndecided(record, CheckId.CONSISTENCY):
            record.put(check_consistency(facts, chain, checkpoint))
        with _OrUndecided(record, CheckId.IDENTITY):
            identified = self._identity(facts, multikey, chain, checkpoint)
            if chain is not None and checkpoint is not None:
                _answer_as(record, chain.primary_of(place.issuer_id), facts, self._names)
            record.put(identified.check)
            for note in identified.notes:
                record.note(note)
        with _OrUndecided(record, CheckId.STATUS):
            standing = check_status(
                facts, chain, checkpoint, at=self._terms.status_at, max_age_s=self._terms.max_status_age_s
            )
            record.put(standing.check)
            record.is_superseded = standing.is_superseded
            if standing.note:
                record.note(standing.note)
        if facts.ledger_ceiling is None:
            return
        with _OrUndecided(record, CheckId.LEDGER_FOOTPRINT):
            found = check_ledger_footprint(facts, facts.ledger_ceiling, chain, checkpoint, self._terms.profiles)
            record.put(found.check)
            record.ledger = found.share
            for note in found.notes:
                record.note(note)

    def _chain(self, facts: PassportFacts) -> ChainFacts | None:
        """The facts of the chain a passport names, if it is trusted and can be read."""
        place = facts.place
        key = (place.registry, place.log, place.genesis)
        if key not in self._chains:
            self._chains[key] = self._open_chain(key)
        return self._chains[key]

    def _open_chain(self, key: tuple[str, str, str]) -> ChainFacts | None:
        trusted = self._trust.chain_of(*key) if self._trust else None
        if trusted is None:
            return None
        try:
            state = self._source.state(trusted)
        except (LedgerError, DocumentError) as error:
            self._chain_problems[key] = str(error)
            return None
        if state is None:
            return None
        # What is proven is at hand or is not; a node may be gone.
        return ChainFacts(trusted, state if isinstance(state, ProvenState) else PatientState(state), self._source)

    def _identity(
        self, facts: PassportFacts, multikey: str | None, chain: ChainFacts | None, checkpoint: Any
    ) -> Identified:
        if checkpoint is None or multikey is None:
            return check_identity(facts, multikey, self._source, chain, checkpoint)
        place = facts.place
        key = (place.registry, place.log, place.genesis, place.issuer_id, multikey, checkpoint.key_no, checkpoint.time)
        known = self._identities.get(key)
        if known is None:
            known = check_identity(facts, multikey, self._source, chain, checkpoint)
            self._identities[key] = known
        return known

    def _absent(self, digest: str, named: str) -> NodeRecord:
        """A pin that leads nowhere: unknown, unless another document goes by the pinned id."""
        others = [other for other in self._source.passports_named(named) if other != digest]
        if not others:
            return _blank(digest, named, "the upstream passport is not at hand")
        record = _blank(digest, named, "another document stands in its place")
        record.put(
            failed(CheckId.DIGEST, "the pin does not match the passport of that id", expected=digest, found=others[0])
        )
        return record

    def _unreadable(self, digest: str, named: str, error: PassportError) -> NodeRecord:
        record = NodeRecord(digest=digest, id=named, kind=NodeKind.PASSPORT)
        record.put(failed(CheckId.DIGEST, f"cannot be read: {error}", expected=digest, found=error.found))
        record.fill("the document cannot be read")
        return record


def _undecided(record: NodeRecord, check: CheckId, error: PassportError) -> None:
    if not record.has(check):
        record.put(unknown(check, str(error), expected=error.expected, found=error.found))


class _OrUndecided:
    """What was handed out does not prove what it should, or nobody answers: unknown, with the reason."""

    __slots__ = ("_check", "_record")

    def __init__(self, record: NodeRecord, check: CheckId) -> None:
        self._record = record
        self._check = check

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, _NOT_SHOWN):
            return False
        _undecided(self._record, self._check, error)
        return True


def _blank(digest: str, named: str, reason: str) -> NodeRecord:
    record = NodeRecord(digest=digest, id=named, kind=NodeKind.ABSENT)
    record.fill(reason)
    return record


def _describe(record: NodeRecord, facts: PassportFacts, names: dict[str, str]) -> None:
    if record.id and record.id != facts.id:
        reason = "the pinned document goes by another id"
        record.put(failed(CheckId.DIGEST, reason, expected=record.id, found=facts.id))
    record.id = record.id if record.id == facts.id else facts.id
    record.subject_id, record.subject_name = facts.subject_id, facts.subject_name
    issuer = f"{facts.issuer_name} ({facts.scheme} {facts.identifier})"
    record.issuer = names.setdefault(issuer, issuer)
    record.issuer_id = names.setdefault(facts.place.issuer_id, facts.place.issuer_id)
    record.valid_from, record.valid_until = facts.valid_from, facts.valid_until
    record.covered = from_text(facts.covered_amount)
    record.predecessor = facts.predecessor.digest if facts.predecessor else None
    _answer_as(record, facts.place.issuer_id, facts, names)
    record.period = period_of(facts)
    record.copy_hash = copy_fingerprint(facts.upstream.copy_for_row())
    record.total = facts.upstream.footprint.total
    declared = f"{facts.upstream.declared_amount} {facts.upstream.declared_unit}"
    record.declared = names.setdefault(declared, declared)


def _answer_as(record: NodeRecord, primary_id: str, facts: PassportFacts, names: dict[str, str]) -> None:
    """Who is behind the passport under whatever identifier, and so what it may not stand beside."""
    if primary_id != record.primary_id:
        record.primary_id = names.setdefault(primary_id, primary_id)
        record.sameness = sha256(repr((primary_id, product_of(facts))).encode()).digest()


def _read(body: bytes, *, schema_follows: bool = False) -> tuple[dict[str, Any], Digest, Secured | SignatureError]:
    """A signed document without its proof, its digest, and its proof or why that cannot be judged."""
    try:
        secured = read_secured_document(body, canonical=True, schema_follows=schema_follows)
    except SignatureError as error:  # the proof is at fault, not the document that the pin names
        return *_without_proof(body), error
    return secured.document, secured.doc_hash, secured


def _without_proof(body: bytes) -> tuple[dict[str, Any], Digest]:
    """A document whose proof cannot be judged: the rest of it, with its digest."""
    document: dict[str, Any] = parse_canonical(body)
    document.pop("proof", None)
    return document, digest_of(jcs(document))

"""Examine one node: read it once, run every check that needs only its own documents and the chain, keep a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from passport.arithmetic.quanta import from_text
from passport.arithmetic.rows import upstream_scale
from passport.credentials import (
    Secured,
    jcs,
    open_row,
    parse_canonical,
)
from passport.credentials import read_secured as read_secured_document
from passport.errors import (
    BoundError,
    CanonicalError,
    DocumentError,
    LedgerError,
    PassportError,
    SchemaError,
    SignatureError,
)
from passport.model import schema
from passport.model.components import REMOVALS, SUMMED
from passport.model.digest import Digest, digest_of
from passport.model.facts import PassportFacts, passport_facts, unix_time
from passport.model.inventory import Per
from passport.model.sameness import period_of, product_of
from passport.model.statement import VALIDITY_YEARS, validity_end
from verifier.chain_facts import ChainFacts
from verifier.checks.agreement import check_agreement
from verifier.checks.arithmetic import Recomputation, check_arithmetic
from verifier.checks.completeness import check_completeness
from verifier.checks.consistency import check_consistency
from verifier.checks.identity import check_identity
from verifier.checks.inclusion import check_inclusion
from verifier.checks.signature import IssuerKeys, check_issuer_signature
from verifier.checks.status import check_status
from verifier.outcome import Check, CheckId, Outcome, failed, passed, time_words, unknown
from verifier.record import Edge, NodeKind, NodeRecord, copy_fingerprint
from verifier.source import Source
from verifier.trust import Trust

PASSPORT_KIND = "untp-dpp-0.7.0-issuing"
STATEMENT_KIND = "statement-1.0-issuing"
ROW_KIND = "row-1.0"


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
    """

    at: int
    status_at: int | None
    skew_s: int
    max_status_age_s: int
    limits: Limits


class Examiner:
    """Reads nodes from a source and judges each by itself.

    Args:
        source: Where documents and proofs come from.
        trust: The trust file, or None.
        terms: How to judge.
    """

    def __init__(self, source: Source, trust: Trust | None, terms: Terms) -> None:
        self._source = source
        self._trust = trust
        self._terms = terms
        self._chains: dict[tuple[str, str, str], ChainFacts | None] = {}
        self._chain_problems: dict[tuple[str, str, str], str] = {}
        self._keys = IssuerKeys(source)
        self._identities: dict[tuple[object, ...], Check] = {}
        self._names: dict[str, str] = {}

    def chains(self) -> list[ChainFacts]:
        """The chains that were asked, with the block each was asked at."""
        return [chain for chain in self._chains.values() if chain is not None]

    def examine(self, digest: str, named: str) -> NodeRecord:
        """Judge the passport that is pinned by `digest` under the id `named`."""
        body = self._source.passport(digest)
        if body is None:
            return self._absent(digest, named)
        if len(body) > self._terms.limits.document_bytes:
            return _blank(digest, named, f"larger than {self._terms.limits.document_bytes} bytes")
        proof: Secured | SignatureError
        try:
            proof = read_secured_document(body, canonical=True)
            document, found = proof.document, proof.doc_hash
        except SignatureError as error:  # the proof is at fault, not the document that the pin names
            proof = error
            try:
                document, found = _without_proof(body)
            except PassportError as unreadable:
                return self._unreadable(digest, named, unreadable)
        except PassportError as error:
            return self._unreadable(digest, named, error)
        record = NodeRecord(digest=digest, id=named, kind=NodeKind.PASSPORT)
        if found != digest:
            record.put(failed(CheckId.DIGEST, "the pin is not the document's hash", expected=digest, found=found))
        else:
            record.put(passed(CheckId.DIGEST))
        self._judge(record, document, found, proof)
        return record

    def _judge(
        self, record: NodeRecord, credential: dict[str, Any], digest: str, proof: Secured | SignatureError
    ) -> None:
        # 1. The shape: nothing below may be read before it holds.
        try:
            if not schema.is_valid(PASSPORT_KIND, credential):
                schema.check(PASSPORT_KIND, credential)
            facts = passport_facts(credential, digest)
        except PassportError as error:
            record.put(failed(CheckId.SCHEMA, str(error), expected=error.expected, found=error.found))
            record.fill("the document has not the shape of a passport")
            return
        record.put(passed(CheckId.SCHEMA))
        _describe(record, facts, self._names)
        # 2. Who signed.
        chain = self._chain(facts)
        signature, multikey = check_issuer_signature(proof, facts, self._keys, chain)
        record.put(signature)
        record.signed_with = multikey
        # 3. Where and when it was anchored, and by whom.
        try:
            self._anchoring(record, facts, multikey, chain)
        except (
            LedgerError,
            DocumentError,
            CanonicalError,
        ) as error:  # what was handed out does not prove what it should
            for check in (CheckId.INCLUSION, CheckId.CONSISTENCY, CheckId.IDENTITY, CheckId.STATUS):
                if not record.has(check):
                    record.put(unknown(check, str(error), expected=error.expected, found=error.found))
        record.put(self._own_validity(record, proof, facts))
        # 4. What it states, against itself and its statement.
        self._figures(record, facts, credential)

    def _anchoring(
        self, record: NodeRecord, facts: PassportFacts, multikey: str | None, chain: ChainFacts | None
    ) -> None:
        """Where the passport stands in the log, who anchored it, and what the chain says of it now."""
        problem = self._chain_problems.get((facts.place.registry, facts.place.log, facts.place.genesis))
        anchored = check_inclusion(facts, self._source, self._trust, chain, problem)
        record.put(anchored.check)
        checkpoint = anchored.checkpoint
        record.signed_at = checkpoint.time if checkpoint else None
        record.put(check_consistency(facts, chain, checkpoint))
        record.put(self._identity(facts, multikey, chain, checkpoint))
        standing = check_status(
            facts, chain, checkpoint, at=self._terms.status_at, max_age_s=self._terms.max_status_age_s
        )
        record.put(standing.check)
        record.is_superseded = standing.is_superseded
        if standing.note:
            record.note(standing.note)

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
        return ChainFacts(trusted, state, self._source) if state else None

    def _identity(self, facts: PassportFacts, multikey: str | None, chain: ChainFacts | None, checkpoint: Any) -> Check:
        if checkpoint is None or multikey is None:
            return check_identity(facts, multikey, self._source, chain, checkpoint)
        place = facts.place
        key = (place.registry, place.genesis, place.issuer_id, multikey, checkpoint.key_no, checkpoint.time)
        known = self._identities.get(key)
        if known is None:
            known = check_identity(facts, multikey, self._source, chain, checkpoint)
            self._identities[key] = known
        return known

    def _own_validity(self, record: NodeRecord, proof: Secured | SignatureError, facts: PassportFacts) -> Check:
        """A document may not claim to be younger than the block that anchored it; its age is judged by who uses it.

        PACT: a footprint is of a period that is over, and valid for at most three years after it.
        """
        if facts.valid_until <= facts.valid_from:
            return failed(CheckId.VALIDITY, "valid for no time", expected="validFrom before validUntil")
        period_end = unix_time(facts.period[1])
        latest_end = _latest_end(period_end)
        if facts.valid_until > latest_end:
            return failed(
                CheckId.VALIDITY,
                f"valid for more than {VALIDITY_YEARS} years after its reference period",
                expected=f"until {time_words(latest_end)} at most",
                found=f"until {time_words(facts.valid_until)}",
            )
        if record.signed_at is None:
            return unknown(CheckId.VALIDITY, "the signing time is not proven")
        latest = record.signed_at + self._terms.skew_s
        moments = [("validFrom", facts.valid_from), ("the end of the reference period", period_end)]
        if isinstance(proof, Secured):
            moments.insert(0, ("created", int(proof.created.timestamp())))
        for name, moment in moments:
            if moment > latest:
                return failed(
                    CheckId.VALIDITY,
                    f"{name} lies after the block that anchored the passport",
                    expected=f"at most {time_words(record.signed_at)} and {self._terms.skew_s} s",
                    found=time_words(moment),
                )
        return passed(CheckId.VALIDITY)

    def _figures(self, record: NodeRecord, facts: PassportFacts, credential: Mapping[str, Any]) -> None:
        """Agreement, arithmetic and completeness, as far as statement and rows are disclosed."""
        try:
            statement = self._statement(facts)
        except BoundError as error:
            for check in (CheckId.AGREEMENT, CheckId.ARITHMETIC, CheckId.COMPLETENESS):
                record.put(unknown(check, f"the statement: {error}", expected=error.expected, found=error.found))
            return
        except PassportError as error:
            row = failed(CheckId.AGREEMENT, f"the statement: {error}", expected=error.expected, found=error.found)
            record.put(row)
            record.put(unknown(CheckId.ARITHMETIC, "the statement cannot be read"))
            record.put(unknown(CheckId.COMPLETENESS, "the statement cannot be read"))
            return
        rows: list[dict[str, Any]] | None = None
        withheld = 0
        own_exempted: str | None = None
        if statement is not None:
            data = statement["extensions"][0]["data"]
            own_exempted = data["ownExemptedPercent"]
            try:
                rows = self._rows(facts.statement.digest, data["rows"])
            except PassportError as error:
                record.put(check_agreement(facts, credential, statement, withheld_rows=len(data["rows"])))
                record.put(failed(CheckId.ARITHMETIC, str(error), expected=error.expected, found=error.found))
                record.put(unknown(CheckId.COMPLETENESS, "the rows cannot be read"))
                return
            withheld = len(data["rows"]) - len(rows)
        record.put(check_agreement(facts, credential, statement, rows or (), withheld_rows=withheld))
        result = check_arithmetic(facts, rows, withheld_rows=withheld, own_exempted_percent=own_exempted)
        record.put(result.check)
        record.put(check_completeness(facts, is_open=statement is not None, withheld_rows=withheld))
        record.is_open = statement is not None and not withheld
        if rows is not None:
            self._keep_rows(record, facts, rows, result, own_exempted or "0")

    def _statement(self, facts: PassportFacts) -> dict[str, Any] | None:
        data = self._source.statement(facts.statement.digest)
        if data is None:
            return None
        found = digest_of(data)
        if found != facts.statement.digest:
            raise SchemaError("the pin is not its hash", expected=facts.statement.digest, found=found)
        statement: dict[str, Any] = parse_canonical(data, max_bytes=self._terms.limits.document_bytes)
        if not schema.is_valid(STATEMENT_KIND, statement):
            schema.check(STATEMENT_KIND, statement)
        return statement

    def _rows(self, statement_digest: str, hashes: Sequence[str]) -> list[dict[str, Any]]:
        """The opened rows in the statement's order; a row that the statement does not commit to is refused."""
        position = {row_hash: index for index, row_hash in enumerate(hashes)}
        opened: dict[int, dict[str, Any]] = {}
        ids: set[str] = set()
        for data in self._source.opened_rows(statement_digest):
            row = open_row(data)
            index = position.get(row.hash)
            if index is None:
                raise SchemaError("an opened row that the statement does not commit to", found=row.hash)
            if index in opened:
                raise SchemaError("a row is opened twice", found=row.hash)
            if not schema.is_valid(ROW_KIND, row.row):
                schema.check(ROW_KIND, row.row)
            if row.row["id"] in ids:
                raise SchemaError("two rows go by one id", found=row.row["id"])
            ids.add(row.row["id"])
            opened[index] = dict(row.row)
        return [opened[index] for index in sorted(opened)]

    def _keep_rows(
        self,
        record: NodeRecord,
        facts: PassportFacts,
        rows: Sequence[Mapping[str, Any]],
        result: Recomputation,
        own_exempted: str,
    ) -> None:
        """Keep what the walk, the shares and double counting need of the rows."""
        declared, covered = from_text(facts.upstream.declared_amount), from_text(facts.covered_amount)
        edges = []
        record.is_recomputed = result.check.outcome is Outcome.PASSED
        for row in rows:
            weight = _gross(row["contribution"])
            if row["kind"] == "passport":
                edges.append(_edge(row, weight, declared, covered))
                continue
            if row["kind"] == "factor" and not row["factor"]["primary"]:
                record.second_hand_weight += weight
            else:
                record.own_weight += weight
            components = row["contribution"]["components"]
            record.removal_weight += sum(-from_text(components[name]) for name in REMOVALS if name in components)
        record.edges = tuple(edges)
        record.exempted_percent = from_text(own_exempted)

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
    record.sameness = sha256(repr((facts.place.issuer_id, product_of(facts))).encode()).digest()
    record.period = period_of(facts)
    record.copy_hash = copy_fingerprint(facts.upstream.copy_for_row())
    record.total = facts.upstream.footprint.total
    declared = f"{facts.upstream.declared_amount} {facts.upstream.declared_unit}"
    record.declared = names.setdefault(declared, declared)


def _gross(contribution: Mapping[str, Any]) -> int:
    """What a row weighs in the shares: a removal must not make the emissions of its own row disappear."""
    components = contribution["components"]
    stated = [from_text(components[name]) for name in SUMMED if name in components]
    return sum(map(abs, stated)) + abs(from_text(contribution["total"]) - sum(stated))


def _edge(row: Mapping[str, Any], weight: int, declared: int, covered: int) -> Edge:
    upstream = row["upstream"]
    return Edge(
        row_id=row["id"],
        child=upstream["digest"],
        child_id=upstream["id"],
        is_import=upstream["document"] == "imported",
        copy_hash=copy_fingerprint(upstream),
        weight=weight,
        drawn=_drawn(row, upstream, declared, covered),
    )


def _drawn(row: Mapping[str, Any], upstream: Mapping[str, Any], declared: int, covered: int) -> int | Fraction | None:
    """What the whole covered output draws of the upstream product, quanta of its declared unit, exactly."""
    try:
        numerator, denominator = upstream_scale(row, upstream, f"row {row['id']}")
    except PassportError:
        return None
    numerator *= from_text(upstream["declaredAmount"])
    if row["per"] != Per.PERIOD:
        numerator *= covered
        denominator *= declared
    quanta, rest = divmod(numerator, denominator)
    return Fraction(numerator, denominator) if rest else quanta


def _latest_end(period_end: int) -> int:
    """The last moment a footprint of a period that ends then may be valid, unix seconds."""
    try:
        return int(validity_end(datetime.fromtimestamp(period_end, UTC)).timestamp())
    except (ValueError, OverflowError):  # three years later the calendar has ended
        return period_end


def _without_proof(body: bytes) -> tuple[dict[str, Any], Digest]:
    """A document whose proof cannot be judged: the rest of it, with its digest."""
    document: dict[str, Any] = parse_canonical(body)
    document.pop("proof", None)
    return document, digest_of(jcs(document))

"""What a passport states, against itself, its statement and its rows, as far as they are disclosed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from passport.arithmetic import Contribution
from passport.arithmetic.level import level_scale
from passport.arithmetic.quanta import from_text
from passport.arithmetic.rows import stated_contribution, upstream_scale
from passport.arithmetic.share import share_scale
from passport.carbon.electricity import Use
from passport.credentials.canonical import numbers_in_form, parse_canonical, parse_together
from passport.credentials.disclosure import OPENED_ROW_MEMBERS, open_row, opened_row
from passport.errors import BoundError, PassportError, SchemaError
from passport.exchange.accounting import spent_instruments
from passport.model import schema
from passport.model.components import REMOVALS, SUMMED
from passport.model.digest import digest_of
from passport.model.facts import PassportFacts
from passport.model.inventory import Per
from passport.model.tracking import is_known
from verifier.checks.accounting import check_accounting
from verifier.checks.agreement import check_agreement
from verifier.checks.arithmetic import check_arithmetic
from verifier.checks.carbon import carbon_notes
from verifier.checks.completeness import check_completeness
from verifier.checks.custody import nothing_delivered
from verifier.checks.potentials import potential_notes
from verifier.checks.stated_footprint import Contents, check_stated_footprint
from verifier.in_step import LIGHT_BYTES, Steps, in_step
from verifier.outcome import CheckId, Outcome, failed, unknown
from verifier.record import Delivery, Edge, NodeRecord, copy_fingerprint
from verifier.source import Source

STATEMENT_KIND = "statement-1.0-issuing"
ROW_KIND = "row-1.0"
_PERIOD = str(Per.PERIOD)
_SUMMED = frozenset(SUMMED)


def judge_figures(
    record: NodeRecord,
    facts: PassportFacts,
    credential: Mapping[str, Any],
    source: Source,
    *,
    max_bytes: int,
    contents: Contents | None = None,
) -> Steps[None]:
    """Put agreement, arithmetic and completeness, and what the walk needs of the rows, into a record, in steps.

    Args:
        record: Of the passport.
        facts: What the passport states.
        credential: The passport without proof.
        source: Where statement and rows come from.
        max_bytes: The longest statement that is read.
        contents: What of its contents is shown.
    """
    digest = facts.statement.digest
    data = source.statement(digest)
    if data is None:
        yield from _put(record, facts, credential, None, None, withheld_rows=0)
        _compare(record, facts, contents)
        return
    bodies: Sequence[bytes] | PassportError
    try:
        bodies = source.opened_rows(digest)
    except PassportError as error:
        bodies = error
    # Read at once if all is in order and light, and one by one to say what is not.
    together = (
        None
        if isinstance(bodies, PassportError)
        else parse_together((data, *bodies), max_bytes=min(max_bytes, LIGHT_BYTES), schema_follows=True)
    )
    if together:
        yield
        together = together if _have_shape(together) else None
    try:
        statement = _statement(data, digest, together, max_bytes)
    except BoundError as error:
        for check in (CheckId.AGREEMENT, CheckId.ARITHMETIC, CheckId.COMPLETENESS, CheckId.CUSTODY):
            record.put(unknown(check, f"the statement: {error}", expected=error.expected, found=error.found))
        _compare(record, facts, contents)
        return
    except PassportError as error:
        reason = f"the statement: {error}"
        record.put(failed(CheckId.AGREEMENT, reason, expected=error.expected, found=error.found))
        record.put(unknown(CheckId.ARITHMETIC, "the statement cannot be read"))
        record.put(unknown(CheckId.COMPLETENESS, "the statement cannot be read"))
        record.put(unknown(CheckId.CUSTODY, "the statement cannot be read"))
        _compare(record, facts, contents)
        return
    hashes: Sequence[str] = statement["extensions"][0]["data"]["rows"]
    try:
        rows = _rows(bodies, hashes, together)
    except PassportError as error:
        record.put(check_agreement(facts, credential, statement, withheld_rows=len(hashes)))
        record.put(failed(CheckId.ARITHMETIC, str(error), expected=error.expected, found=error.found))
        record.put(unknown(CheckId.COMPLETENESS, "the rows cannot be read"))
        record.put(unknown(CheckId.CUSTODY, "the rows cannot be read"))
        _compare(record, facts, contents)
        return
    judging = _put(record, facts, credential, statement, rows, withheld_rows=len(hashes) - len(rows))
    if together:
        yield
        yield from judging
    else:
        in_step([judging])
    _compare(record, facts, contents, rows, are_all=len(rows) == len(hashes))


def _compare(
    record: NodeRecord,
    facts: PassportFacts,
    contents: Contents | None,
    rows: Sequence[Mapping[str, Any]] = (),
    *,
    are_all: bool = False,
) -> None:
    """Hold the footprint that contents state against the passport's, as far as either is shown."""
    if contents is None:
        return
    claims = [stated_contribution(row) for row in rows]
    wrong, notes = check_stated_footprint(facts, rows, claims, contents, are_all=are_all)
    if wrong is not None:
        record.put(wrong)
    for note in notes:
        record.note(note)


def _statement(data: bytes, digest: str, together: Sequence[Any] | None, max_bytes: int) -> dict[str, Any]:
    found = digest_of(data)
    if found != digest:
        raise SchemaError("the pin is not its hash", expected=digest, found=found)
    statement: dict[str, Any] = together[0] if together else parse_canonical(data, max_bytes=max_bytes)
    if not together:
        schema.check(STATEMENT_KIND, statement)
    return statement


def _have_shape(together: Sequence[Any]) -> bool:
    """Whether a statement and its opened rows have the shape that they must have, numbers included."""
    statement, *rows = together
    if not (schema.is_valid(STATEMENT_KIND, statement) and numbers_in_form(schema.numbers(STATEMENT_KIND, statement))):
        return False
    for opened in rows:
        if type(opened) is not dict or opened.keys() != OPENED_ROW_MEMBERS:
            return False
        row = opened["row"]
        if not (schema.is_valid(ROW_KIND, row) and numbers_in_form(schema.numbers(ROW_KIND, row))):
            return False
    return True


def _rows(
    bodies: Sequence[bytes] | PassportError, hashes: Sequence[str], together: Sequence[Any] | None
) -> list[dict[str, Any]]:
    """The opened rows in the statement's order; a row that the statement does not commit to is refused."""
    if isinstance(bodies, PassportError):
        raise bodies
    opened = map(opened_row, together[1:], bodies) if together else map(open_row, bodies)
    found: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    for row, _, row_hash in opened:
        if row_hash in found:
            raise SchemaError("a row is opened twice", found=row_hash)
        if row_hash not in hashes:
            raise SchemaError("an opened row that the statement does not commit to", found=row_hash)
        if not together:
            schema.check(ROW_KIND, row)
        if row["id"] in ids:
            raise SchemaError("two rows go by one id", found=row["id"])
        ids.add(row["id"])
        found[row_hash] = row
    return [found[row_hash] for row_hash in hashes if row_hash in found]


def _put(
    record: NodeRecord,
    facts: PassportFacts,
    credential: Mapping[str, Any],
    statement: Mapping[str, Any] | None,
    rows: Sequence[Mapping[str, Any]] | None,
    *,
    withheld_rows: int,
) -> Steps[None]:
    """Judge what could be read, and keep it."""
    claims = [stated_contribution(row) for row in rows or ()]
    own_exempted = statement["extensions"][0]["data"]["ownExemptedPercent"] if statement else None
    record.put(check_agreement(facts, credential, statement, rows or (), withheld_rows=withheld_rows))
    yield
    arithmetic = check_arithmetic(facts, rows, claims, withheld_rows=withheld_rows, own_exempted_percent=own_exempted)
    if arithmetic.outcome is not Outcome.FAILED:
        wrong = check_accounting(facts, statement, rows, claims, withheld_rows=withheld_rows)
        arithmetic = wrong if wrong is not None else arithmetic
    record.put(arithmetic)
    record.put(check_completeness(facts, is_open=statement is not None, withheld_rows=withheld_rows))
    record.is_open = statement is not None and not withheld_rows
    for note in carbon_notes(statement["pcf"]) if statement else ():
        record.note(note)
    for note in potential_notes(rows or (), claims):
        record.note(note)
    if rows is not None:
        record.is_recomputed = arithmetic.outcome is Outcome.PASSED
        record.exempted_percent = from_text(own_exempted or "0")
        _keep(record, facts, rows, claims)
    if not record.deliveries:  # what rows name of deliveries takes the upstream passports too
        record.put(nothing_delivered(is_open=statement is not None, withheld_rows=withheld_rows))


def _keep(
    record: NodeRecord, facts: PassportFacts, rows: Sequence[Mapping[str, Any]], claims: Sequence[Contribution]
) -> None:
    """Keep what the walk, the shares and double counting need of the rows."""
    edges = []
    powered = [row for row in rows if "electricity" in row]
    if powered:
        record.instruments, record.unlisted = _instruments(facts, powered), _unlisted(powered)
    for row, claim in zip(rows, claims, strict=True):
        weight, removals = _gross(claim)
        if row["kind"] == "passport":
            edge = _edge(row, weight, facts)
            edges.append(edge)
            if row["delivery"] is not None:
                record.deliveries += (_delivery(row["delivery"], edge, facts),)
            continue
        if row["kind"] == "factor" and not row["factor"]["primary"]:
            record.second_hand_weight += weight
        else:
            record.own_weight += weight
        record.removal_weight += removals
    record.edges = tuple(edges)


def _delivery(digest: str, edge: Edge, facts: PassportFacts) -> Delivery:
    buyer = f"{facts.scheme}:{facts.identifier}"
    return Delivery(edge.row_id, digest, edge.child, edge.drawn, buyer, facts.issuer_did)


def _instruments(facts: PassportFacts, powered: Sequence[Mapping[str, Any]]) -> tuple[Use, ...]:
    """What the rows of electricity spend of contracts and certificates; nothing where `arithmetic` has failed on it."""
    declared, covered = from_text(facts.upstream.declared_amount), from_text(facts.covered_amount)
    try:
        return spent_instruments(powered, declared, covered, by=facts.id)
    except PassportError:
        return ()


def _unlisted(powered: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The registries of certificates that are none of those we know."""
    named = (row["electricity"].get("instrument", {}).get("registry") for row in powered)
    return tuple(dict.fromkeys(name for name in named if name is not None and not is_known(name)))


def _gross(claim: Contribution) -> tuple[int, int]:
    """What a row weighs in the shares, and the part of it that is removals.

    A removal must not make the emissions of its own row disappear.
    """
    components, total, _ = claim
    gross = summed = removals = 0
    for name, amount in components.items():
        if name in _SUMMED:
            gross += abs(amount)
            summed += amount
        if name in REMOVALS:
            removals -= amount
    return gross + abs(total - summed), removals


def _edge(row: Mapping[str, Any], weight: int, facts: PassportFacts) -> Edge:
    upstream = row["upstream"]
    return Edge(
        row_id=row["id"],
        child=upstream["digest"],
        child_id=upstream["id"],
        is_import=upstream["document"] == "imported",
        copy_hash=copy_fingerprint(upstream),
        weight=weight,
        drawn=_drawn(row, upstream, facts),
    )


def _drawn(row: Mapping[str, Any], upstream: Mapping[str, Any], facts: PassportFacts) -> int | Fraction | None:
    """What the whole covered output draws of the upstream product, quanta of its declared unit, exactly.

    What a co-product displaces is not drawn: it is never made.
    """
    if "substitutes" in row:
        return 0
    try:
        numerator, denominator = upstream_scale(row, upstream, f"row {row['id']}")
        share = share_scale(row) if "share" in row else None
    except PassportError:
        return None
    numerator *= from_text(upstream["declaredAmount"])
    if row["per"] != _PERIOD:
        numerator *= from_text(facts.covered_amount)
        denominator *= from_text(facts.upstream.declared_amount)
    level = level_scale(row)
    if level is not None:
        numerator *= level.numerator
        denominator *= level.denominator
    if share is not None:
        numerator *= share.numerator
        denominator *= share.denominator
    quanta, rest = divmod(numerator, denominator)
    return Fraction(numerator, denominator) if rest else quanta

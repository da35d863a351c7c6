"""Examine an imported footprint: signed by nobody, so what it says is second hand and never re-done."""

from __future__ import annotations

from passport.arithmetic.quality import PACT_EXEMPTION_LIMIT_PERCENT
from passport.credentials import parse_canonical
from passport.errors import PassportError
from passport.exchange.pact import Code, ImportedFootprint, read_body
from passport.exchange.untp06 import Untp06Passport, is_untp06, read_untp06
from passport.model.digest import digest_of
from verifier.checks.double_counting import NO_COVERAGE
from verifier.checks.equivocation import NOT_SIGNED
from verifier.outcome import CheckId, Note, Severity, failed, passed, skipped, unknown
from verifier.record import NodeKind, NodeRecord, copy_fingerprint
from verifier.source import Source

NOTHING_TO_COPY = "a row copies what a passport of UNTP 0.6 does not state"

_WRONG_SUM = frozenset({Code.COMPONENTS_ABOVE_TOTAL, Code.SUM_INCLUDING, Code.PART_ABOVE_WHOLE, Code.SIGN})
"""Problems that make the footprint's own sum false; the others are said as notes."""


def examine_import(source: Source, digest: str, named: str, *, max_bytes: int) -> NodeRecord:
    """Judge the imported footprint that a parent pins by `digest` under the id `named`."""
    body = source.imported(digest)
    if body is None or len(body) > max_bytes:
        reason = "the imported footprint is not at hand" if body is None else f"larger than {max_bytes} bytes"
        return _filled(NodeRecord(digest=digest, id=named, kind=NodeKind.ABSENT), reason)
    record = NodeRecord(digest=digest, id=named, kind=NodeKind.IMPORTED)
    found = digest_of(body)
    if found != digest:
        record.put(failed(CheckId.DIGEST, "the pin is not the document's hash", expected=digest, found=found))
        return _filled(record, "another document than the pinned one")
    record.put(passed(CheckId.DIGEST))
    try:
        if is_untp06(parse_canonical(body)):
            return _untp06(record, read_untp06(body), named)
        footprint = read_body(body)
    except PassportError as error:
        record.put(failed(CheckId.SCHEMA, str(error), expected=error.expected, found=error.found))
        return _filled(record, "the footprint cannot be read")
    record.put(passed(CheckId.SCHEMA))
    record.valid_from = int(footprint.valid_from.timestamp()) if footprint.valid_from else 0
    record.valid_until = int(footprint.valid_until.timestamp()) if footprint.valid_until else 0
    try:
        facts = footprint.upstream_facts()
    except PassportError as error:  # amounts that no row can copy
        record.put(failed(CheckId.ARITHMETIC, str(error), expected=error.expected, found=error.found))
        return _filled(record, "the footprint cannot be built on")
    record.copy_hash = copy_fingerprint(facts.copy_for_row())
    record.subject_id, record.subject_name = facts.subject_id, footprint.product_name
    record.issuer = f"{footprint.company_name} (stated, not proven)"
    record.id = facts.id
    record.total = facts.footprint.total
    record.declared = f"{facts.declared_amount} {facts.declared_unit}"
    if named and named != facts.id:
        record.put(failed(CheckId.DIGEST, "pinned under another id", expected=named, found=facts.id))
    _figures(record, footprint)
    record.put(skipped(CheckId.CUSTODY, NOT_SIGNED))
    record.put(skipped(CheckId.DOUBLE_COUNTING, NO_COVERAGE))
    record.put(skipped(CheckId.EQUIVOCATION, NOT_SIGNED))
    record.put(skipped(CheckId.LEDGER_FOOTPRINT, NOT_SIGNED))
    return _filled(record, "an imported footprint is signed by nobody and anchored nowhere")


def _untp06(record: NodeRecord, passport: Untp06Passport, named: str) -> NodeRecord:
    """A passport of UNTP 0.6. It states one figure and nothing of what a row copies: whoever says otherwise invents."""
    record.put(passed(CheckId.SCHEMA))
    record.id, record.subject_id, record.subject_name = passport.id, passport.product_id, passport.product_name
    record.issuer = f"{passport.issuer_name or passport.issuer_id} (stated, not proven)"
    if named and named != passport.id:
        record.put(failed(CheckId.DIGEST, "pinned under another id", expected=named, found=passport.id))
    record.note(Note("second_hand", Severity.WARNING, f"imported: answered by whoever cites it, not {record.issuer}"))
    record.put(failed(CheckId.AGREEMENT, NOTHING_TO_COPY, expected=", ".join(passport.unknown), found="not stated"))
    for check in (CheckId.CUSTODY, CheckId.DOUBLE_COUNTING, CheckId.EQUIVOCATION, CheckId.LEDGER_FOOTPRINT):
        record.put(skipped(check, NO_COVERAGE if check is CheckId.DOUBLE_COUNTING else NOT_SIGNED))
    return _filled(record, "an imported footprint is signed by nobody and anchored nowhere")


def _figures(record: NodeRecord, footprint: ImportedFootprint) -> None:
    """What the footprint itself lets be judged: its own sums and cut-off; the rest of its problems as notes."""
    record.note(Note("second_hand", Severity.WARNING, f"imported: answered by whoever cites it, not {record.issuer}"))
    record.put(passed(CheckId.AGREEMENT))
    wrong = next((problem for problem in footprint.problems if problem.code in _WRONG_SUM), None)
    if wrong:
        record.put(failed(CheckId.ARITHMETIC, wrong.message, expected=wrong.expected, found=wrong.found))
    else:
        record.put(unknown(CheckId.ARITHMETIC, "an imported footprint cannot be re-done"))
    if footprint.exempted_percent > PACT_EXEMPTION_LIMIT_PERCENT:
        limit = f"at most {PACT_EXEMPTION_LIMIT_PERCENT} %"
        found = f"{footprint.exempted_percent} %"
        record.put(failed(CheckId.COMPLETENESS, "more is exempted than PACT allows", expected=limit, found=found))
    else:
        record.put(unknown(CheckId.COMPLETENESS, "an imported footprint does not say what is missing"))
    for problem in footprint.problems:
        record.note(Note(f"pact:{problem.code}", Severity.WARNING, f"{problem.field}: {problem.message}"))


def _filled(record: NodeRecord, reason: str) -> NodeRecord:
    record.fill(reason)
    return record

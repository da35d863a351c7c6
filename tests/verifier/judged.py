"""What an audit said, in the tests' words."""

from __future__ import annotations

from verifier.outcome import Check, CheckId, Outcome
from verifier.record import NodeRecord
from verifier.report import Report


def name_of(record: NodeRecord) -> str:
    """The tests' name of a node."""
    return record.subject_name.removeprefix("Product ") or record.id


def node(report: Report, name: str) -> NodeRecord:
    """The one node of that name."""
    (found,) = (record for record in report.records.values() if name_of(record) == name)
    return found


def row(report: Report, name: str, check: str) -> Check:
    """One check at one node."""
    found = node(report, name).row(CheckId(check))
    assert found is not None
    return found


def rows_of(report: Report, outcome: Outcome) -> dict[tuple[str, str], Check]:
    """Every row of an outcome by node and check."""
    return {
        (name_of(record), str(check.id)): check
        for record in report.records.values()
        for check in record.ordered()
        if check.outcome is outcome
    }


def only_failure(report: Report, name: str, check: str) -> Check:
    """The one row that failed in the whole audit, which must be this one; the verdict is failed."""
    failed = rows_of(report, Outcome.FAILED)
    assert set(failed) == {(name, check)}, {at: found.reason for at, found in failed.items()}
    assert report.verdict == "failed"
    return failed[name, check]

"""`Verifier.of` a workspace whose chain's node is down: it starts, says so, and recovers when the node is back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from passport import Sandbox, Workspace, read_inventory
from passport.errors import LedgerUnavailableError, WrongChainError
from passport.workspace import workspace as opening
from verifier import Verifier, trust_in
from verifier.outcome import CheckId, Outcome
from verifier.report import Report, Verdict
from verifier.trust import Trust

FLOUR = Path(__file__).resolve().parent.parent.parent / "docs" / "example" / "flour.yaml"
CHAIN = (CheckId.INCLUSION, CheckId.CONSISTENCY, CheckId.IDENTITY, CheckId.STATUS)


class Node:
    """The way to the chain, which a test cuts off and mends."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.tried = 0
        self._open = opening.open_chain

    def open(self, *given: object, **named: object):
        self.tried += 1
        if self.problem is not None:
            raise self.problem
        return self._open(*given, **named)  # type: ignore[arg-type]  # passed on as it came


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node()
    monkeypatch.setattr(opening, "open_chain", made.open)
    return made


@pytest.fixture
def published(tmp_path: Path, now: datetime, node: Node) -> Iterator[tuple[Workspace, Trust, str]]:
    """An auditor that has received an anchored passport and has not reached the chain yet."""
    sandbox = Sandbox.create(tmp_path / "sandbox", clock=lambda: now)
    mill = sandbox.company("Mill Oy", host="mill.example", country="FI")
    trust = trust_in(sandbox.chain)
    issuer = mill.issuer(sandbox.passphrase, accept=Verifier.of(mill, trust).accept)
    issued = issuer.issue(read_inventory(FLOUR).inventory)
    issuer.anchor()
    mill.publish()
    auditor = sandbox.auditor()
    auditor.receive(mill.public)
    auditor.close()
    yield auditor, trust, issued.digest
    auditor.close()


def outcomes(report: Report) -> dict[CheckId, tuple[Outcome, str | None]]:
    record = report.top_record
    return {check: (record.row(check).outcome, record.row(check).reason) for check in CHAIN}


def test_it_starts_says_why_and_recovers(node: Node, published: tuple[Workspace, Trust, str]) -> None:
    auditor, trust, digest = published
    node.problem = LedgerUnavailableError("the node does not answer", where="node.example")
    verifier = Verifier.of(auditor, trust)
    for _ in range(2):
        report = verifier.audit(digest)
        assert report.verdict is Verdict.UNDECIDED
        for outcome, reason in outcomes(report).values():
            assert outcome is Outcome.UNKNOWN
            assert reason
        assert outcomes(report)[CheckId.INCLUSION][1] == "node.example: the node does not answer"
        (note,) = report.notes
        assert (note.code, "the node does not answer" in note.text) == ("chain_out_of_reach", True)
        assert report.top_record.row(CheckId.SIGNATURE).outcome is Outcome.PASSED
    tried = node.tried
    node.problem = None
    report = verifier.audit(digest)
    assert (report.verdict, report.notes) == (Verdict.PASSED, ())
    assert {outcome for outcome, _ in outcomes(report).values()} == {Outcome.PASSED}
    verifier.audit(digest)
    assert node.tried == tried + 1  # once it is reached it is kept


def test_another_chain_is_no_chain_that_is_down(node: Node, published: tuple[Workspace, Trust, str]) -> None:
    auditor, trust, digest = published
    node.problem = LedgerUnavailableError("the node does not answer")
    verifier = Verifier.of(auditor, trust)
    node.problem = WrongChainError("another chain answers at the node's address")
    with pytest.raises(WrongChainError, match="another chain answers"):
        verifier.audit(digest)
    with pytest.raises(WrongChainError, match="another chain answers"):
        Verifier.of(auditor, trust)

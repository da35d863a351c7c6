"""What a report of the service says of its chain: a node that is down, and providers that disagree or say nothing."""

from __future__ import annotations

from typing import Any

import pytest
from lying_provider import LyingProvider
from small_world import JUDGED_AT, OpenService, SmallWorld, judged_at

from passport.errors import LedgerUnavailableError
from passport.ledger.providers import ProviderQuorum
from passport.workspace import Workspace
from passport.workspace import workspace as opening
from verifier.bundling import make_bundle
from verifier.policy import default_policy
from verifier.store_source import StoreSource


@pytest.fixture(scope="module")
def bundle(world: SmallWorld, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The cell's bundle, made by the auditor."""
    path = tmp_path_factory.mktemp("bundle") / "cell.bundle"
    with Workspace.open(world.auditor, clock=judged_at) as auditor:
        make_bundle(
            path,
            StoreSource(auditor.store, auditor.ledger),
            world.cell.digest,
            trust=world.trust,
            ledger=auditor.ledger,
            policy=default_policy(),
            at=JUDGED_AT,
        )
    return path.read_bytes()


class Nodes:
    """The way to the chain, which a test changes."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.with_liar = False
        self._open = opening.open_chain

    def open(self, *given: Any, **named: Any) -> Any:
        if self.problem is not None:
            raise self.problem
        chain: Any = self._open(*given, **named)
        if not self.with_liar:
            return chain
        liar: Any = LyingProvider(chain)
        return ProviderQuorum({"ours": chain, "theirs": chain, "public": liar}, threshold=2)


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    made = Nodes()
    monkeypatch.setattr(opening, "open_chain", made.open)
    return made


def rows(report: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    (top,) = [node for node in report["nodes"] if node["digest"] == report["nodes"][0]["digest"]]
    return {check["id"]: (check["outcome"], check["reason"]) for check in top["checks"]}


def test_a_node_that_is_down_leaves_open_what_needs_it(
    world: SmallWorld, open_service: OpenService, nodes: Nodes
) -> None:
    """The service starts and answers: what the documents show is judged, the rest is unknown, with the reason."""
    nodes.problem = LedgerUnavailableError(
        "the node does not answer", where="https://node.internal/key-1234", found="refused"
    )
    service = open_service(world.auditor, trust=world.trust_file)
    for answer in (
        service.get(f"/v1/passports/{world.cell.digest}/audit"),
        service.post("/v1/verify", content=world.signed(world.cell)),
    ):
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert report["verdict"] == "undecided"
        assert rows(report)["signature"] == ("passed", None)
        assert rows(report)["inclusion"] == ("unknown", "the node does not answer")
        assert rows(report)["identity"][0] == rows(report)["status"][0] == "unknown"
        assert [(note["code"], note["severity"]) for note in report["notes"]] == [("chain_out_of_reach", "warning")]
        assert "node.internal" not in answer.text  # where our nodes are is nobody's business
    nodes.problem = None
    back = service.get(f"/v1/passports/{world.cell.digest}/audit").json()
    assert (back["verdict"], back["notes"]) == ("passed", [])


def test_a_moment_of_the_past_needs_its_chain_too(world: SmallWorld, open_service: OpenService, nodes: Nodes) -> None:
    nodes.problem = LedgerUnavailableError("the node does not answer")
    service = open_service(world.auditor, trust=world.trust_file)
    answer = service.get(f"/v1/passports/{world.cell.digest}/audit?at=2026-11-22T10:00:00Z")
    assert (answer.status_code, answer.json()["verdict"]) == (200, "undecided")


def test_providers_that_disagree_are_named(world: SmallWorld, open_service: OpenService, nodes: Nodes) -> None:
    nodes.with_liar = True
    service = open_service(world.auditor, trust=world.trust_file)
    for answer in (
        service.get(f"/v1/passports/{world.cell.digest}/audit"),
        service.post("/v1/verify", content=world.signed(world.cell)),
    ):
        report = answer.json()
        assert report["verdict"] == "passed"
        told = [note["text"] for note in report["notes"] if note["code"] == "providers_disagree"]
        assert len(told) == 11  # ten of them, and how many more there are
        assert all("public says" in text and "(enough agree)" in text for text in told[:10])
        assert told[10].endswith("more questions")


def test_a_bundle_is_judged_by_its_own_proofs_while_the_node_is_down(
    world: SmallWorld, open_service: OpenService, nodes: Nodes, bundle: bytes
) -> None:
    """Whether its block is final our chain would say; that nobody could ask is said."""
    service = open_service(world.auditor, trust=world.trust_file)
    nodes.with_liar = True
    told = service.post("/v1/verify", content=bundle).json()
    assert "providers_disagree" in {note["code"] for note in told["notes"]}
    nodes.with_liar, nodes.problem = False, LedgerUnavailableError("the node does not answer")
    answer = service.post("/v1/verify", content=bundle)
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"] == "undecided"
    assert "chain_out_of_reach" in {note["code"] for note in answer.json()["notes"]}

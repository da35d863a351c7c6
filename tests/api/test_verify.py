"""`POST /v1/verify`: what is judged, what is refused and why, and that nothing of it stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_world import (
    BUILT_AT,
    JUDGED_AT,
    PASSPHRASE,
    OpenService,
    SmallWorld,
    judged_at,
    small_direct,
    small_inventory,
)
from starlette.testclient import TestClient

from api.deps import get_resources
from api.judging import report_text
from api.resources import Resources
from api.settings import ServiceSettings
from cli.main import main
from passport.ledger_footprint import Period, Rule
from passport.ledger_footprint.anchoring_profile import AnchoringProfile, Per, Scope
from passport.model.digest import Digest, from_sha256
from passport.model.inventory import LedgerCeiling
from passport.store import DocumentKind
from passport.workspace import Workspace
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.policy import default_policy
from verifier.store_source import StoreSource
from verifier.trust import KnownBlock, Trust
from verifier.verifier import Verifier

JSON = {"content-type": "application/json"}


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


def check(report: dict[str, Any], name: str, node: int = 0) -> dict[str, Any]:
    return next(row for row in report["nodes"][node]["checks"] if row["id"] == name)


def refused(answer: Any, status: int, name: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == (f"/problems/{name}", status)
    assert problem["instance"] == "/v1/verify"
    return problem


@pytest.mark.parametrize("media_type", ["application/json", "application/vc", "application/ld+json; charset=utf-8", ""])
def test_a_lone_passport_gets_the_report_that_the_library_writes(
    client: TestClient, world: SmallWorld, media_type: str
) -> None:
    answer = client.post("/v1/verify", content=world.signed(world.cell), headers={"content-type": media_type})
    with Workspace.open(world.auditor, clock=judged_at) as auditor:
        source = StoreSource(auditor.store, auditor.ledger)
        report = Verifier(source, trust=world.trust, clock=judged_at).audit(world.cell.digest)
    assert answer.status_code == 200
    assert answer.content == report_text(report)
    assert answer.json()["verdict"] == "passed"
    # 0.5 kg of the withheld coating at 0.5, of 1.25 + 2 x 4.5 + 0.25 kg CO2e in all.
    assert answer.json()["coverage"]["withheld"] == pytest.approx(0.25 / 10.5)
    assert answer.json()["totals"]["pcfExcludingBiogenicUptake"] == "10.5"
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/json")


@pytest.mark.parametrize(
    "media_type", ["application/vnd.carbon-passport.bundle", "application/octet-stream", "application/json"]
)
def test_a_bundle_gets_the_report_that_the_library_writes(
    client: TestClient, world: SmallWorld, bundle: bytes, media_type: str, tmp_path: Path
) -> None:
    answer = client.post("/v1/verify", content=bundle, headers={"content-type": media_type})
    path = tmp_path / "cell.bundle"
    path.write_bytes(bundle)
    with BundleFile(path) as opened:
        header = opened.header
        known = KnownBlock(number=header.block or 0, hash=header.block_hash or "")
        chain = world.trust.chains[0].model_copy(update={"blocks": (known,)})
        report = audit(
            BundleSource(opened),
            header.top,
            policy=default_policy(),
            trust=Trust(chains=(chain,)),
            settings=Settings(at=JUDGED_AT, is_snapshot=True),
        )
    assert answer.status_code == 200
    assert answer.content == report_text(report)
    assert answer.json()["verdict"] == "passed"


def test_a_bundle_is_judged_without_chain_when_the_trust_file_knows_its_block(
    own_world: SmallWorld, open_service: OpenService, bundle: bytes
) -> None:
    header = json.loads(bundle.partition(b"\n")[0])["asOf"]
    chain = own_world.trust.chains[0].model_copy(
        update={"blocks": (KnownBlock(number=header["block"], hash=header["hash"]),)}
    )
    own_world.trust_file.write_text(json.dumps(Trust(chains=(chain,)).to_json()))
    own_world.chain_file.unlink()
    service = open_service(own_world.auditor, trust=own_world.trust_file)
    answer = service.post("/v1/verify", content=bundle)
    assert (answer.status_code, answer.json()["verdict"]) == (200, "passed")


def test_a_bundle_whose_block_is_not_on_our_chain_is_undecided(
    world: SmallWorld, open_service: OpenService, bundle: bytes
) -> None:
    service = open_service(world.auditor)  # no trust file: nothing says which chain counts
    report = service.post("/v1/verify", content=bundle).json()
    assert report["verdict"] == "undecided"
    assert check(report, "inclusion")["outcome"] == "unknown"


@pytest.mark.parametrize("options", [(), ("--strict",), ("--min-recomputed", "0.99")], ids=["default", "strict", "all"])
def test_the_command_line_prints_the_same_report(
    client: TestClient, world: SmallWorld, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    query = {(): "", ("--strict",): "&strict=true", ("--min-recomputed", "0.99"): "&min_recomputed=0.99"}[options]
    moment = "2026-11-22T11:00:00Z"
    given = ["--workspace", str(world.auditor), "--trust", str(world.trust_file), "--at", moment, "--json", *options]
    main(["audit", world.cell.id, *given])
    printed = json.loads(capsys.readouterr().out)
    served = client.get(f"/v1/passports/{world.cell.digest}/audit?at={moment}{query}").json()
    posted = client.post(f"/v1/verify?at={moment}{query}", content=world.signed(world.cell)).json()
    assert json.dumps(printed) == json.dumps(served) == json.dumps(posted)
    assert served["verdict"] == ("undecided" if options else "passed")


def test_the_documents_below_a_lone_passport_are_those_of_the_service(
    world: SmallWorld, open_service: OpenService, tmp_path: Path
) -> None:
    with Workspace.create(tmp_path / "stranger", clock=judged_at):
        pass
    service = open_service(tmp_path / "stranger", trust=world.trust_file)
    report = service.post("/v1/verify", content=world.signed(world.cell), headers=JSON).json()
    assert report["verdict"] == "undecided"
    assert check(report, "digest")["outcome"] == "passed"
    assert check(report, "signature")["reason"] == "the issuer's DID document is not at hand"


@pytest.mark.parametrize(
    ("old", "new", "failing", "reason"),
    [
        (b'"10.5"', b'"10.4"', "signature", "the signature does not hold"),
        (b'{"@context"', b'{ "@context"', "digest", "not in canonical form"),
        (b'"proofValue":"z', b'"proofValue":"y', "signature", "proofValue"),
    ],
    ids=["a changed total", "white space", "a signature of no known alphabet"],
)
def test_a_changed_passport_is_a_report_that_fails(
    client: TestClient, world: SmallWorld, old: bytes, new: bytes, failing: str, reason: str
) -> None:
    body = world.signed(world.cell)
    assert old in body
    answer = client.post("/v1/verify", content=body.replace(old, new), headers=JSON)
    assert (answer.status_code, answer.json()["verdict"]) == (200, "failed")
    row = check(answer.json(), failing)
    assert row["outcome"] == "failed"
    assert reason in row["reason"]


@pytest.mark.parametrize(
    ("query", "verdict", "reason"),
    [
        ("min_recomputed=0.97", "passed", None),
        ("min_recomputed=1", "undecided", "recomputed 97.6% of gross emissions, demanded 100.0%"),
        ("strict=true", "undecided", "Coating 箔: arithmetic unknown"),
        ("strict=true&min_recomputed=1", "undecided", "demanded 100.0%"),
        ("accept_imported=true", "passed", None),
        ("at=2030-01-01T00:00:00Z", "failed", "validity failed: not valid at the moment that is judged"),
    ],
)
def test_the_query_makes_the_policy(
    client: TestClient, world: SmallWorld, query: str, verdict: str, reason: str | None
) -> None:
    report = client.post(f"/v1/verify?{query}", content=world.signed(world.cell), headers=JSON).json()
    assert report["verdict"] == verdict
    assert any(reason in given for given in report["reasons"]) if reason else report["reasons"] == []


def test_the_past_is_judged_as_of_the_block_of_then(client: TestClient, world: SmallWorld) -> None:
    moment = BUILT_AT + timedelta(seconds=3)
    query = f"at={moment:%Y-%m-%dT%H:%M:%SZ}"
    report = client.post(f"/v1/verify?{query}", content=world.signed(world.foil), headers=JSON).json()
    assert report["as_of"]["at"] == "2026-11-22T10:00:03Z"
    assert report["as_of"]["block_time"] == "2026-11-22T10:00:03Z"
    assert check(report, "inclusion")["outcome"] != "passed"  # it was anchored later


@pytest.mark.parametrize(
    ("query", "where", "detail"),
    [
        ("min_recomputd=1", "query.min_recomputd", "Extra inputs are not permitted"),
        ("min_recomputed=nan", "query.min_recomputed", "finite number"),
        ("min_recomputed=1.5", "query.min_recomputed", "less than or equal to 1"),
        ("at=yesterday", "query.at", "not a time"),
        ("at=2026-11-22T10:00:00", "query.at", "not a time with zone"),
        ("at=0001-01-01T00:00:00Z", "query.at", "since 1970"),
        ("at=2026-11-21T10:00:00Z", "query.at", "the chain began after that moment"),
        ("strict=true&accept_imported=true", "query", "leave out one of the two"),
    ],
)
def test_parameters_that_do_not_hold_are_named(
    client: TestClient, world: SmallWorld, query: str, where: str, detail: str
) -> None:
    answer = client.post(f"/v1/verify?{query}", content=world.signed(world.foil), headers=JSON)
    problem = refused(answer, 422, "invalid-request")
    assert problem["where"] == where
    assert detail in problem["detail"]


@pytest.mark.parametrize(
    ("body", "status", "name", "detail"),
    [
        (b"", 400, "unreadable-document", "the body is empty"),
        (b"{", 400, "unreadable-document", "not JSON"),
        (b'{"a":NaN}', 400, "unreadable-document", "not JSON"),
        (b"\xff\xfe", 400, "unreadable-document", "not JSON"),
        (b'{"proof":{},"proof":{}}', 400, "unreadable-document", "a key stands twice"),
        (b'{"proof":' + b"[" * 200 + b"]" * 200 + b"}", 413, "too-large", "nested too deep"),
        (b"{}", 422, "not-a-passport", "nobody signed it"),
        (b"[1]", 422, "not-a-passport", "nobody signed it"),
        (b'{"asOf":null}\n', 400, "unreadable-document", "not a bundle's header"),
        (b'{"asOf":', 400, "unreadable-document", "not a bundle"),
    ],
)
def test_what_cannot_be_judged_is_refused(client: TestClient, body: bytes, status: int, name: str, detail: str) -> None:
    problem = refused(client.post("/v1/verify", content=body, headers=JSON), status, name)
    assert detail in problem["detail"]


@pytest.mark.parametrize("change", ["truncated", "changed", "longer"])
def test_a_damaged_bundle_is_refused_without_naming_our_disk(client: TestClient, bundle: bytes, change: str) -> None:
    bodies = {
        "truncated": bundle[:-100],
        "changed": bundle[:-100] + b"x" + bundle[-99:],
        "longer": bundle + b"\n",
    }
    problem = refused(client.post("/v1/verify", content=bodies[change]), 400, "unreadable-document")
    assert problem["detail"] == "the bundle is truncated or was changed"
    assert problem["where"] == "bundle"


@pytest.mark.parametrize(
    ("headers", "where"),
    [
        ({"content-type": "text/plain"}, "Content-Type"),
        ({"content-type": "application/x-www-form-urlencoded"}, "Content-Type"),
        ({"content-type": "application/vc", "content-encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_other_media_types_are_refused(client: TestClient, headers: dict[str, str], where: str) -> None:
    problem = refused(client.post("/v1/verify", content=b"{}", headers=headers), 415, "unsupported-media-type")
    assert problem["where"] == where


def _in_pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def test_too_large_a_body_is_refused_by_its_length_or_on_the_way(world: SmallWorld, open_service: OpenService) -> None:
    body = world.signed(world.cell)
    service = open_service(world.auditor, trust=world.trust_file, max_upload_bytes=2048)
    told = refused(service.post("/v1/verify", content=body, headers=JSON), 413, "too-large")
    assert told["found"] == f"{len(body)} bytes"
    streamed = refused(service.post("/v1/verify", content=_in_pieces(body), headers=JSON), 413, "too-large")
    assert (streamed["expected"], streamed["found"]) == ("at most 2048 bytes", "more than 2048 bytes")


def test_a_body_in_pieces_is_judged_like_one(client: TestClient, world: SmallWorld) -> None:
    answer = client.post("/v1/verify", content=_in_pieces(world.signed(world.cell)), headers=JSON)
    assert (answer.status_code, answer.json()["verdict"]) == (200, "passed")


def test_a_slow_body_is_refused(world: SmallWorld, open_service: OpenService) -> None:
    service = open_service(world.auditor, trust=world.trust_file, upload_timeout_s=1e-9)
    problem = refused(service.post("/v1/verify", content=world.signed(world.cell)), 408, "upload-too-slow")
    assert problem["detail"] == "the body did not arrive within 1e-09 seconds"


def test_an_audit_ends_in_time(world: SmallWorld, open_service: OpenService) -> None:
    service = open_service(world.auditor, trust=world.trust_file, audit_timeout_s=1e-9)
    problem = refused(service.post("/v1/verify", content=world.signed(world.cell)), 503, "audit-too-long")
    assert problem["detail"] == "1 of at least 1 nodes were judged in 1e-09 seconds"


def test_beyond_the_bound_of_nodes_the_verdict_is_undecided(world: SmallWorld, open_service: OpenService) -> None:
    service = open_service(world.auditor, trust=world.trust_file, max_nodes=1)
    report = service.post("/v1/verify", content=world.signed(world.cell)).json()
    assert (report["verdict"], report["bounds"]) == ("undecided", ["nodes 1: the tree has more"])


@pytest.mark.parametrize("work", ["audits", "uploads"])
def test_a_busy_service_says_when_to_come_back(world: SmallWorld, open_service: OpenService, work: str) -> None:
    service = open_service(world.auditor)
    settings = ServiceSettings(workspace=world.auditor, max_audits=1, max_uploads=1)
    with Resources(settings, clock=judged_at) as resources:
        service.app.dependency_overrides[get_resources] = lambda: resources  # type: ignore[attr-defined]
        with getattr(resources, work).take():
            answer = service.post("/v1/verify", content=world.signed(world.foil))
            problem = refused(answer, 503, "busy")
            assert answer.headers["retry-after"] == "10"
            assert problem["detail"] == f"1 {work} are under way, which is all that is allowed"
        assert service.post("/v1/verify", content=world.signed(world.foil)).status_code == 200


def test_a_chain_out_of_reach_is_said_and_not_judged_around(own_world: SmallWorld, open_service: OpenService) -> None:
    own_world.chain_file.unlink()
    service = open_service(own_world.auditor, trust=own_world.trust_file)
    answer = service.post("/v1/verify", content=own_world.signed(own_world.foil))
    problem = refused(answer, 503, "ledger-unavailable")
    assert problem["detail"] == "there is no chain file"
    assert answer.headers["retry-after"] == "10"
    assert str(own_world.folder) not in answer.text


def test_nothing_of_an_upload_stays(world: SmallWorld, open_service: OpenService) -> None:
    service = open_service(world.auditor)
    with Resources(ServiceSettings(workspace=world.auditor), clock=judged_at) as resources:
        service.app.dependency_overrides[get_resources] = lambda: resources  # type: ignore[attr-defined]
        before = resources.store.find_documents(DocumentKind.PASSPORT)
        for body in (world.signed(world.cell), b"{", b"{}", b"x" * 100):
            service.post("/v1/verify", content=body)
        assert list(resources.upload_folder.iterdir()) == []
        assert resources.store.find_documents(DocumentKind.PASSPORT) == before
        folder = resources.upload_folder
    assert not folder.exists()


def test_a_ceiling_is_judged_by_the_services_own_profiles(
    own_world: SmallWorld, open_service: OpenService, tmp_path: Path
) -> None:
    """0.001 kg promised of a chain whose profile only the service's owner holds: unknown without, kept with it."""
    profile = AnchoringProfile(
        chain="tests",
        edition="1",
        chain_id="eip155:1337",
        rule=Rule.PER_TRANSACTION,
        per=Per.PASSPORT,
        scope=Scope.ELECTRICITY,
        low=Decimal(0),
        central=Decimal("0.0005"),
        high=Decimal("0.001"),
        period=Period.year(2026),
    )
    file = tmp_path / "ours.json"
    file.write_bytes(profile.to_bytes())
    ceiling = LedgerCeiling(
        amount=Decimal("0.001"), minimum_batch=1, profile_digest=Digest(from_sha256(profile.sha256))
    )
    with Workspace.open(own_world.supplier, clock=judged_at) as supplier:
        issuer = supplier.issuer(PASSPHRASE, accept=lambda upstream: None, ledger_ceiling=ceiling)
        issued = issuer.issue(small_inventory("https://id.sheet.example/1", [small_direct("mill", "3")]))
        issuer.anchor()
        body = supplier.store.get_document(DocumentKind.PASSPORT, issued.digest)
    for profiles, outcome in (((), "unknown"), ((file,), "passed")):
        service = open_service(own_world.supplier, trust=own_world.trust_file, ledger_profiles=profiles)
        report = service.post("/v1/verify", content=body, headers=JSON).json()
        assert check(report, "ledger_footprint")["outcome"] == outcome

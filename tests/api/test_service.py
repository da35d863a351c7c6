"""What holds for the whole service: problems, headers, log, health, description, settings, and how it is started."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from small_world import OpenService, SmallWorld, judged_at
from starlette.testclient import TestClient

from api.app import create_app
from api.deps import get_resources
from api.describe import committed_description
from api.openapi import current_text
from api.problem_kinds import KINDS
from api.problems import TABLE, kind_of
from api.resources import Resources
from api.schemas import AuditReport
from api.server import serve
from api.settings import ServiceSettings
from passport import errors
from passport.errors import PassportError, UsageError
from passport.ledger_footprint import AnchoringProfiles, Rule
from passport.ledger_footprint.anchoring_estimate import make_profile
from passport.workspace import Workspace
from verifier.trust import Trust


def exceptions() -> list[type[PassportError]]:
    found, waiting = [], [PassportError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(sub for sub in kind.__subclasses__() if sub.__module__ == errors.__name__)
    return sorted(found, key=lambda kind: kind.__name__)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_of_problem_has_its_page(client: TestClient, name: str) -> None:
    answer = client.get(KINDS[name].type)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert KINDS[name].title in unescape(answer.text)
    assert "<script" not in answer.text


def test_a_kind_that_there_is_not_has_none(client: TestClient) -> None:
    assert client.get("/problems/nothing").json()["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("LedgerUnavailableError", "ledger-unavailable"),
        ("ProofError", "ledger-unavailable"),
        ("WrongChainError", "wrong-chain"),
        ("NotFoundError", "not-found"),
        ("ReservationError", "store-unavailable"),
        ("SignatureError", "not-a-passport"),
        ("BoundError", "too-large"),
        ("IssueError", "internal"),
    ],
)
def test_exceptions_are_problems_by_their_nearest_ancestor(error: str, name: str) -> None:
    assert kind_of(getattr(errors, error)("x")).name == name


@pytest.mark.parametrize("kind", exceptions(), ids=lambda kind: kind.__name__)
def test_every_exception_is_answered_as_a_problem(
    world: SmallWorld, open_service: OpenService, kind: type[PassportError]
) -> None:
    service = open_service(world.auditor)

    def fail() -> Resources:
        raise kind("what is the matter", where="/secret/place", expected="one", found="other", hint="mend it")

    service.app.dependency_overrides[get_resources] = fail  # type: ignore[attr-defined]
    answer = service.get("/v1/passports")
    expected = KINDS[next(TABLE[base] for base in kind.__mro__ if base in TABLE)]
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (expected.status, "application/problem+json")
    assert (problem["type"], problem["title"]) == (expected.type, expected.title)
    assert (problem["detail"], problem["hint"]) == ("what is the matter", "mend it")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert ("retry-after" in answer.headers) == expected.is_passing
    if expected.status >= 500:  # where it is on this machine is nobody's business
        assert "/secret/place" not in answer.text
    else:
        assert (problem["where"], problem["expected"], problem["found"]) == ("/secret/place", "one", "other")


def test_a_fault_of_ours_is_noted_and_not_told(
    world: SmallWorld, open_service: OpenService, caplog: pytest.LogCaptureFixture
) -> None:
    service = open_service(world.auditor)

    def fail() -> Resources:
        raise RuntimeError("a secret of a document")

    service.app.dependency_overrides[get_resources] = fail  # type: ignore[attr-defined]
    with caplog.at_level(logging.INFO, logger="api.requests"):
        answer = service.get("/v1/passports")
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (500, "/problems/internal")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (record,) = [record for record in caplog.records if record.name == "api.requests"]
    line = json.loads(record.getMessage())
    assert (record.levelname, line["error"], line["request_id"]) == ("ERROR", "RuntimeError", problem["request_id"])
    assert line["at"][-1].startswith("test_service.py:")
    assert line["at"][-1].endswith(" fail")
    assert "secret" not in record.getMessage()


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/", 404, "no-such-page"),
        ("GET", "/v1/verify/", 404, "no-such-page"),
        ("GET", "/v1/verify", 405, "method-not-allowed"),
        ("DELETE", "/v1/passports", 405, "method-not-allowed"),
    ],
)
def test_the_frameworks_own_refusals_are_problems(
    client: TestClient, method: str, path: str, status: int, name: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"/problems/{name}"
    assert answer.json()["instance"] == path
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("path", ["/health/live", "/v1/passports", "/docs", "/openapi.json", "/nothing", "/v1/verify"])
def test_every_answer_is_safe_to_show(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"origin": "https://elsewhere.example"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_a_request_is_one_line_in_the_log_without_its_document(
    client: TestClient, world: SmallWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="api.requests"):
        answer = client.post(
            "/v1/verify?strict=true", content=world.signed(world.foil), headers={"x-request-id": "mine-1"}
        )
    assert answer.headers["x-request-id"] == "mine-1"
    (record,) = [record for record in caplog.records if record.name == "api.requests"]
    line = json.loads(record.getMessage())
    assert set(line) == {"request_id", "method", "path", "status", "bytes_out", "duration_ms"}
    assert (line["request_id"], line["method"], line["path"]) == ("mine-1", "POST", "/v1/verify")
    assert (line["status"], line["bytes_out"]) == (200, len(answer.content))


@pytest.mark.parametrize("given", ["two words", "x" * 65, 'a"b', ""])
def test_a_request_id_that_could_forge_a_log_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/health/live", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


def test_a_service_that_can_judge_is_ready(client: TestClient, world: SmallWorld) -> None:
    assert client.get("/health/live").json() == {"status": "alive"}
    ready = client.get("/health/ready").json()
    with Workspace.open(world.auditor, clock=judged_at) as auditor:
        assert ready == {
            "status": "ready",
            "chain": "eip155:1337",
            "block": auditor.ledger.head().number,
            "trust": True,
        }


def test_without_chain_or_trust_a_service_says_so(tmp_path: Path, open_service: OpenService) -> None:
    with Workspace.create(tmp_path / "stranger", clock=judged_at):
        pass
    service = open_service(tmp_path / "stranger")
    assert service.get("/health/ready").json() == {"status": "ready", "chain": None, "block": None, "trust": False}


def test_the_workspaces_own_trust_file_counts(own_world: SmallWorld, open_service: OpenService) -> None:
    (own_world.auditor / "trust.json").write_bytes(own_world.trust_file.read_bytes())
    assert open_service(own_world.auditor).get("/health/ready").json()["trust"] is True


@pytest.mark.parametrize("fault", ["gone", "another chain", "not trusted", "damaged"])
def test_a_service_that_cannot_judge_says_why(
    own_world: SmallWorld, open_service: OpenService, fault: str, tmp_path: Path
) -> None:
    trust = own_world.trust_file
    expected = {
        "gone": ("ledger-unavailable", "there is no chain file"),
        "another chain": ("wrong-chain", "another chain than the settings name"),
        "not trusted": ("wrong-chain", "the chain in reach is not one that the trust file knows"),
        "damaged": ("ledger-unavailable", "the chain file is damaged or not a chain file"),
    }
    if fault == "gone":
        own_world.chain_file.unlink()
    elif fault == "damaged":
        own_world.chain_file.write_bytes(b"no chain at all" * 1000)
    else:
        strange = own_world.trust.chains[0].model_copy(update={"genesis": "0x" + "ab" * 32})
        if fault == "not trusted":
            trust.write_text(json.dumps(Trust(chains=(strange,)).to_json()))
        else:
            settings = json.loads((own_world.auditor / "workspace.json").read_text())
            settings["chain"]["genesis"] = strange.genesis
            (own_world.auditor / "workspace.json").write_text(json.dumps(settings))
    service = open_service(own_world.auditor, trust=trust)
    answer = service.get("/health/ready")
    name, detail = expected[fault]
    assert (answer.status_code, answer.json()["type"]) == (503, f"/problems/{name}")
    assert answer.json()["detail"].startswith(detail)
    assert answer.headers["retry-after"] == "10"
    assert str(own_world.folder) not in answer.text
    assert service.get("/health/live").status_code == 200


def test_a_chain_that_comes_back_needs_no_new_start(own_world: SmallWorld, open_service: OpenService) -> None:
    away = own_world.chain_file.with_suffix(".away")
    own_world.chain_file.rename(away)
    service = open_service(own_world.auditor, trust=own_world.trust_file, ready_for_s=0)
    assert service.get("/health/ready").status_code == 503
    away.rename(own_world.chain_file)
    assert service.get("/health/ready").status_code == 200
    assert service.get(f"/v1/passports/{own_world.cell.digest}/audit").json()["verdict"] == "passed"


def test_the_committed_description_is_the_services_own() -> None:
    assert committed_description() == current_text(), "run python -m api.openapi"


def test_the_description_is_valid_and_complete() -> None:
    document = json.loads(committed_description())
    validate(document)
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for _, path, operation in operations(document):
        assert operation["summary"], path
        assert "application/problem+json" in operation["responses"]["500"]["content"], path
        for status, answer in operation["responses"].items():
            if status >= "4":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_the_page_for_people_names_every_operation(client: TestClient) -> None:
    page = unescape(client.get("/docs").text)
    for method, path, operation in operations(client.get("/openapi.json").json()):
        assert operation["summary"] in page
        assert f"{method.upper()} {path}" in page
    assert "<script" not in page


def test_the_examples_are_answered_as_described(tmp_path: Path, open_service: OpenService) -> None:
    with Workspace.create(tmp_path / "stranger", clock=judged_at):
        pass
    service = open_service(tmp_path / "stranger")
    verify = json.loads(committed_description())["paths"]["/v1/verify"]["post"]
    example = verify["responses"]["200"]["content"]["application/json"]["example"]
    for media_type in ("application/json", "application/vc", "application/ld+json"):
        body = verify["requestBody"]["content"][media_type]["example"]
        answer = service.post("/v1/verify", content=_canonical(body), headers={"content-type": media_type})
        assert answer.json() == example


def _canonical(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_reports_have_the_described_shape(client: TestClient, world: SmallWorld) -> None:
    for passport in (world.cell, world.coating):
        report = client.get(f"/v1/passports/{passport.digest}/audit").json()
        assert AuditReport.model_validate(report).model_dump(mode="json") == report


def test_problems_say_what_they_say_in_the_description(client: TestClient) -> None:
    described = json.loads(committed_description())["components"]["schemas"]["Problem"]["properties"]
    problem = client.get("/v1/passports?limit=0").json()
    assert set(problem) <= set(described)
    assert problem["errors"] == [{"where": "query.limit", "detail": "Input should be greater than or equal to 1"}]


def test_settings_come_from_arguments_before_the_environment() -> None:
    environ = {
        "PASSPORT_WORKSPACE": "/w",
        "PASSPORT_MAX_AUDITS": "7",
        "PASSPORT_ONLY_OWN": "true",
        "PASSPORT_TRUST": "",
        "PASSPORT_LEDGER_PROFILES": os.pathsep.join(("/p/a.json", "/p/b.json")),
    }
    settings = ServiceSettings.from_environment(environ, max_audits=None, max_nodes=5)
    assert (settings.workspace, settings.max_audits, settings.max_nodes) == (Path("/w"), 7, 5)
    assert (settings.only_own, settings.trust) == (True, None)
    assert settings.ledger_profiles == (Path("/p/a.json"), Path("/p/b.json"))
    assert ServiceSettings.from_environment(environ, max_audits=3).max_audits == 3


@pytest.mark.parametrize(
    ("environ", "where", "hint"),
    [
        ({}, "workspace", "PASSPORT_WORKSPACE"),
        ({"PASSPORT_WORKSPACE": "w", "PASSPORT_MAX_NODES": "many"}, "max_nodes", "PASSPORT_MAX_NODES"),
        ({"PASSPORT_WORKSPACE": "w", "PASSPORT_MAX_UPLOAD_BYTES": "0"}, "max_upload_bytes", "MAX_UPLOAD_BYTES"),
    ],
)
def test_settings_that_do_not_hold_are_named(environ: dict[str, str], where: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        ServiceSettings.from_environment(environ)
    assert caught.value.where == where
    assert hint in (caught.value.hint or "")


def test_building_the_service_opens_nothing(tmp_path: Path) -> None:
    app = create_app(ServiceSettings(workspace=tmp_path / "nowhere"))
    assert app.openapi()["info"]["version"] == "1.0.0"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_one_helpful_line(monkeypatch: pytest.MonkeyPatch, world: SmallWorld) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UsageError, match=r"packages that are not installed.*pip install 'carbon-passport\[api\]'"):
        serve(ServiceSettings(workspace=world.auditor))


def test_the_package_names_what_it_promises_without_the_extra() -> None:
    import api

    assert api.__all__ == ["ServiceSettings", "serve"]
    assert (api.serve, api.ServiceSettings) == (serve, ServiceSettings)
    code = "import sys, api; print([name for name in ('fastapi', 'starlette', 'uvicorn') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_port_in_use_is_named(world: SmallWorld) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match="the service cannot listen there") as caught:
            serve(ServiceSettings(workspace=world.auditor), port=port)
    assert caught.value.where == f"127.0.0.1 port {port}"


def test_a_folder_without_workspace_is_named(tmp_path: Path) -> None:
    with pytest.raises(PassportError, match="no workspace here"):
        serve(ServiceSettings(workspace=tmp_path))


def test_profiles_of_ones_own_are_read_at_the_start(world: SmallWorld, tmp_path: Path) -> None:
    """Beside what ships; one that does not hold is named before anybody asks."""
    file = tmp_path / "ours.json"
    made = make_profile(
        "consortium-qbft",
        chain_id="eip155:4242",
        rule=Rule.PER_TRANSACTION,
        at=judged_at().date(),
        passports_per_year=1000,
    )
    file.write_bytes(made.to_bytes())
    settings = ServiceSettings(workspace=world.auditor, ledger_profiles=(file,))
    with Resources(settings, clock=judged_at) as resources:
        assert resources.ledger_profiles.find(made.sha256) == made
        assert resources.ledger_profiles.profiles[1:] == AnchoringProfiles.shipped().profiles
    file.write_text("{}")
    with pytest.raises(PassportError, match="not an anchoring profile") as caught:
        Resources(settings, clock=judged_at)
    assert caught.value.where == str(file)


def test_a_trust_file_that_does_not_hold_is_named(world: SmallWorld, tmp_path: Path) -> None:
    (tmp_path / "trust.json").write_text('{"format":"other"}')
    with pytest.raises(PassportError, match="trust"):
        serve(ServiceSettings(workspace=world.auditor, trust=tmp_path / "trust.json"))

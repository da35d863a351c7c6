"""Whatever is posted: a report or a problem, never a fault, and no changed document ever passes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import JUDGED_AT, SmallWorld, judged_at
from starlette.testclient import TestClient

from api.app import create_app
from api.problem_kinds import KINDS
from api.settings import ServiceSettings
from passport.workspace import Workspace
from verifier.bundling import make_bundle
from verifier.policy import default_policy
from verifier.store_source import StoreSource

TYPES = ["application/json", "application/vc", "application/vnd.carbon-passport.bundle", "text/plain", "", "a;b=c"]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def service(world: SmallWorld) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(workspace=world.auditor, trust=world.trust_file), clock=judged_at)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def originals(world: SmallWorld, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A passport and a bundle, both of which pass."""
    path: Path = tmp_path_factory.mktemp("fuzz") / "cell.bundle"
    with Workspace.open(world.auditor, clock=judged_at) as auditor:
        source = StoreSource(auditor.store, auditor.ledger)
        make_bundle(
            path,
            source,
            world.cell.digest,
            trust=world.trust,
            ledger=auditor.ledger,
            policy=default_policy(),
            at=JUDGED_AT,
        )
    return [world.signed(world.cell), path.read_bytes()]


def answered(service: TestClient, body: bytes, media_type: str = "") -> str | None:
    """Post; the verdict, or None for a problem, which must be of a known kind and the sender's."""
    answer = service.post("/v1/verify", content=body, headers={"content-type": media_type})
    if answer.status_code == 200:
        verdict: str = answer.json()["verdict"]
        return verdict
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"].removeprefix("/problems/") in KINDS
    assert problem["status"] == answer.status_code
    return None


def test_the_originals_pass(service: TestClient, originals: list[bytes]) -> None:
    assert [answered(service, body) for body in originals] == ["passed", "passed"]


@given(body=st.binary(max_size=300), media_type=st.sampled_from(TYPES))
def test_any_bytes_are_answered(service: TestClient, body: bytes, media_type: str) -> None:
    assert answered(service, body, media_type) != "passed"


@given(document=st.dictionaries(st.sampled_from(["proof", "id", "@context", "asOf", "issuer"]), JSON_VALUES))
def test_any_json_is_answered(service: TestClient, document: dict[str, object]) -> None:
    assert answered(service, json.dumps(document).encode("utf-8", "surrogatepass")) != "passed"


@settings(max_examples=60)
@given(data=st.data())
def test_no_changed_document_passes(service: TestClient, originals: list[bytes], data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(originals), label="original")
    start = data.draw(st.integers(0, len(original) - 1), label="start")
    length = data.draw(st.integers(0, 40), label="length")
    put = data.draw(st.binary(max_size=3), label="put")
    changed = original[:start] + put + original[start + length :]
    if changed != original:
        assert answered(service, changed) != "passed"


@settings(max_examples=40)
@given(data=st.data())
def test_no_changed_value_passes(service: TestClient, originals: list[bytes], data: st.DataObject) -> None:
    """One value of the passport is replaced, and the document written as we write."""
    document = json.loads(originals[0])
    place = document
    while isinstance(place, dict | list) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)), label="key")
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans(), label="stop"):
            place[key] = data.draw(JSON_VALUES, label="value")
            break
        place = inner
    body = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if body.encode("utf-8", "surrogatepass") != originals[0]:
        assert answered(service, body.encode("utf-8", "surrogatepass")) != "passed"

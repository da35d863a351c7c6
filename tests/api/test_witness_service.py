"""The witness as a service: C2SP's status codes, sizes and bodies to the letter, bounds, and what monitors see."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient
from witness_vectors import LOG_KEY, TABLE
from witness_vectors import ORIGIN as VECTORS_ORIGIN
from witness_world import ORIGIN, World

from api.describe import committed_description
from api.openapi import current_text
from api.problem_kinds import KINDS
from api.routers.witness import Serving
from api.witness_app import create_witness_app
from api.witness_settings import WitnessServiceSettings
from passport.errors import UsageError
from passport.ledger.cosignature import Quorum, check_quorum
from passport.ledger.signed_note import parse_note
from passport.ledger.witness import MAX_REQUEST_BYTES, AddCheckpoint, Witness, read_answer

Start = Callable[..., TestClient]
HASH = sha256(ORIGIN.encode()).hexdigest()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "witness.db")
    yield made
    made.file.close()


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """Starts services over the world's witness, and stops them."""
    with ExitStack() as stack:

        def run(witness: Witness | None = None, **limits: Any) -> TestClient:
            settings = WitnessServiceSettings(folder=Path("nowhere"), **limits)
            app = create_witness_app(settings, witness or world.witness)
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield run


def post(client: TestClient, request: AddCheckpoint | bytes, path: str = "/add-checkpoint") -> Any:
    body = request if isinstance(request, bytes) else request.to_bytes()
    return client.post(path, content=body)


def problem(answer: Any, name: str) -> dict[str, Any]:
    """The problem document of a refusal of that kind."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["type"], answer.status_code) == (f"/problems/{name}", KINDS[name].status), body
    return body


def test_the_table_of_sunlight_over_http(world: World, start: Start) -> None:
    logs = {VECTORS_ORIGIN: [LOG_KEY]}
    witness = Witness(world.key, world.private.sign, logs=logs, file=world.file, clock=lambda: world.now)
    client = start(witness)
    shown = f"/{sha256(VECTORS_ORIGIN.encode()).hexdigest()}/checkpoint"
    problem(client.get(shown), "unknown-log")
    for vector in TABLE:
        answer = post(client, vector.body)
        assert answer.status_code == vector.status, vector.name
        if vector.answer is not None:
            # To the letter: Tessera and sigsum compare the media type as a text.
            assert (answer.content, answer.headers["content-type"]) == (vector.answer, "text/x.tlog.size"), vector.name
        elif vector.status == 200:
            sent = parse_note(vector.body.partition(b"\n\n")[2])
            note = read_answer(answer.content, sent)
            check_quorum(note, Quorum((witness.key,), 1))
            assert answer.content.count(b"\n") == 1  # the witness's line alone
            assert client.get(shown).content == note.to_bytes()  # and monitors see it with the log's


def test_every_refusal_has_its_kind(world: World, start: Start) -> None:
    client = start()
    world.grow(4)
    cases: list[tuple[AddCheckpoint | bytes, str]] = [
        (b"", "invalid-checkpoint-request"),
        (b"\xff\xfe", "invalid-checkpoint-request"),
        (AddCheckpoint(9, (), world.note()), "invalid-checkpoint-request"),
        (AddCheckpoint(0, (), world.note(origin="example.com/other")), "unknown-log"),
        (
            AddCheckpoint(0, (), parse_note(world.note().to_bytes().replace(b"\n4\n", b"\n5\n"))),
            "not-signed-by-its-log",
        ),
        (AddCheckpoint(0, (bytes(32),), world.note()), "not-grown-from-the-last"),
    ]
    for request, name in cases:
        found = problem(post(client, request), name)
        assert found["request_id"]
        assert len(json.dumps(found)) < 2000
    assert post(client, world.request(0)).status_code == 200
    problem(post(client, AddCheckpoint(4, (), world.note(bytes(range(32))))), "two-histories")
    stale = post(client, world.request(0))
    assert (stale.status_code, stale.text, stale.headers["content-type"]) == (409, "4\n", "text/x.tlog.size")


def test_what_is_no_such_address(start: Start) -> None:
    client = start()
    problem(client.get("/add-checkpoint"), "method-not-allowed")
    problem(client.get(f"/{HASH.upper()}/checkpoint"), "invalid-request")
    problem(client.get(f"/{HASH}/checkpoint"), "unknown-log")
    problem(client.post("/sign-subtree"), "no-such-page")  # optional, and needs another kind of key
    assert "Have a checkpoint cosigned" in client.get("/docs").text


def test_settings_come_from_the_environment_too() -> None:
    environ = {"PASSPORT_WITNESS_FOLDER": "w", "PASSPORT_WITNESS_PACE_S": "5", "PASSPORT_WITNESS_PREFIX": "/w1"}
    found = WitnessServiceSettings.from_environment(environ, pace_s=None, prefix="/w2")
    assert (found.folder, found.pace_s, found.prefix) == (Path("w"), 5, "/w2")
    with pytest.raises(UsageError, match=r"(?s)pace_s.*PASSPORT_WITNESS_PACE_S"):
        WitnessServiceSettings.from_environment({**environ, "PASSPORT_WITNESS_PACE_S": "-1"})


def test_a_prefix(world: World, start: Start) -> None:
    client = start(prefix="/w/1")
    world.grow(1)
    problem(post(client, world.request(0)), "no-such-page")
    assert post(client, world.request(0), "/w/1/add-checkpoint").status_code == 200
    assert client.get(f"/w/1/{HASH}/checkpoint").status_code == 200
    assert client.get("/health/ready").json() == {"status": "ready", "key": world.key.text}
    with pytest.raises(ValueError, match="prefix"):
        WitnessServiceSettings(folder=Path("nowhere"), prefix="w1")


def test_a_body_is_bounded(start: Start) -> None:
    client = start()
    problem(post(client, b"old 0\n" + b"A" * MAX_REQUEST_BYTES), "too-large")
    problem(post(client, b"old 0\n" + b"A" * (MAX_REQUEST_BYTES - 6)), "invalid-checkpoint-request")


@pytest.mark.anyio
async def test_a_body_that_does_not_arrive(world: World) -> None:
    """The rest is never sent, and the answer comes all the same: nobody waits, whose time is not the test's."""
    app = create_witness_app(WitnessServiceSettings(folder=Path("nowhere"), body_timeout_s=0.05), world.witness)
    sent = []

    async def receive() -> dict[str, Any]:
        if not sent:
            sent.append("first")
            return {"type": "http.request", "body": b"old 0\n", "more_body": True}
        await anyio.sleep_forever()
        raise AssertionError

    answered: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/add-checkpoint",
        "raw_path": b"/add-checkpoint",
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "state": {"witness": Serving(world.witness, None, 0.05)},  # type: ignore[arg-type]  # no place is taken
    }
    await app(scope, receive, send)
    assert answered[0]["status"] == 408


def test_no_more_at_once_than_allowed(world: World, start: Start) -> None:
    """While one is looked at, which waits for the file, another is sent away; afterwards it is served."""
    client = start(max_requests=1)
    world.grow(1)
    holder = sqlite3.connect(world.path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    answers: list[Any] = []
    entered = threading.Event()
    original = world.witness.answer

    def answer(body: bytes) -> bytes:
        entered.set()
        return original(body)

    world.witness.answer = answer  # type: ignore[method-assign]
    first = threading.Thread(target=lambda: answers.append(post(client, world.request(0))))
    first.start()
    assert entered.wait(60)
    busy = problem(post(client, world.request(0)), "busy")
    assert "1 checkpoints are under way" in busy["detail"]
    holder.execute("ROLLBACK")
    holder.close()
    first.join()
    assert [each.status_code for each in answers] == [200]


def test_too_soon_says_when(world: World, start: Start) -> None:
    world.pace_s = 30
    client = start(world.opened(world.file))
    world.grow(1)
    assert post(client, world.request(0)).status_code == 200
    world.grow(1)
    answer = post(client, world.request(1))
    problem(answer, "too-soon")
    assert answer.headers["retry-after"] == "30"


def test_a_witness_that_was_put_back_says_so_and_not_where(
    world: World, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    client = start()
    world.grow(1)
    world.file.condemn()
    with caplog.at_level(logging.INFO, logger="api"):
        found = problem(post(client, world.request(0)), "witness-stopped")
        problem(client.get("/health/ready"), "witness-stopped")
    assert str(world.path) not in json.dumps(found)
    assert "put back" in caplog.text
    assert client.get("/health/live").json() == {"status": "alive"}


def test_the_log_tells_of_two_histories_and_holds_no_note(
    world: World, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    client = start()
    world.grow(2)
    post(client, world.request(0))
    with caplog.at_level(logging.INFO, logger="api"):
        post(client, AddCheckpoint(2, (), world.note(bytes(range(32)))))
    events = [json.loads(each.getMessage()) for each in caplog.records if each.name == "api.witness"]
    assert events == [{"event": "two histories", "origin": ORIGIN}]
    assert "\u2014" not in caplog.text


def test_the_description_is_the_codes_and_valid() -> None:
    """Every kind of refusal that a witness knows is in it, and the size of a conflict in its own media type."""
    name = "witness_openapi.json"
    assert committed_description(name) == current_text(name), "run python -m api.openapi"
    document = json.loads(committed_description(name))
    validate(document)
    answers = document["paths"]["/add-checkpoint"]["post"]["responses"]
    assert set(answers) == {"200", "400", "403", "404", "408", "409", "413", "422", "429", "500", "503"}
    assert set(answers["409"]["content"]) == {"text/x.tlog.size", "application/problem+json"}
    kinds = {
        example["value"]["type"].rpartition("/")[2]
        for answer in answers.values()
        for example in answer["content"].get("application/problem+json", {}).get("examples", {}).values()
    }
    assert {"invalid-checkpoint-request", "two-histories", "too-soon", "witness-stopped", "busy"} <= kinds <= set(KINDS)


def test_a_witness_without_a_key_does_not_start() -> None:
    app = create_witness_app(WitnessServiceSettings(folder=Path("nowhere")), None)
    with pytest.raises(UsageError, match="needs its key"), TestClient(app):
        pass


def test_clients_at_the_same_time(world: World, start: Start) -> None:
    """Two histories from one size, each asked for by several threads at once: one of them is cosigned, and it alone."""
    client = start(max_requests=64)
    world.grow(3)
    post(client, world.request(0))
    first = world.fork()
    world.grow(4)
    requests = [world.request(3), first] * 8
    barrier = threading.Barrier(len(requests))
    statuses: list[tuple[int, int]] = []

    def ask(number: int) -> None:
        barrier.wait()
        statuses.append((number % 2, post(client, requests[number]).status_code))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cosigned = [which for which, status in statuses if status == 200]
    assert len(cosigned) == 1
    assert {status for _, status in statuses} == {200, 409}

"""The relay as a service: its answers to orders, refusals as problems, limits over a restart, no keys in its log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from openapi_spec_validator import validate
from small_world import PASSPHRASE, SmallWorld, judged_at
from starlette.testclient import TestClient

from api.describe import committed_description
from api.openapi import FILES, current_text
from api.problem_kinds import KINDS
from api.relay_app import create_relay_app
from api.relay_settings import RelaySettings
from passport.credentials import Role
from passport.errors import LedgerError, UsageError
from passport.ledger import (
    Account,
    Address,
    CommitOrder,
    LogWriter,
    PassportLogView,
    RegistryWriter,
    StatusKind,
    StatusOrder,
)
from passport.ledger.order import order_bytes, order_document
from passport.ledger.relay_client import RelayClient, RelayedState
from passport.ledger.transactions import Patience
from passport.workspace import Workspace
from passport.workspace.relaying import order_status, paying_account

PLENTY = 10**9


@dataclass
class Maker:
    """The small world's maker, who orders; its log has 256 leaves."""

    world: SmallWorld

    def open(self) -> Workspace:
        return Workspace.open(self.world.maker, clock=judged_at)

    def order(self, size: int = 512, *, by: Account | None = None, **changes: Any) -> tuple[bytes, str, bytes]:
        """An order to commit: as it is sent, its digest, and its root."""
        with self.open() as workspace:
            ring = workspace.keys()
            signer = by or Account(ring.open_account(ring.active(Role.ANCHORING), PASSPHRASE))
            writer = LogWriter(Address(workspace.chain.log), workspace.ledger.chain)
            terms: dict[str, Any] = {
                "prev_size": 256,
                "root": size.to_bytes(32, "big"),
                "size": size,
                "deadline": int(judged_at().timestamp()) + 600,
                **changes,
            }
            signature = writer.sign_commit(signer, workspace.issuer_id, **terms)
            order = CommitOrder(workspace.issuer_id, account=signer.address, signature=signature, **terms)
            document = order_document(order, chain=workspace.ledger.chain, log=writer.address)
            return order_bytes(document), "0x" + writer.order_digest(order).hex(), terms["root"]

    def status(self, index: int) -> bytes:
        """An order to revoke a leaf, in a lane of its own."""
        with self.open() as workspace:
            signer = paying_account(workspace, PASSPHRASE)
            chain, deadline = workspace.ledger.chain, int(judged_at().timestamp()) + 600
            writer, kind, nonce = LogWriter(Address(workspace.chain.log), chain), StatusKind.REVOKED, index << 64
            signature = writer.sign_status(signer, workspace.issuer_id, index, kind, nonce=nonce, deadline=deadline)
            order = StatusOrder(
                workspace.issuer_id, index, kind, 0, bytes(32), nonce, deadline, signer.address, signature
            )
            return order_bytes(order_document(order, chain=chain, log=writer.address))

    def holds(self, root: bytes) -> bool:
        with self.open() as workspace:
            log = PassportLogView(workspace.ledger.state(), Address(workspace.chain.log))
            return log.checkpoint(workspace.issuer_id, root) is not None

    def as_registrar(self, say: Callable[[RegistryWriter, str], Any]) -> None:
        with self.open() as maker, Workspace.open(self.world.folder / "registrar", clock=judged_at) as registrar:
            writer = RegistryWriter(Address(registrar.chain.registry), registrar.ledger.chain)
            registrar.send_as_controller(PASSPHRASE, say(writer, maker.issuer_id))


StartRelay = Callable[..., TestClient]


@pytest.fixture
def start_relay(own_world: SmallWorld) -> Iterator[StartRelay]:
    """Starts relays paid by the supplier's account, and stops them."""
    with ExitStack() as stack:

        def start(**settings: Any) -> TestClient:
            given = {"gas_per_day": PLENTY, "follow_every_s": 3600.0, **settings}
            with Workspace.open(own_world.supplier, clock=judged_at) as workspace:
                account = paying_account(workspace, PASSPHRASE)
            app = create_relay_app(RelaySettings(workspace=own_world.supplier, **given), account, clock=judged_at)
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield start


@pytest.fixture
def maker(own_world: SmallWorld) -> Maker:
    return Maker(own_world)


def post(client: TestClient, order: bytes) -> Any:
    return client.post("/v1/orders", content=order, headers={"Content-Type": "application/json"})


def problem(answer: Any, name: str) -> dict[str, Any]:
    """The problem document of a refusal of that kind."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["type"], answer.status_code) == (f"/problems/{name}", KINDS[name].status), body
    return body


def test_an_order_is_carried_out_and_told_again(start_relay: StartRelay, maker: Maker) -> None:
    client = start_relay()
    order, digest, root = maker.order()
    assert not maker.holds(root)
    answer = post(client, order)
    assert answer.status_code == 200  # on this chain it is final at once
    told = answer.json()
    assert (told["digest"], told["carried_by"], told["state"], told["kind"]) == (digest, digest, "final", "commit")
    assert answer.headers["location"] == told["status_url"] == f"/v1/orders/{digest}"
    assert maker.holds(root)
    assert client.get(told["status_url"]).json() == told
    assert post(client, order).json() == told
    with maker.open() as workspace:
        receipt = workspace.ledger.receipt(bytes.fromhex(told["transaction"][2:]))
    assert receipt is not None
    assert (receipt.status, receipt.block_number) == (True, told["block"])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"kind":"commit"}', "format"),
        (b'{"a":1,"a":2}', "body"),
        (b" " * 5000, "body"),
    ],
)
def test_what_is_no_order(start_relay: StartRelay, body: bytes, where: str) -> None:
    found = problem(post(start_relay(), body), "invalid-order")
    assert found["where"] == where


def test_another_media_type(start_relay: StartRelay, maker: Maker) -> None:
    answer = start_relay().post("/v1/orders", content=maker.order()[0], headers={"Content-Type": "text/plain"})
    problem(answer, "unsupported-media-type")


def test_refusals_have_their_kinds(start_relay: StartRelay, maker: Maker) -> None:
    """Each before anything is paid; the checkpoint is not in the chain afterwards, and an honest order is taken."""
    client = start_relay()
    order, _, root = maker.order()
    document = json.loads(order)
    stranger = Account(b"\x07" * 32)
    cases: list[tuple[bytes, str]] = [
        (json.dumps({**document, "chain": "eip155:1"}).encode(), "wrong-contract"),
        (json.dumps({**document, "size": 768}).encode(), "wrong-signature"),
        (maker.order(by=stranger)[0], "not-registered"),
        (maker.order(deadline=1)[0], "order-expired"),
        (maker.order(prev_size=0)[0], "stale-order"),
        (maker.order(root=bytes(32))[0], "contract-refuses"),
    ]
    for refused, name in cases:
        assert problem(post(client, refused), name)["request_id"]
    assert not maker.holds(root)
    assert post(client, order).status_code == 200


def test_a_suspended_issuer(start_relay: StartRelay, maker: Maker) -> None:
    client = start_relay()
    maker.as_registrar(lambda writer, issuer_id: writer.suspend(issuer_id))
    problem(post(client, maker.order()[0]), "suspended")
    maker.as_registrar(lambda writer, issuer_id: writer.reinstate(issuer_id))
    assert post(client, maker.order()[0]).status_code == 200


def test_rate_and_budget_hold_over_a_restart(start_relay: StartRelay, maker: Maker) -> None:
    assert post(start_relay(commits_per_hour=1), maker.order()[0]).status_code == 200
    again = start_relay(commits_per_hour=1)
    refused = post(again, maker.order(768, prev_size=512)[0])
    problem(refused, "rate-exceeded")
    assert int(refused.headers["retry-after"]) == 3600
    spent = post(start_relay(gas_per_day=120_000), maker.order(768, prev_size=512)[0])
    problem(spent, "budget-spent")
    assert int(spent.headers["retry-after"]) == 24 * 3600
    assert "120000" not in spent.text


def test_a_chain_out_of_reach(start_relay: StartRelay, maker: Maker) -> None:
    client, order = start_relay(), maker.order()[0]
    away = maker.world.chain_file.with_suffix(".away")
    maker.world.chain_file.rename(away)
    problem(post(client, order), "ledger-unavailable")
    problem(client.get("/health/ready"), "ledger-unavailable")
    assert client.get("/health/live").json() == {"status": "alive"}
    away.rename(maker.world.chain_file)
    assert post(client, order).status_code == 200


def test_what_is_not_signed_asks_the_chain_nothing(start_relay: StartRelay, maker: Maker) -> None:
    """Questions to a node can cost money: whoever sends what nobody signed causes none."""
    client, order = start_relay(), maker.order()[0]
    away = maker.world.chain_file.with_suffix(".away")
    maker.world.chain_file.rename(away)
    document = json.loads(order)
    changed = {**document, "size": document["size"] + 1}
    problem(post(client, json.dumps(changed).encode()), "wrong-signature")
    problem(post(client, json.dumps({**document, "log": document["account"]}).encode()), "wrong-contract")
    problem(post(client, order), "ledger-unavailable")


def test_a_body_that_drips_in_takes_no_place(start_relay: StartRelay, maker: Maker) -> None:
    """Else a few quiet connections would keep everybody out."""
    client, order = start_relay(max_requests=1), maker.order()[0]
    places = client.app_state["relay"].requests
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        with places.take():  # free while the body is on its way
            return {"type": "http.request", "body": order, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/orders",
        "raw_path": b"/v1/orders",
        "query_string": b"",
        "headers": [],
        "state": dict(client.app_state),
    }
    anyio.run(client.app, scope, receive, send)
    assert sent[0]["status"] == 200


def test_orders_at_once_do_not_spend_more_than_the_day_has(start_relay: StartRelay, maker: Maker) -> None:
    """Eight at once in eight lanes, with gas for two: what is left is looked at by one at a time."""
    first = start_relay()
    post(first, maker.status(0))
    (spent,) = [first.app_state["relay"].store.taken_since(judged_at() - timedelta(days=1)).gas]
    budget = 3 * spent + 60_000  # a limit is above what is charged by some 40,000
    client = start_relay(gas_per_day=budget)
    orders = [maker.status(index) for index in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda order: post(client, order), orders))
    said = [answer.json().get("state") or answer.json()["type"] for answer in answers]
    assert set(said) == {"final", "/problems/budget-spent"}
    assert 1 <= said.count("final") <= 3
    assert client.app_state["relay"].store.taken_since(judged_at() - timedelta(days=1)).gas <= budget


def test_what_fails_behind_the_scenes_is_logged_without_its_words(
    start_relay: StartRelay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception's message may hold an address with a key in it; the thread goes on."""
    relay = start_relay().app_state["relay"]
    turns = iter([ValueError("https://node.example/SECRET"), LedgerError("no node answers")])
    waits = iter([False, False, True])

    def push() -> None:
        raise next(turns)

    monkeypatch.setattr(relay, "push", push)
    monkeypatch.setattr(relay._stop, "wait", lambda _: next(waits))
    with caplog.at_level(logging.DEBUG):
        relay._follow()
    monkeypatch.undo()
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "api.relay"]
    assert [line["error"] for line in lines] == ["ValueError", "LedgerError"]
    assert any("push" in place for place in lines[0]["at"])
    assert "SECRET" not in caplog.text


def test_a_digest_that_nobody_knows(start_relay: StartRelay) -> None:
    client = start_relay()
    assert problem(client.get("/v1/orders/0x" + "00" * 32), "no-such-order")["found"] == "0x" + "00" * 32
    problem(client.get("/v1/orders/nothing"), "invalid-request")


def test_terms_and_readiness(start_relay: StartRelay, maker: Maker) -> None:
    client = start_relay(commits_per_hour=3, max_fee_wei_per_gas=5)
    with maker.open() as workspace, Workspace.open(maker.world.supplier, clock=judged_at) as payer:
        chain, account = workspace.chain, payer.settings.anchoring
        block = workspace.ledger.final_head().number
    assert client.get("/v1/terms").json() == {
        "chain": chain.chain,
        "genesis": chain.genesis,
        "log": chain.log,
        "registry": chain.registry,
        "account": account,
        "commits_per_hour": 3,
        "statuses_per_hour": 60,
        "gas_per_day": PLENTY,
        "max_fee_wei_per_gas": "5",
        "wallet_gas": 150_000,
    }
    assert client.get("/health/ready").json() == {
        "status": "ready",
        "chain": chain.chain,
        "block": block,
        "can_pay": True,
    }


def by_wallet(order: bytes, **changes: Any) -> bytes:
    """The same order as one of an account that is a contract, whose signature only it can judge."""
    document = json.loads(order) | {"format": "carbon-passport/relay-order/1.1", "signature": "0x" + "11" * 66}
    return json.dumps(document | changes).encode()


def test_an_order_of_a_wallet_is_judged_by_the_chain(start_relay: StartRelay, maker: Maker) -> None:
    client, order = start_relay(), maker.order()[0]
    found = problem(post(client, by_wallet(order)), "wrong-signature")
    assert found["detail"] == "no contract stands at that account, and the signature is not its key's"
    problem(post(client, by_wallet(order, account="0x" + "00" * 19 + "09")), "not-registered")
    problem(post(client, by_wallet(order, format="carbon-passport/relay-order/1.0")), "invalid-order")
    problem(post(start_relay(wallet_gas=0), by_wallet(order)), "wallets-not-served")


def test_so_many_wallets_a_minute_ask_the_chain(start_relay: StartRelay, maker: Maker) -> None:
    """Nothing of them is known to be signed before the node is asked; orders of keys go on."""
    client, order = start_relay(wallets_per_minute=2), maker.order()[0]
    for _ in range(2):
        problem(post(client, by_wallet(order)), "wrong-signature")
    refused = post(client, by_wallet(order))
    assert "accounts that are contracts were looked at within a minute" in problem(refused, "busy")["detail"]
    assert refused.headers["retry-after"] == "60"
    assert post(client, order).status_code == 200


def test_readiness_is_told_again_for_some_seconds(own_world: SmallWorld, maker: Maker) -> None:
    """Anybody may ask, so the chain's node is asked once in five seconds, whatever it said."""
    moment = [judged_at()]
    settings = RelaySettings(workspace=own_world.supplier, gas_per_day=PLENTY, follow_every_s=3600.0)
    with Workspace.open(own_world.supplier, clock=judged_at) as workspace:
        account = paying_account(workspace, PASSPHRASE)
    app = create_relay_app(settings, account, clock=lambda: moment[0])
    away = own_world.chain_file.with_suffix(".away")
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/health/ready").status_code == 200
        own_world.chain_file.rename(away)
        moment[0] += timedelta(seconds=4)
        assert client.get("/health/ready").status_code == 200
        moment[0] += timedelta(seconds=1)
        problem(client.get("/health/ready"), "ledger-unavailable")
        away.rename(own_world.chain_file)
        problem(client.get("/health/ready"), "ledger-unavailable")
        moment[0] += timedelta(seconds=5)
        assert client.get("/health/ready").status_code == 200


def test_its_log_holds_no_order_and_no_key(
    start_relay: StartRelay, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    with Workspace.open(maker.world.supplier, clock=judged_at) as workspace:
        key = paying_account(workspace, PASSPHRASE).key_bytes().hex()
    client, order = start_relay(), maker.order()[0]
    with caplog.at_level(logging.DEBUG):
        assert post(client, order).status_code == 200
        post(client, order[:-9])
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "api.requests"]
    assert [(line["path"], line["status"]) for line in lines] == [("/v1/orders", 200), ("/v1/orders", 422)]
    assert key not in caplog.text
    assert json.loads(order)["signature"][2:] not in caplog.text


def test_one_place_is_one_place(start_relay: StartRelay, maker: Maker) -> None:
    client = start_relay(max_requests=1)
    with client.app_state["relay"].requests.take():
        problem(post(client, maker.order()[0]), "busy")


def test_a_status_by_way_of_a_relay(start_relay: StartRelay, maker: Maker) -> None:
    """The issuer's side over the service in this process: said, waited for, and seen on its own chain."""
    client = start_relay()

    class InProcess(RelayClient):
        def post(self, order: bytes, digest: bytes) -> Any:
            answer = post(client, order).json()
            assert answer["digest"] == "0x" + digest.hex()
            return type("Answer", (), {"state": RelayedState(answer["state"]), "transaction": None, "reason": None})()

    with maker.open() as workspace:
        account = paying_account(workspace, PASSPHRASE)
        relay, patience = InProcess("https://relay.example"), Patience(looks=1)
        order_status(workspace, account, relay, index=0, kind=StatusKind.REVOKED, patience=patience)
        record = PassportLogView(workspace.ledger.state(), Address(workspace.chain.log)).status(workspace.issuer_id, 0)
    assert record.revoked


def test_the_description_is_the_codes_and_valid() -> None:
    (name,) = (file for file in FILES if file.startswith("relay"))
    assert committed_description(name) == current_text(name), "run python -m api.openapi"
    document = json.loads(committed_description(name))
    validate(document)
    kinds = {
        example["value"]["type"].rpartition("/")[2]
        for answer in document["paths"]["/v1/orders"]["post"]["responses"].values()
        for example in answer["content"].get("application/problem+json", {}).get("examples", {}).values()
    }
    assert {"not-registered", "suspended", "rate-exceeded", "budget-spent", "wrong-signature"} <= kinds <= set(KINDS)


def test_settings_come_from_the_environment_under_a_name_of_their_own(tmp_path: Path) -> None:
    environ = {"PASSPORT_RELAY_GAS_PER_DAY": "7", "PASSPORT_GAS_PER_DAY": "9", "PASSPORT_RELAY_COMMITS_PER_HOUR": "2"}
    settings = RelaySettings.from_environment(environ, workspace=tmp_path, commits_per_hour=None)
    assert (settings.gas_per_day, settings.commits_per_hour) == (7, 2)
    with pytest.raises(UsageError, match=r"gas_per_day: .*PASSPORT_RELAY_GAS_PER_DAY"):
        RelaySettings.from_environment({}, workspace=tmp_path)


def test_limits_are_what_settings_say(tmp_path: Path) -> None:
    limits = RelaySettings(workspace=tmp_path, gas_per_day=5).limits
    assert replace(limits, gas_per_day=6).commits_per_hour == 12

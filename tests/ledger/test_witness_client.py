"""A witness is asked within bounds, at addresses that were judged, and its answers are read as what they are."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path
from typing import Any

import pytest
from scripted_witness import Behaviour, Said, honest, running, size_of
from witness_world import ORIGIN, World

from passport.errors import CheckpointRefusedError, LedgerError, LedgerUnavailableError
from passport.ledger.cosignature import Quorum, check_quorum
from passport.ledger.witness import SIZE_TYPE, AddCheckpoint
from passport.witness_client import MAX_ANSWER_BYTES, WitnessClient

LINE = "\u2014 w1.example AAAAAAAA\n".encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "witness.db")
    made.grow(5)
    return made


def ask(behave: Behaviour, request: AddCheckpoint, **options: Any) -> Any:
    with running(behave) as witness:
        client = WitnessClient(witness.url, unsafe_private=True, **options)
        try:
            return client.add_checkpoint(request)
        finally:
            client.close()


def test_an_honest_witness(world: World) -> None:
    request = world.request(0)
    with running(honest(world.witness)) as witness:
        client = WitnessClient(witness.url + "/", unsafe_private=True)
        lines = client.add_checkpoint(request)
        check_quorum(request.note.with_signatures(lines), Quorum((world.key,), 1))
        assert witness.bodies == [request.to_bytes()]
        with pytest.raises(CheckpointRefusedError, match="another size last") as caught:
            client.add_checkpoint(request)
        client.close()
    assert caught.value.last_size == 5


@pytest.mark.parametrize(
    ("said", "reason", "kind"),
    [
        (Said(b"", 400), "does not read the request", CheckpointRefusedError),
        (Said(b"", 403), "knows the log by another key", CheckpointRefusedError),
        (Said(b"", 404), "does not know the log", CheckpointRefusedError),
        (Said(b"", 409), "shown another history", CheckpointRefusedError),
        (Said(b"5\n", 409, {"Content-Type": "text/plain"}), "shown another history", CheckpointRefusedError),
        (Said(b"5\n", 409, {"Content-Type": SIZE_TYPE + "; charset=utf-8"}), "another history", CheckpointRefusedError),
        (Said(b"", 422), "sees no growth", CheckpointRefusedError),
        (Said(b"", 418), "refuses.*status 418", CheckpointRefusedError),
        (size_of("05"), "cannot be read.*no size", LedgerUnavailableError),
        (size_of("-5"), "cannot be read.*no size", LedgerUnavailableError),
        (size_of("5\n"), "cannot be read.*no size", LedgerUnavailableError),
        (size_of("9" * 30), "cannot be read.*no size", LedgerUnavailableError),
        (Said(b"5", 409, {"Content-Type": SIZE_TYPE}), "cannot be read.*no size", LedgerUnavailableError),
        (Said(b""), "cannot be read.*line end", LedgerUnavailableError),
        (Said(b"\xff\n"), "cannot be read", LedgerUnavailableError),
        (Said(b"<html>\n"), "cannot be read.*not the signature", LedgerUnavailableError),
        (Said(LINE * 65), "cannot be read.*too many", LedgerUnavailableError),
        (Said(LINE, 204), "cannot be read.*status 204", LedgerUnavailableError),
        (Said(b"x" * (MAX_ANSWER_BYTES + 1)), f"too long.*{MAX_ANSWER_BYTES}", LedgerError),
        (Said(b"", 302, {"Location": "/w1/add-checkpoint"}), "points elsewhere.*not followed", LedgerError),
        (Said(b"", 307, {"Location": "http://169.254.169.254/"}), "points elsewhere", LedgerError),
        (Said(b"", 429, {"Retry-After": "7"}), r"not cosign now.*429.*in 7 s", LedgerUnavailableError),
        (Said(b"", 503, {"Retry-After": "<b>"}), r"not cosign now.*503.*ask again later", LedgerUnavailableError),
        (Said(b"", 408), "not cosign now", LedgerUnavailableError),
        (None, "does not answer", LedgerUnavailableError),
    ],
)
def test_other_answers(world: World, said: Said | None, reason: str, kind: type[LedgerError]) -> None:
    asked: list[bytes] = []

    def behave(body: bytes) -> Said | None:
        asked.append(body)
        return said

    with pytest.raises(kind, match=reason) as caught:
        ask(behave, world.request(0))
    assert type(caught.value) is kind
    assert getattr(caught.value, "last_size", None) is None
    assert len(asked) == 1  # no redirect was followed, and nothing is asked twice by itself


def test_an_answer_that_drips(world: World) -> None:
    """The clock is looked at before each read, and goes a second each time: the whole exchange has half a one."""
    ticks = itertools.count()

    def behave(body: bytes) -> Said:
        return Said(LINE * 64)

    with pytest.raises(LedgerUnavailableError, match=r"no whole answer in 0\.5 s"):
        ask(behave, world.request(0), timeout_s=0.5, monotonic=lambda: next(ticks) * 1.0)


@pytest.mark.parametrize(
    "url",
    [
        "w1.example",
        "ftp://w1.example",
        "https://",
        "https://user:secret@w1.example",
        "https://w1.example/?a=b",
        "https://w1.example/#x",
        "https://w1.example:0",
        "https://w1.example/a b",
        "https://w1.example/\r\nX: y",
        "https://w1.\u00e9xample",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(LedgerError, match=r"not the address|has no user|not in ASCII") as caught:
        WitnessClient(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1", "64:ff9b::a00:1"]
)
def test_private_addresses_are_not_asked(world: World, address: str) -> None:
    """Not even where a public one stands beside it."""

    def connector(found: str, port: int, timeout_s: float) -> socket.socket:
        raise AssertionError(found)

    client = WitnessClient(
        "https://w1.example", host_lookup=lambda host, port: ["93.184.215.14", address], connector=connector
    )
    with pytest.raises(LedgerError, match=r"not a public one.*--unsafe-private-witnesses") as caught:
        client.add_checkpoint(world.request(0))
    assert caught.value.found == address


def test_what_was_judged_is_what_is_connected(world: World) -> None:
    """The name is looked up once; an address that does not answer is followed by the next."""
    looked_up: list[str] = []
    connected: list[str] = []

    def host_lookup(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["93.184.215.14", "93.184.215.15"]

    with running(honest(world.witness)) as witness:
        port = int(witness.url.split(":")[2].split("/")[0])

        def connector(address: str, at: int, timeout_s: float) -> socket.socket:
            connected.append(f"{address}:{at}")
            if address.endswith(".14"):
                raise ConnectionRefusedError(address)
            return socket.create_connection(("127.0.0.1", port), timeout=timeout_s)

        client = WitnessClient("http://w1.example:81/w1", host_lookup=host_lookup, connector=connector)
        lines = client.add_checkpoint(world.request(0))
        client.close()
    assert [each.name for each in lines] == [world.key.name]
    assert (looked_up, connected) == (["w1.example"], ["93.184.215.14:81", "93.184.215.15:81"])
    assert world.witness.last_size(ORIGIN) == 5


@pytest.mark.parametrize("addresses", [[], None])
def test_a_host_that_is_not_there(world: World, addresses: list[str] | None) -> None:
    def host_lookup(host: str, port: int) -> list[str]:
        if addresses is None:
            raise socket.gaierror(8, "no such name")
        return addresses

    client = WitnessClient("https://w1.example", host_lookup=host_lookup)
    with pytest.raises(LedgerUnavailableError, match=r"does not answer.*(no address|no such name)"):
        client.add_checkpoint(world.request(0))

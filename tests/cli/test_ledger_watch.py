"""`passport ledger watch`: the workspace's chain and a node's, into the store, a picture and gauges."""

from __future__ import annotations

import http.client
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anvil_node import SECONDS_A_BLOCK, Anvil, anvil_program
from cli_runs import Copied, Passport

from cli.chain_gauges import CONTENT_TYPE, GaugeServer, gauges_of, write_gauges
from passport.chain_watch import Followed, Watched, follow
from passport.errors import DocumentError, LedgerError, UsageError

BY_HAND = Watched("eip155:7 0xab", 3, 7, 100, 140, 500, 1000, 4, 1.5, 2.5, None, 2)


def gauge(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"carbon_passport_chain_{name}{{")]
    return float(line.rpartition(" ")[2])


def test_the_workspaces_own_chain(passport: Passport, world: Copied, tmp_path: Path) -> None:
    """Once, and once more: nothing is read twice."""
    auditor = ("--workspace", str(world.folder / "auditor"))
    picture, file = tmp_path / "gas.svg", tmp_path / "chain.prom"
    first = passport("ledger", "watch", *auditor, "--plot", picture, "--metrics", file, "--json")
    assert first.code == 0, first.err
    assert first.json["added"] == first.json["blocks"] == first.json["head"] + 1
    assert first.json["transactions"] == first.json["head"]
    assert "区块" not in picture.read_text("utf-8")
    assert gauge(file.read_text("utf-8"), "block_number") == first.json["head"]
    assert gauge(file.read_text("utf-8"), "gas_used_ratio") == pytest.approx(first.json["utilisation"])
    again = passport("ledger", "watch", *auditor, "--lang", "zh", "--every", 0.1, "--rounds", 2)
    assert again.code == 0, again.err
    assert again.out.count("新增 0 个区块") == 2
    behind = passport("ledger", "watch", *world.at("straits-lantern")[:2], "--first", 0, "--blocks", 3)
    assert (behind.code, "the chain is ahead, at block" in behind.err) == (0, True)


def test_what_is_not_watched(passport: Passport, world: Copied, tmp_path: Path) -> None:
    auditor = ("--workspace", str(world.folder / "auditor"))
    for options, code, said in (
        (("--rounds", 2), 2, "one look is made without --every"),
        (("--plot", "gas.gif"), 2, "not a kind of picture"),
        (("--first", 9_999_999), 2, "the chain is not that long"),
        (("--plot", tmp_path / "no" / "gas.svg"), 3, "cannot be written"),
        (("--metrics", tmp_path / "no" / "chain.prom"), 3, "cannot be written"),
        (("http://127.0.0.1:9", "--every", 0.1, "--rounds", 1), 3, "the node does not answer"),
        (("https://user:secret@node.example",), 1, "secret"),
    ):
        done = passport("ledger", "watch", *options, *auditor)
        assert (done.code, said in done.err) == (code, True), (options, done.err)


def test_one_bad_look_is_not_the_last(passport: Passport, world: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind one address stand several nodes: one knows a block that the next has not, and that ends no watch."""
    looks = iter([LedgerError("there is no such block", where="block 9"), None, LedgerError("there is no such block")])

    def look(*arguments: Any, **options: Any) -> Followed:
        problem = next(looks)
        if problem is not None:
            raise problem
        return follow(*arguments, **options)

    monkeypatch.setattr("passport.chain_watch.follow", look)
    auditor = ("--workspace", str(world.folder / "auditor"), "--every", 0.1)
    done = passport("ledger", "watch", *auditor, "--rounds", 2)
    assert (done.code, "block 9: there is no such block" in done.err, "blocks more" in done.out) == (0, True, True), (
        done.out
    )
    last = passport("ledger", "watch", *auditor, "--rounds", 1)
    assert (last.code, "there is no such block" in last.err) == (3, True)


@pytest.fixture
def node() -> Iterator[Anvil]:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    started = Anvil(program)
    try:
        yield started
    finally:
        started.stop()


@pytest.mark.anvil
def test_a_node(passport: Passport, world: Copied, node: Anvil, tmp_path: Path) -> None:
    """Transfers of 21,000 gas each, counted; then two blocks are replaced and three come."""
    (account,) = node.ask("eth_accounts")
    for _ in range(4):
        node.ask("eth_sendTransaction", {"from": account, "to": account, "value": "0x1"})  # a block each
    auditor = ("--workspace", str(world.folder / "auditor"))
    done = passport("ledger", "watch", node.url, *auditor, "--plot", tmp_path / "gas.png", "--json")
    assert done.code == 0, done.err
    assert (done.json["blocks"], done.json["gas_used"], done.json["transactions"]) == (5, 4 * 21_000, 4)
    assert done.json["seconds_a_block"] == SECONDS_A_BLOCK
    assert done.json["gas_a_year"] == pytest.approx(21_000 / SECONDS_A_BLOCK * 8766 * 3600)
    assert (tmp_path / "gas.png").read_bytes().startswith(b"\x89PNG")
    node.ask("anvil_reorg", 2, [])
    node.mine(3)
    after = passport("ledger", "watch", node.url, *auditor, "--json")
    assert (after.json["replaced"], after.json["added"], after.json["head"]) == (2, 5, 7)
    # What was watched of the workspace's own chain is another chain's.
    own = passport("ledger", "watch", *auditor, "--json")
    assert own.json["chain"].startswith("eip155:1337 ")


def test_gauges_by_hand(tmp_path: Path) -> None:
    """A gauge for what is known; who may make blocks is not, and so has none."""
    text = gauges_of(BY_HAND)
    assert 'carbon_passport_chain_block_number{chain="eip155:7",genesis="0xab"} 7\n' in text
    assert gauge(text, "gas_used_ratio") == 0.5
    assert gauge(text, "block_seconds") == 10
    assert gauge(text, "gas_per_year") == 1.5
    assert "validators" not in text
    assert text.count("# TYPE") == text.count(" gauge\n") == 8
    write_gauges(tmp_path / "chain.prom", text)
    assert (tmp_path / "chain.prom").read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [tmp_path / "chain.prom"]
    with pytest.raises(DocumentError, match="cannot be written"):
        write_gauges(tmp_path / "chain.prom" / "below", text)


def test_gauges_on_a_port() -> None:
    """On this machine alone, one page and nothing else."""
    server = GaugeServer(0)
    with server.serving():
        server.text = gauges_of(BY_HAND)
        for path, status, body in (
            ("/metrics", 200, server.text),
            ("/metrics?x=1", 200, server.text),
            ("/", 404, None),
        ):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == status
            assert answer.getheader("Content-Type") == CONTENT_TYPE
            assert body is None or answer.read().decode() == body
            connection.close()
        with pytest.raises(UsageError, match="cannot listen there"):
            GaugeServer(server.port)


def test_who_hangs_up_is_no_page_of_a_stack_trace(capfd: pytest.CaptureFixture[str]) -> None:
    """A scraper that resets its connection in the middle of a request: the next one is served, and nothing is said."""
    server = GaugeServer(0)
    with server.serving():
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as rude:
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            rude.sendall(b"GET /metrics HTTP/1.1\r\n")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/metrics")
        assert connection.getresponse().status == 200
        connection.close()
    assert capfd.readouterr().err == ""

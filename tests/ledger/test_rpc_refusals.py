"""What goes wrong between us and a node: each case an error of its own that says how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from consortium_setup import account
from scripted_node import GENESIS, HEAD, TIME, IpcServer, Raw, Refusal, ScriptedNode, block

from passport.errors import LedgerError, LedgerUnavailableError, NodeError, TransactionError, WrongChainError
from passport.ledger import Address, BlockRef, Call, ChainRef, Fees, Transactor
from passport.ledger.finality import Finality
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.rpc import RpcChain, RpcPolicy
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import MAX_ANSWER_BYTES, open_wire
from passport.model.keccak import keccak

CHAIN = ChainRef("eip155:1337", GENESIS)
HEAD_BLOCK = BlockRef(7, bytes.fromhex(HEAD[2:]), TIME + 84, bytes.fromhex("33" * 32))
CONTRACT = Address(account(5).address)
OTHER_HASH = "0x" + "44" * 32
INSTANT = RpcPolicy(finality=Finality.from_text("instant"))


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    started = ScriptedNode()
    yield started
    for client in started.clients:
        client.close()
    started.close()


def client_of(node: ScriptedNode, url: str = "", **wire: Any) -> RpcClient:
    """A client that is closed with the node."""
    client = RpcClient(open_wire(url or node.url, **wire))
    node.clients.append(client)
    return client


def connect(node: ScriptedNode, policy: RpcPolicy = INSTANT, *, now: int = TIME + 90, **wire: Any) -> RpcChain:
    return RpcChain.connect(
        client_of(node, **wire), expected=CHAIN, policy=policy, clock=lambda: datetime.fromtimestamp(now, UTC)
    )


# --- the way to the node ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "error", "reason"),
    [
        (Raw(302, headers={"Location": "http://127.0.0.1:1/"}), LedgerError, "points elsewhere.*redirects are not"),
        (Raw(401), LedgerError, r"the node refuses us; expected 200; found 401.*credentials"),
        (Raw(403), LedgerError, "the node refuses us"),
        (Raw(404), LedgerError, "no node answers at this address.*is its path right"),
        (Raw(413), LedgerError, "takes no request of this length"),
        (Raw(429, headers={"Retry-After": "17"}), LedgerUnavailableError, "limits how often it is asked.*in 17 s"),
        (Raw(429), LedgerUnavailableError, "limits how often it is asked.*plan with more requests"),
        (Raw(503), LedgerUnavailableError, "the node fails; expected 200; found 503"),
        (Raw(body=b"<html>"), LedgerUnavailableError, "what JSON-RPC does not allow.*found 6 bytes that are not JSON"),
        (Raw(body=b"[]"), LedgerUnavailableError, "found list"),
        (Raw(body=b'{"id":77,"result":"0x1"}'), LedgerUnavailableError, "an answer to request 77"),
        (Raw(body=b'{"id":1}'), LedgerUnavailableError, "neither result nor error"),
        (Raw(body=b"{" * 4000), LedgerUnavailableError, "not JSON"),
        (
            Raw(body=b'{"id":1', headers={"Content-Length": "99"}, is_cut=True),
            LedgerUnavailableError,
            "does not answer",
        ),
        (Raw(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), LedgerError, "an encoding we did not ask for"),
        (Raw(headers={"Content-Length": str(MAX_ANSWER_BYTES + 1)}, is_cut=True), LedgerUnavailableError, "cut short"),
    ],
    ids=lambda value: None if not isinstance(value, str) else value[:30],
)
def test_answers_that_are_none(node: ScriptedNode, raw: Raw, error: type[LedgerError], reason: str) -> None:
    node.raw = raw
    with pytest.raises(error, match=reason) as caught:
        connect(node)
    assert type(caught.value) is error
    assert f"127.0.0.1:{node.port}" in str(caught.value)


def test_an_answer_that_is_too_long_is_not_read_to_its_end(node: ScriptedNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passport.ledger.rpc_wire.MAX_ANSWER_BYTES", 1000)
    node.raw = Raw(body=b"x" * 2000)
    with pytest.raises(LedgerError, match=r"the node's answer is too long.*expected at most 1000 bytes"):
        connect(node)


def test_time_runs_out_however_often_bytes_come(node: ScriptedNode) -> None:
    """The clock is looked at before each read: the fourth look is past the deadline."""
    ticks = iter([0.0, 0.1, 0.2, *[99.0] * 99])
    with pytest.raises(LedgerUnavailableError, match="TimeoutError: no whole answer in 20 s"):
        connect(node, monotonic=lambda: next(ticks))


def test_nobody_listens(node: ScriptedNode) -> None:
    node.close()
    try:
        with pytest.raises(LedgerUnavailableError, match=r"does not answer; found ConnectionRefused.*is it running"):
            connect(node)
    finally:
        node.close = lambda: None  # type: ignore[method-assign]  # the fixture closes once more


@pytest.mark.parametrize(
    "url",
    ["ftp://node", "https://", "node:8545", "http://no de", "http://node:0", "http://node:x", "ipc:", "", "http://[::"],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(LedgerError, match=r"not the address of a node; expected https://HOST") as caught:
        open_wire(url)
    assert caught.value.found is None


def test_secrets_stay_out_of_every_message(node: ScriptedNode) -> None:
    """Name, password, path and query of the address: sent to the node, told to nobody."""
    url = f"http://us%40er:pa%3Ass@127.0.0.1:{node.port}/v3/PROJECTKEY?token=TOKEN"
    client = client_of(node, url)
    RpcChain.connect(client, expected=CHAIN, policy=INSTANT)
    assert node.requests[0]["authorization"] == "Basic dXNAZXI6cGE6c3M="  # us@er:pa:ss
    assert node.requests[0][""] == "/v3/PROJECTKEY?token=TOKEN"
    assert node.requests[0]["accept-encoding"] == "identity"
    node.raw = Raw(403)
    with pytest.raises(LedgerError) as caught:
        client.ask("eth_chainId")
    said = f"{caught.value} {caught.value.__cause__!r} {client.place} {client!r}"
    for secret in ("us%40er", "us@er", "pa:ss", "PROJECTKEY", "TOKEN"):
        assert secret not in said


def test_credentials_do_not_travel_in_the_clear() -> None:
    with pytest.raises(LedgerError, match=r"http://node\.example: the node's credentials would travel in the clear"):
        open_wire("http://user:secret@node.example/")
    assert open_wire("https://user:secret@node.example/").place == "https://node.example:443"


def test_a_kept_connection_that_was_closed_is_opened_again(node: ScriptedNode) -> None:
    """And the chain behind it is compared anew."""
    chain = connect(node)
    node.raw = Raw(body=b'{"jsonrpc":"2.0","id":4,"result":false}', is_cut=True)
    chain._client.ask("eth_syncing")
    node.raw = None
    asked = len(node.asked)
    chain.head()
    assert [method for method, _ in node.asked[asked:]] == [
        *("eth_getBlockByNumber", "eth_chainId", "eth_getBlockByNumber", "eth_syncing")
    ]
    node.methods |= {"eth_chainId": "0x1", "eth_getTransactionCount": "0x0"}
    chain._client.close()
    with pytest.raises(WrongChainError, match="another chain answers"):
        chain.nonce(account(1).address)
    with pytest.raises(WrongChainError, match="another chain answers"):  # and again: nothing of it is believed
        chain.fees()


def test_a_local_socket(node: ScriptedNode, tmp_path: Path) -> None:
    server = IpcServer(tmp_path / "node.ipc", node)
    try:
        client = RpcClient(open_wire(f"ipc:{tmp_path / 'node.ipc'}"))
        with RpcChain.connect(client, expected=CHAIN, policy=INSTANT) as chain:
            assert chain.head() == HEAD_BLOCK
            assert chain.place == "ipc:node.ipc"
    finally:
        server.close()
    with pytest.raises(LedgerUnavailableError, match=r"ipc:nobody\.ipc: the node does not answer"):
        RpcClient(open_wire(f"ipc:{tmp_path / 'nobody.ipc'}")).ask("eth_chainId")


# --- the chain behind it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "told", "reason"),
    [
        ("eth_chainId", "0x1", r"another chain answers.*expected eip155:1337 from genesis 0x11.*found eip155:1 from"),
        (
            "eth_getBlockByNumber",
            lambda *_: block(0, HEAD),
            r"another chain answers.*found eip155:1337 from genesis 0x22",
        ),
    ],
)
def test_another_chain_is_refused_before_anything_is_signed(
    node: ScriptedNode, method: str, told: object, reason: str
) -> None:
    node.methods[method] = told
    with pytest.raises(WrongChainError, match=reason):
        connect(node)
    assert "eth_sendRawTransaction" not in [name for name, _ in node.asked]


@pytest.mark.parametrize(
    ("syncing", "outcome"),
    [
        ({"currentBlock": "0x5", "highestBlock": "0x9"}, "not caught up with its chain yet; found block 0x5 of 0x9"),
        (True, "not caught up"),
        ({"currentBlock": "0x9", "highestBlock": "0x9"}, None),
        (None, None),
        (Refusal(-32601, "method not found"), None),
        (Refusal(-32603, "oops"), "the node fails"),
    ],
)
def test_a_node_that_has_not_caught_up(node: ScriptedNode, syncing: object, outcome: str | None) -> None:
    node.methods["eth_syncing"] = syncing
    if outcome is None:
        assert connect(node).chain == CHAIN
    else:
        with pytest.raises(LedgerUnavailableError, match=outcome):
            connect(node)


def test_a_node_out_of_step(node: ScriptedNode) -> None:
    policy = RpcPolicy(finality=Finality.from_text("instant"), max_head_age_s=60)
    assert connect(node, policy, now=TIME + 84 + 60).head() == HEAD_BLOCK
    with pytest.raises(LedgerUnavailableError, match=r"newest block is old; expected at most 60 s old; found 61 s old"):
        connect(node, policy, now=TIME + 84 + 61).head()


@pytest.mark.parametrize(
    ("rule", "asked"), [("finalized", "finalized"), ("safe", "safe"), ("depth:3", "0x4"), ("depth:99", "0x0")]
)
def test_what_is_final_is_what_the_settings_say(node: ScriptedNode, rule: str, asked: str) -> None:
    numbers = {"finalized": 4, "safe": 5, "0x4": 4, "latest": 7, "0x0": 0}
    node.methods["eth_getBlockByNumber"] = lambda tag, _full: block(
        numbers[tag], GENESIS if tag == "0x0" else f"0x{numbers[tag]:064x}"
    )
    chain = connect(node, RpcPolicy(finality=Finality.from_text(rule)))
    assert Finality.from_text(rule).to_text() == rule
    assert chain.final_head().number == numbers[asked]
    assert node.asked[-1] == ("eth_getBlockByNumber", [asked, False])


@pytest.mark.parametrize("rule", ["depth:", "depth:-1", "depth:01", "depth:9999999", "Finalized", "", "latest"])
def test_no_kind_of_finality(rule: str) -> None:
    with pytest.raises(LedgerError, match="no kind of finality; expected finalized, safe, instant or depth:N"):
        Finality.from_text(rule)


def test_a_node_without_final_blocks_says_so(node: ScriptedNode) -> None:
    known = node.methods["eth_getBlockByNumber"]
    node.methods["eth_getBlockByNumber"] = lambda tag, full: None if tag == "safe" else known(tag, full)
    with pytest.raises(LedgerError, match=r"safe block: there is no such block.*is the finality set right"):
        connect(node, RpcPolicy(finality=Finality.from_text("safe"))).final_head()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"hash": "0x22"}, "block hash.*expected 32 bytes as 0x"),
        ({"hash": None}, "block hash"),
        ({"number": "7"}, "block number.*shortest form"),
        ({"number": "0x07"}, "block number.*shortest form"),
        ({"number": hex(1 << 41)}, "block number"),
        ({"timestamp": hex(1 << 60)}, "block time"),
        ({"timestamp": 5}, "block time"),
        ({"stateRoot": "0x" + "zz" * 32}, "state root"),
    ],
)
def test_malformed_blocks(node: ScriptedNode, changed: dict[str, object], reason: str) -> None:
    chain = connect(node)
    node.methods["eth_getBlockByNumber"] = lambda *_: block(7, HEAD) | changed
    with pytest.raises(LedgerError, match=reason):
        chain.head()


def test_another_block_than_was_asked_for(node: ScriptedNode) -> None:
    chain = connect(node)
    with pytest.raises(LedgerError, match="answers with another block; expected 5"):
        chain.block(5)
    node.methods["eth_getBlockByHash"] = lambda *_: block(7, HEAD)
    with pytest.raises(LedgerError, match="answers with another block"):
        chain.block(b"\x55" * 32)


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (Refusal(-32000, "missing trie node 0abc (path )"), r"no longer has the state.*archive node"),
        (Refusal(-32000, "required historical state unavailable (reexec=128)"), "no longer has the state"),
        (Refusal(-32000, "distance to target block exceeds maximum proof window"), "no longer has the state"),
        (Refusal(-32000, "header not found"), "does not know that block"),
        (Refusal(-32000, "hash 0x22 is not currently canonical"), "does not know that block"),
        (Refusal(-32001, "Resource not found"), "does not know that block"),
        (Refusal(-32005, "daily request count exceeded"), "limits how often"),
        (Refusal(-32000, "Too Many Requests"), "limits how often"),
        (Refusal(-32603, "boom"), "the node fails"),
    ],
)
def test_states_that_cannot_be_read_now(node: ScriptedNode, refusal: Refusal, reason: str) -> None:
    node.methods["eth_getStorageAt"] = refusal
    with pytest.raises(LedgerUnavailableError, match=reason):
        connect(node).state(HEAD_BLOCK).storage(CONTRACT, 1)


def test_a_refusal_nobody_knows_is_told_as_it_came(node: ScriptedNode) -> None:
    node.methods["eth_getStorageAt"] = Refusal(-32099, "the moon is full")
    with pytest.raises(
        NodeError, match=r"the node refuses eth_getStorageAt; found the moon is full \(-32099\)"
    ) as caught:
        connect(node).state(HEAD_BLOCK).storage(CONTRACT, 1)
    assert (caught.value.code, caught.value.said) == (-32099, "the moon is full")


@pytest.mark.parametrize(
    ("text", "word"), [("0x" + "00" * 31 + "07", 7), ("0x7", 7), ("0x", 0), ("0x0", 0), ("0x" + "ff" * 32, 2**256 - 1)]
)
def test_words_as_nodes_write_them(node: ScriptedNode, text: str, word: int) -> None:
    node.methods["eth_getStorageAt"] = text
    assert connect(node).state(HEAD_BLOCK).storage(CONTRACT, 1) == word
    asked = next(parameters for method, parameters in node.asked if method == "eth_getStorageAt")
    assert asked == [CONTRACT, "0x" + "00" * 31 + "01", {"blockHash": HEAD, "requireCanonical": True}]


@pytest.mark.parametrize("text", ["0x" + "00" * 33, "7", None, 7, "0xzz", {}])
def test_what_is_no_word(node: ScriptedNode, text: object) -> None:
    node.methods["eth_getStorageAt"] = text
    with pytest.raises(LedgerError, match=r"storage word.*expected 32 bytes"):
        connect(node).state(HEAD_BLOCK).storage(CONTRACT, 1)


def test_a_block_replaced_under_a_node_without_hashes(node: ScriptedNode) -> None:
    """It knows numbers only, and between question and answer another block took the number."""
    node.methods["eth_getBalance"] = Refusal(-32602, "invalid argument 1: hex string without 0x prefix")
    node.methods["eth_getStorageAt"] = "0x7"
    chain = connect(node)
    assert chain.state(HEAD_BLOCK).storage(CONTRACT, 1) == 7
    assert ("eth_getStorageAt", [CONTRACT, "0x" + "00" * 31 + "01", "0x7"]) in node.asked
    known = node.methods["eth_getBlockByNumber"]
    node.methods["eth_getBlockByNumber"] = lambda tag, full: block(7, OTHER_HASH) if tag == "0x7" else known(tag, full)
    with pytest.raises(LedgerUnavailableError, match="block 7: the block was replaced while it was read"):
        chain.state(HEAD_BLOCK).storage(CONTRACT, 2)


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ({"accountProof": [], "storageProof": []}, "proves other slots than asked for"),
        ({"accountProof": "0x", "storageProof": [{"proof": []}]}, "no list of trie nodes"),
        ({"accountProof": ["0x" + "00" * 3000], "storageProof": [{"proof": []}]}, "a trie node is too long"),
        (
            {"accountProof": ["0x00"] * 99, "storageProof": [{"proof": []}]},
            "no list of trie nodes; expected at most 70",
        ),
        ({"accountProof": ["0xc0"], "storageProof": [{"proof": []}]}, r"does not reach.*the node is faulty or lies"),
        ([], "proof.*expected an object"),
    ],
)
def test_proofs_that_prove_nothing(node: ScriptedNode, proof: object, reason: str) -> None:
    node.methods["eth_getProof"] = proof
    chain = connect(node, RpcPolicy(finality=Finality.from_text("instant"), reads="proofs"))
    with pytest.raises(LedgerError, match=reason):
        chain.state(HEAD_BLOCK).storage(CONTRACT, 1)


# --- sending ---------------------------------------------------------------------------------------------------------

RAW = account(1).sign_transaction(
    chain_id=1337, nonce=3, to=CONTRACT, data=b"\x01", gas=50_000, fees=Fees(2 * 10**9, 10**9)
)


@pytest.mark.parametrize(
    "said",
    [
        "already known",
        "ALREADY_EXISTS: already known",
        "AlreadyKnown",
        "Known transaction",
        "transaction already imported",
    ],
)
def test_known_already_is_sent(node: ScriptedNode, said: str) -> None:
    node.methods["eth_sendRawTransaction"] = Refusal(-32000, said)
    assert connect(node).send_raw(RAW.raw) == RAW.hash


@pytest.mark.parametrize(
    ("refusal", "where"),
    [
        (Refusal(-32000, "nonce too low: next nonce 5, tx nonce 3"), "nonce"),
        (Refusal(-32001, "Nonce too low"), "nonce"),
        (Refusal(-32010, "OldNonce"), "nonce"),
        (Refusal(-32000, "nonce too high"), "nonce"),
        (Refusal(-32000, "replacement transaction underpriced"), "fee"),
        (Refusal(-32000, "transaction underpriced: gas tip cap 0, minimum needed 1"), "fee"),
        (Refusal(-32003, "max fee per gas less than block base fee"), "fee"),
        (Refusal(-32010, "FeeTooLow, MaxFeePerGas too low"), "fee"),
        (Refusal(-32000, "insufficient funds for gas * price + value: balance 0"), "funds"),
        (Refusal(-32004, "Upfront cost exceeds account balance"), "funds"),
        (Refusal(-32000, "intrinsic gas too low"), None),
    ],
)
def test_refusals_are_told_apart(node: ScriptedNode, refusal: Refusal, where: str | None) -> None:
    node.methods["eth_sendRawTransaction"] = refusal
    with pytest.raises(TransactionError, match="found ") as caught:
        connect(node).send_raw(RAW.raw)
    assert caught.value.where == where


@pytest.mark.parametrize("told", [Refusal(-32603, "internal error"), Refusal(-32005, "limit"), HEAD, None, {}])
def test_nobody_knows_whether_it_arrived(node: ScriptedNode, told: object) -> None:
    node.methods["eth_sendRawTransaction"] = told
    with pytest.raises(LedgerUnavailableError):
        connect(node).send_raw(RAW.raw)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        (None, None),
        ({"blockHash": None}, None),
        ({"blockHash": OTHER_HASH}, None),  # of a block that was replaced
        ({"transactionHash": HEAD}, "another transaction's receipt"),
        ({"status": "0x2"}, "receipt's status"),
        ({"status": None}, "receipt's status"),
        ({"gasUsed": "1"}, "receipt's gas"),
        ({"contractAddress": "0x01"}, "created contract"),
    ],
)
def test_receipts(node: ScriptedNode, changed: dict[str, object] | None, outcome: str | None) -> None:
    good = {
        "transactionHash": "0x" + RAW.hash.hex(),
        "blockHash": HEAD,
        "blockNumber": "0x7",
        "status": "0x1",
        "gasUsed": "0x5208",
        "contractAddress": None,
    }
    node.methods["eth_getTransactionReceipt"] = None if changed is None else good | changed
    chain = connect(node)
    if outcome is None:
        assert chain.receipt(RAW.hash) is None
    else:
        with pytest.raises(LedgerError, match=outcome):
            chain.receipt(RAW.hash)
    node.methods["eth_getTransactionReceipt"] = good
    receipt = chain.receipt(RAW.hash)
    assert receipt is not None
    assert (receipt.status, receipt.block_number, receipt.gas_used) == (True, 7, 21_000)


@pytest.mark.parametrize(
    ("methods", "policy", "expected"),
    [
        ({"eth_maxPriorityFeePerGas": "0x5f5e100"}, {}, Fees(21 * 10**8, 10**8)),
        # No such method: the usual price less the base fee.
        ({"eth_gasPrice": hex(13 * 10**8)}, {}, Fees(23 * 10**8, 3 * 10**8)),
        ({"eth_gasPrice": hex(5)}, {"fees": "legacy"}, Fees(5, 5, is_legacy=True)),
        ({}, {"fees": "zero"}, Fees(0, 0, is_legacy=True)),
        ({"eth_maxPriorityFeePerGas": "0x5f5e100"}, {"max_fee_wei_per_gas": 15 * 10**8}, Fees(15 * 10**8, 10**8)),
        ({"eth_gasPrice": "0x0", "base": None}, {}, Fees(0, 0, is_legacy=True)),
    ],
)
def test_what_is_bid(node: ScriptedNode, methods: dict[str, object], policy: dict[str, Any], expected: Fees) -> None:
    """By hand from a base fee of 1 gwei: twice it and the tip; a gas price where there is none."""
    if "base" in methods:
        node.methods["eth_getBlockByNumber"] = lambda tag, _full: {
            name: value
            for name, value in (block(0, GENESIS) if tag == "0x0" else block(7, HEAD)).items()
            if name != "baseFeePerGas"
        }
    node.methods |= methods
    assert connect(node, RpcPolicy(finality=Finality.from_text("instant"), **policy)).fees() == expected


@pytest.mark.parametrize(
    ("policy", "found"), [({}, 11 * 10**8), ({"fees": "legacy"}, 12 * 10**8)], ids=["EIP-1559", "legacy"]
)
def test_a_price_above_the_limit_is_not_paid(node: ScriptedNode, policy: dict[str, Any], found: int) -> None:
    node.methods |= {"eth_maxPriorityFeePerGas": hex(10**8), "eth_gasPrice": hex(12 * 10**8)}
    limited = RpcPolicy(finality=Finality.from_text("instant"), max_fee_wei_per_gas=10**9, **policy)
    with pytest.raises(
        LedgerUnavailableError,
        match=rf"more now than the chain's settings allow.*at most 1000000000 wei; found {found} wei.*when it is",
    ):
        connect(node, limited).fees()


def test_a_higher_bid_keeps_to_the_limit(node: ScriptedNode) -> None:
    """2 gwei and an eighth are 2.25: within 3, and above 2.2."""
    node.methods |= {
        "eth_maxPriorityFeePerGas": hex(10**8),
        "eth_call": "0x",
        "eth_estimateGas": hex(40_000),
        "eth_getTransactionCount": "0x9",
    }
    call = Call(CONTRACT, b"\x01")

    def replaced(limit: int) -> Any:
        policy = RpcPolicy(finality=Finality.from_text("instant"), max_fee_wei_per_gas=limit)
        return Transactor(connect(node, policy), account(1)).replace(call, RAW)

    raised = replaced(3 * 10**9)
    transaction = read_transaction(raised.raw)
    assert (raised.nonce, transaction.nonce, transaction.sender()) == (3, 3, account(1).address)
    assert transaction.fees == Fees(2_250_000_000, 1_125_000_000)
    assert (transaction.gas, transaction.to, transaction.data) == (60_000, CONTRACT, b"\x01")
    assert keccak(raised.raw) == raised.hash != RAW.hash
    with pytest.raises(LedgerUnavailableError, match=r"to bid more for it is above the limit.*at most 2200000000 wei"):
        replaced(22 * 10**8)


def test_where_gas_is_free_nothing_is_outbid(node: ScriptedNode) -> None:
    free = account(1).sign_transaction(
        chain_id=1337, nonce=3, to=CONTRACT, data=b"", gas=50_000, fees=Fees(0, 0, is_legacy=True)
    )
    chain = connect(node, RpcPolicy(finality=Finality.from_text("instant"), fees="zero"))
    assert Transactor(chain, account(1)).replace(Call(CONTRACT, b""), free) is free


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal(3, "execution reverted", "0xdeadbeef"), b"\xde\xad\xbe\xef"),
        (Refusal(-32000, "VM execution error", "Reverted 0xdeadbeef"), b"\xde\xad\xbe\xef"),
        (Refusal(-32015, "VM execution error.", {"data": "0xdeadbeef"}), b"\xde\xad\xbe\xef"),
        (Refusal(-32000, "execution reverted"), b""),
    ],
)
def test_reverts_as_nodes_tell_them(node: ScriptedNode, refusal: Refusal, said: bytes) -> None:
    node.methods["eth_call"] = refusal
    execution = connect(node).simulate(account(1).address, CONTRACT, b"\x01")
    assert (execution.success, execution.output) == (False, said)


def test_a_poor_account_is_told_when_gas_is_estimated(node: ScriptedNode) -> None:
    node.methods |= {"eth_call": "0x", "eth_estimateGas": Refusal(-32000, "insufficient funds for transfer")}
    with pytest.raises(TransactionError, match=r"funds: the account cannot pay.*passport chain accounts"):
        connect(node).simulate(account(1).address, CONTRACT, b"\x01")


@pytest.mark.parametrize(
    "ask",
    [
        lambda chain: chain.nonce(account(1).address),
        lambda chain: chain.code(account(1).address),
        lambda chain: chain.simulate(account(1).address, None, b""),
        lambda chain: chain.receipt(bytes(32)),
        lambda chain: chain.fees(),
        lambda chain: chain.evidence(HEAD_BLOCK, {CONTRACT: {1}}),
    ],
)
def test_a_node_that_knows_nothing_else(node: ScriptedNode, ask: Callable[[RpcChain], object]) -> None:
    """Whatever is missing, the error is one of ours."""
    chain = connect(node)
    with pytest.raises(LedgerError):
        ask(chain)

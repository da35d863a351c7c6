"""Receipts of a real node's blocks: many transactions of several types in one, batches, and the history of hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from anvil_node import Anvil, anvil_program, running
from consortium_setup import BOTH, ISSUER_LEI, ROOT_LEI, Consortium, account
from lying_provider import LyingProvider

from passport.errors import LedgerError, LedgerUnavailableError, NodeError, ProofError
from passport.ledger import (
    Address,
    BatchWriter,
    CommitOrder,
    Fees,
    PassportLogView,
    ProvenState,
    RegistryWriter,
    StatusKind,
    Transactor,
    deploy,
    deploy_batcher,
    issuer_id,
)
from passport.ledger.ancestry import HISTORY_CODE_HASH, HISTORY_CONTRACT, Ancestry, history_slot
from passport.ledger.entity import issuer_id_bytes
from passport.ledger.finality import Finality
from passport.ledger.log_events import COMMITTED, RANGE_REVOKED, STATUS_SET, read_log_events
from passport.ledger.proofs import block_of_header
from passport.ledger.providers import ProviderQuorum
from passport.ledger.receipt_proof import prove_receipt
from passport.ledger.rpc import RpcChain, RpcPolicy
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import open_wire
from passport.model.keccak import keccak
from verifier.tied_receipts import tie

pytestmark = pytest.mark.anvil

STRANGERS = range(20, 60)
OTHER_LEI = "5493006MHB84DD0ZWV18"  # Alphabet Inc., as published by GLEIF; it stands for a second issuer


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    with running(program, "--block-base-fee-per-gas", "1000000000") as started:
        for number in (1, 2, 3, 4, 5, *STRANGERS):
            started.give(account(number).address)
        yield started


def connect(node: Anvil) -> RpcChain:
    now = datetime.now(UTC)
    policy = RpcPolicy(finality=Finality.from_text("instant"), has_blocks_on_demand=True)
    return RpcChain.connect(RpcClient(open_wire(node.url)), expected=None, policy=policy, clock=lambda: now)


@pytest.fixture(scope="module")
def consortium(node: Anvil) -> Iterator[Consortium]:
    """Two issuers of one log; blocks come by `node.mine` alone once they are made."""
    chain = connect(node)
    root, controller, anchorer, stranger = (account(n) for n in (1, 2, 3, 4))
    subject = issuer_id("LEI", ISSUER_LEI)
    place = deploy(chain, root, scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32)
    registry = RegistryWriter(place.registry, chain.chain)
    for lei, key in ((ISSUER_LEI, anchorer), (OTHER_LEI, account(5))):
        entity = issuer_id("LEI", lei)
        Transactor(chain, root).send(
            registry.register_issuer("LEI", lei, controller=controller.address, evidence_hash=b"\x02" * 32)
        )
        signature = registry.sign_binding(key, entity, purposes=BOTH)
        Transactor(chain, controller).send(
            registry.bind_account_key(entity, key.address, purposes=BOTH, signature=signature)
        )
    node.ask("evm_setAutomine", False)
    yield Consortium(chain, place, root, controller, anchorer, stranger, subject)  # type: ignore[arg-type]  # any chain
    chain.close()


def send(chain: Any, sender: int, to: Address, data: bytes, *, is_legacy: bool = False, gas: int = 400_000) -> bytes:
    """Into the pool, not yet into a block."""
    who = account(sender)
    fees = Fees(3_000_000_000, 3_000_000_000 if is_legacy else 1_000_000_000, is_legacy)
    signed = who.sign_transaction(
        chain_id=chain.chain.chain_id, nonce=chain.nonce(who.address), to=to, data=data, gas=gas, fees=fees
    )
    sent: bytes = chain.send_raw(signed.raw)
    return sent


@pytest.fixture(scope="module")
def crowded(node: Anvil, consortium: Consortium) -> tuple[int, bytes, bytes]:
    """A block with two transactions of each of twenty strangers, legacy and typed, and a checkpoint among them."""
    chain, root = consortium.chain, (256).to_bytes(32, "big")
    for number in STRANGERS:
        send(chain, number, consortium.stranger.address, b"\x01" * (number % 7), is_legacy=number % 2 == 0)
        if number == 40:
            call = consortium.log.commit(consortium.issuer_id, prev_size=0, root=root, size=256)
            ours = send(chain, 3, consortium.place.log, call.data, is_legacy=True)
    node.mine()
    return chain.head().number, ours, root


def test_a_checkpoint_among_many(node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]) -> None:
    """Its gas is what the node says of it, though the node is believed in nothing but the block's hash."""
    number, ours, root = crowded
    (evidence,) = consortium.chain.receipts_touching(consortium.place.log, number)
    told = node.ask("eth_getTransactionReceipt", "0x" + ours.hex())
    proven = prove_receipt(evidence)
    assert proven.block == consortium.chain.block(number)
    assert (proven.gas_used, proven.index) == (int(told["gasUsed"], 16), int(told["transactionIndex"], 16))
    assert len(node.ask("eth_getBlockByNumber", hex(number), False)["transactions"]) == len(STRANGERS) + 1
    (said,) = read_log_events(proven.events, bytes.fromhex(consortium.place.log[2:])).commits
    assert (said.issuer, said.root, said.size, said.seq) == (issuer_id_bytes(consortium.issuer_id), root, 256, 1)


def test_every_transaction_of_the_block(node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]) -> None:
    """Each position's gas, of legacy and typed receipts alike, is the node's."""
    from passport.ledger.receipt_proof import collect_receipt
    from passport.ledger.receipt_trie import receipts_trie, sealed_receipts

    answers = node.ask("eth_getBlockReceipts", hex(crowded[0]))
    assert {each["type"] for each in answers} == {"0x0", "0x2"}
    header = consortium.chain.header(crowded[0])
    root = bytes.fromhex(node.ask("eth_getBlockByNumber", hex(crowded[0]), False)["receiptsRoot"][2:])
    nodes = receipts_trie(sealed_receipts(answers, where="block"), root=root)
    for index, told in enumerate(answers):
        proven = prove_receipt(collect_receipt(header, index, node_of=nodes.__getitem__))
        assert proven.gas_used == int(told["gasUsed"], 16)


def test_a_batch_of_two_issuers(node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]) -> None:
    """One transaction of a stranger with orders of two issuers: both events in one receipt."""
    chain, log = consortium.chain, consortium.log
    node.ask("evm_setAutomine", True)
    batcher = deploy_batcher(chain, consortium.stranger, consortium.place.log)
    node.ask("evm_setAutomine", False)
    deadline, orders = 1 << 39, []
    for lei, key, before, size in ((ISSUER_LEI, 3, 256, 512), (OTHER_LEI, 5, 0, 100)):
        entity, root = issuer_id("LEI", lei), (size + 7).to_bytes(32, "big")
        terms = {"prev_size": before, "root": root, "size": size, "deadline": deadline}
        signature = log.sign_commit(account(key), entity, **terms)
        orders.append(CommitOrder(entity, before, root, size, deadline, account(key).address, signature))
    call = BatchWriter(batcher, chain.chain).commit_many(orders)
    send(chain, 4, batcher, call.data, gas=1_500_000)
    node.mine()
    (evidence,) = chain.receipts_touching(consortium.place.log, chain.head().number)
    said = read_log_events(prove_receipt(evidence).events, bytes.fromhex(consortium.place.log[2:]))
    assert said.issuers == {issuer_id_bytes(issuer_id("LEI", lei)) for lei in (ISSUER_LEI, OTHER_LEI)}
    assert [each.size for each in said.commits] == [512, 100]


def test_events_by_block(node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]) -> None:
    """Statuses of one issuer; a node that takes few blocks at once is asked in parts, one that takes none is told."""
    chain, log = consortium.chain, consortium.place.log
    call = consortium.log.set_status(consortium.issuer_id, 3, StatusKind.SUSPENDED)
    send(chain, 3, log, call.data)
    node.mine()
    at = chain.head().number
    node.mine(20)
    last = chain.head().number
    statuses = frozenset((STATUS_SET, RANGE_REVOKED)), frozenset((issuer_id_bytes(consortium.issuer_id),))
    assert at in chain.blocks_with_events(log, statuses, first=0, last=last)
    assert crowded[0] in chain.blocks_with_events(log, (frozenset((COMMITTED,)),), first=0, last=last)
    asked: list[int] = []
    limited = connect(node)
    ask = limited._client.ask

    def in_parts(method: str, *parameters: Any) -> Any:
        if method == "eth_getLogs":
            low, high = (int(parameters[0][name], 16) for name in ("fromBlock", "toBlock"))
            asked.append(high - low + 1)
            if high - low >= most:
                raise NodeError("the node refuses eth_getLogs", code=-32000, said="block range is too large")
        return ask(method, *parameters)

    limited._client.ask = in_parts  # type: ignore[method-assign]
    most = 8
    assert limited.blocks_with_events(log, statuses, first=0, last=last) == chain.blocks_with_events(
        log, statuses, first=0, last=last
    )
    assert max(asked[3:]) < last
    most = 0
    with pytest.raises(LedgerError, match="the node refuses eth_getLogs"):
        limited.blocks_with_events(log, statuses, first=0, last=last)
    limited.close()


LIES: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "gas of one receipt": (
        "eth_getBlockReceipts",
        lambda found: [*found[:-1], {**found[-1], "cumulativeGasUsed": "0x1"}],
        "do not come to the root",
    ),
    "a receipt too few": ("eth_getBlockReceipts", lambda found: found[1:], "has not all receipts"),
    "receipts in another order": ("eth_getBlockReceipts", lambda found: found[::-1], "do not come to the root"),
    "no receipts": ("eth_getBlockReceipts", lambda found: None, "has not all receipts"),
    "a type that is not known": (
        "eth_getBlockReceipts",
        lambda found: [{**found[0], "type": "0x7e"}, *found[1:]],
        "a receipt of an unknown type",
    ),
    "events that are a text": (
        "eth_getBlockReceipts",
        lambda found: [{**found[0], "logs": "events"}, *[{**each, "logs": "x"} for each in found[1:]]],
        "do not come to the root",
    ),
    "a root of its own": (
        "eth_getBlockByNumber",
        lambda found: {**found, "receiptsRoot": "0x" + "77" * 32},
        "cannot be written so that it has the block's hash",
    ),
    "another block": ("eth_getBlockByNumber", lambda found: {**found, "number": "0x1"}, "another block"),
    "no block": ("eth_getBlockByNumber", lambda found: None, "there is no such block"),
}


@pytest.mark.parametrize(("method", "lie", "reason"), LIES.values(), ids=LIES.keys())
def test_a_node_that_lies(
    node: Anvil,
    consortium: Consortium,
    crowded: tuple[int, bytes, bytes],
    method: str,
    lie: Callable[[Any], Any],
    reason: str,
) -> None:
    lying = connect(node)
    ask = lying._client.ask
    lying._client.ask = lambda name, *given: lie(ask(name, *given)) if name == method else ask(name, *given)  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match=reason):
        lying.receipts_touching(consortium.place.log, crowded[0])
    lying.close()


def test_a_node_without_receipts_of_whole_blocks(
    node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]
) -> None:
    """They are asked for one by one."""
    older = connect(node)
    ask = older._client.ask

    def refuse(name: str, *given: Any) -> Any:
        if name == "eth_getBlockReceipts":
            raise NodeError("the node refuses", code=-32601, said="method not found")
        return ask(name, *given)

    older._client.ask = refuse  # type: ignore[method-assign]
    expected = consortium.chain.receipts_touching(consortium.place.log, crowded[0])
    assert older.receipts_touching(consortium.place.log, crowded[0]) == expected
    older.close()


def test_two_of_three(node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]) -> None:
    """One that proves nothing and lies about blocks is outvoted; two that do leave nothing known."""
    log, topics = consortium.place.log, (frozenset((COMMITTED,)),)
    three = {"beta": LyingProvider(connect(node)), "alpha": connect(node), "gamma": connect(node)}
    with ProviderQuorum(three, threshold=2) as quorum:
        expected = consortium.chain.receipts_touching(log, crowded[0])
        assert quorum.receipts_touching(log, crowded[0]) == expected
        assert quorum.header(crowded[0]) == consortium.chain.header(crowded[0])
        last = consortium.chain.head().number
        assert crowded[0] in quorum.blocks_with_events(log, topics, first=0, last=last)
    liars = {"beta": LyingProvider(connect(node)), "alpha": LyingProvider(connect(node)), "gamma": connect(node)}
    with (
        ProviderQuorum(liars, threshold=3) as quorum,
        pytest.raises(LedgerUnavailableError, match="too few providers agree"),
    ):
        quorum.receipts_touching(log, crowded[0])


def test_the_chains_own_history(node: Anvil, consortium: Consortium, crowded: tuple[int, bytes, bytes]) -> None:
    """The hash of a checkpoint's block, out of the proven state of a later one; nothing but that block is trusted."""
    chain = consortium.chain
    assert keccak(chain.code(HISTORY_CONTRACT)) == HISTORY_CODE_HASH
    node.mine(5)
    head = chain.head()
    evidence = chain.evidence(head, {HISTORY_CONTRACT: {history_slot(crowded[0])}})
    state = ProvenState(evidence, block_hash=head.hash)
    ancestry = Ancestry(
        evidence.header_rlp, header_of=lambda number: None, node_of=state.peek, used_node=state.used_node
    )
    assert ancestry.hash_at(crowded[0]) == chain.block(crowded[0]).hash
    assert ancestry.hash_at(crowded[0] - 1) is None
    assert state.unused_nodes() == ()
    assert block_of_header(evidence.header_rlp) == head
    ties = tie(chain, head, [crowded[0], head.number - 1, head.number])
    assert (ties.headers, ties.nodes) == ({}, set())
    assert ties.slots == {history_slot(crowded[0]), history_slot(head.number - 1)}
    with pytest.raises(ProofError):
        PassportLogView(state, consortium.place.log).head(consortium.issuer_id)

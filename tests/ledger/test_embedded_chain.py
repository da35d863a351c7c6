"""The embedded chain: blocks, receipts, nonces, fees and past states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rlp
from consortium_setup import GENESIS_TIME, STORE_CREATION, account, stored
from eth.vm.forks.prague.blocks import PragueBlockHeader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import LedgerError, TransactionError
from passport.ledger import Account, Address, Call, EmbeddedChain, Fees, Transactor
from passport.ledger.account import SignedTransaction
from passport.ledger.embedded import MAX_TRANSACTION_GAS

FREE = Fees(0, 0)


def signed(
    sender: Account, nonce: int, to: Address | None, data: bytes, *, chain_id: int = 1337, gas: int = 200_000
) -> SignedTransaction:
    """A transaction, whatever the chain thinks of it."""
    return sender.sign_transaction(chain_id=chain_id, nonce=nonce, to=to, data=data, gas=gas, fees=FREE)


def test_a_new_chain_has_its_genesis(chain: EmbeddedChain, now: datetime) -> None:
    genesis = chain.head()
    assert (genesis.number, genesis.time) == (0, now)
    assert chain.chain.caip2 == "eip155:1337"
    assert chain.chain.genesis_hash == "0x" + genesis.hash.hex()
    assert chain.block(0) == chain.block(genesis.hash) == chain.final_head() == genesis
    assert chain.nonce(account(9).address) == 0
    assert chain.code(account(9).address) == b""
    assert chain.fees() == FREE


def test_two_chains_never_share_a_genesis(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    with (
        EmbeddedChain.create(tmp_path / "a", clock=clock) as a,
        EmbeddedChain.create(tmp_path / "b", clock=clock) as b,
        EmbeddedChain.create(tmp_path / "c", clock=clock, seed=bytes(32)) as c,
        EmbeddedChain.create(tmp_path / "d", clock=clock, seed=bytes(32)) as d,
    ):
        assert len({a.chain.genesis_hash, b.chain.genesis_hash, c.chain.genesis_hash}) == 3
        assert c.chain == d.chain


def test_a_seed_has_32_bytes(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not a seed; expected 32 bytes; found 3 bytes"):
        EmbeddedChain.create(tmp_path / "chain.db", seed=b"abc")
    assert list(tmp_path.iterdir()) == []


def test_a_transaction_is_a_block(chain: EmbeddedChain, store: Address) -> None:
    before = chain.head()
    transaction = signed(account(9), 1, store, stored(5, 77))
    assert chain.send_raw(transaction.raw) == transaction.hash
    receipt = chain.receipt(transaction.hash)
    assert receipt is not None
    assert (receipt.tx_hash, receipt.status, receipt.contract_address) == (transaction.hash, True, None)
    # Base, calldata (62 zero bytes, 2 others), a first write to a cold slot, calldatasize to jumpi, pushes and loads.
    assert receipt.gas_used == 21_000 + 62 * 4 + 2 * 16 + 22_100 + (2 + 3 + 3 + 3 + 10) + (3 + 3 + 2 + 3)
    head = chain.head()
    assert (head.number, head.hash) == (receipt.block_number, receipt.block_hash) == (before.number + 1, head.hash)
    assert chain.state().storage(store, 5) == 77
    assert chain.state(before).storage(store, 5) == 0
    assert chain.nonce(account(9).address) == 2


def test_headers_are_those_of_the_evm(chain: EmbeddedChain, store: Address) -> None:
    """py-evm reads each header back and gives it the same hash; each names its parent, and the base fee stays zero."""
    previous = None
    for number in range(chain.head().number + 1):
        block = chain.block(number)
        header = rlp.decode(chain._file.header(number), sedes=PragueBlockHeader)
        assert (header.hash, header.block_number, header.timestamp) == (block.hash, number, block.timestamp)
        assert header.state_root == block.state_root
        assert header.base_fee_per_gas == 0
        assert previous is None or header.parent_hash == previous
        previous = block.hash


def test_time_never_stands_still_nor_goes_back(tmp_path: Path) -> None:
    times = [GENESIS_TIME, GENESIS_TIME, GENESIS_TIME + timedelta(days=1), GENESIS_TIME - timedelta(days=9)]
    ticking = iter(times)
    path = tmp_path / "chain.db"
    with EmbeddedChain.create(path, clock=lambda: next(ticking)) as chain:
        for nonce in range(3):
            chain.send_raw(signed(account(9), nonce, None, STORE_CREATION).raw)
        found = [chain.block(number).time for number in range(4)]
    second = timedelta(seconds=1)
    assert found == [times[0], times[0] + second, times[2], times[2] + second]
    assert found[0].tzinfo is UTC


def test_sending_twice_is_sending_once(chain: EmbeddedChain, store: Address) -> None:
    transaction = signed(account(9), 1, store, stored(1, 1))
    hashes = {chain.send_raw(transaction.raw) for _ in range(3)}
    assert hashes == {transaction.hash}
    assert chain.head().number == 2


def test_an_unknown_transaction_has_no_receipt(chain: EmbeddedChain) -> None:
    assert chain.receipt(bytes(32)) is None


@pytest.mark.parametrize(("nonce", "reason"), [(0, "too low"), (2, "too high")])
def test_a_wrong_nonce_is_told_apart(chain: EmbeddedChain, store: Address, nonce: int, reason: str) -> None:
    head = chain.head()
    with pytest.raises(TransactionError, match=f"nonce is {reason}") as caught:
        chain.send_raw(signed(account(9), nonce, store, stored(1, 2)).raw)
    assert (caught.value.where, caught.value.expected, caught.value.found) == ("nonce", 1, nonce)
    assert chain.head() == head


def malformed() -> dict[str, tuple[bytes, str]]:
    """What the chain must refuse, and why."""
    good = signed(account(9), 0, None, STORE_CREATION).raw
    half_order = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
    fields = rlp.decode(good[1:])
    order = 2 * half_order + 1
    high_s = (order - int.from_bytes(fields[-1], "big")).to_bytes(32, "big")
    parity = b"" if fields[-3] == b"\x01" else b"\x01"
    legacy = [b"", b"", (100_000).to_bytes(3, "big"), b"", b"", STORE_CREATION]
    return {
        "nothing": (b"", "not a signed transaction"),
        "not RLP": (b"\x02\xff\xff", "not a signed transaction"),
        "cut off": (good[:-1], "not a signed transaction"),
        "one byte more": (good + b"\x00", "not a signed transaction"),
        "unknown type": (b"\x7f" + good[1:], "not a signed transaction"),
        "malleable": (b"\x02" + rlp.encode([*fields[:-3], parity, fields[-2], high_s]), "Invalid signature S value"),
        "for another chain": (signed(account(9), 0, None, b"", chain_id=1).raw, "another chain"),
        "for any chain": (rlp.encode([*legacy, b"\x1b", fields[-2], fields[-1]]), "another chain, or for any chain"),
        "too much gas": (signed(account(9), 0, None, b"", gas=MAX_TRANSACTION_GAS + 1).raw, "asks for too much gas"),
        "too little gas": (signed(account(9), 0, None, STORE_CREATION, gas=21_000).raw, "gas"),
        "too long": (b"\x02" + bytes(1 << 20), "too long"),
    }


@pytest.mark.parametrize("case", malformed())
def test_malformed_transactions_are_refused(chain: EmbeddedChain, case: str) -> None:
    raw, reason = malformed()[case]
    with pytest.raises(TransactionError, match=reason):
        chain.send_raw(raw)
    assert chain.head().number == 0


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_comes_is_refused_in_our_words(chain: EmbeddedChain, data: st.DataObject) -> None:
    """A transaction with one byte changed, or any bytes at all, is refused as such or is another valid one."""
    good = signed(account(9), 0, None, STORE_CREATION).raw
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    raw = data.draw(st.sampled_from([changed, good[:at], b"\x02" + changed]) | st.binary(max_size=200))
    try:
        transaction = chain._evm.decode(raw)
    except TransactionError:
        return
    # What is left is signed by somebody else: recovering a signer from a changed message gives another account.
    assert transaction.sender.hex() != account(9).address[2:].lower()


def test_who_pays_needs_no_funds_but_cannot_bid_what_it_lacks(chain: EmbeddedChain) -> None:
    raw = (
        account(9)
        .sign_transaction(chain_id=1337, nonce=0, to=None, data=STORE_CREATION, gas=200_000, fees=Fees(1, 1))
        .raw
    )
    with pytest.raises(TransactionError, match="refuses the transaction"):
        chain.send_raw(raw)
    legacy = account(9).sign_transaction(
        chain_id=1337, nonce=0, to=None, data=STORE_CREATION, gas=200_000, fees=Fees(0, 0, is_legacy=True)
    )
    chain.send_raw(legacy.raw)
    receipt = chain.receipt(legacy.hash)
    assert receipt is not None
    assert receipt.status


def test_a_reverted_transaction_is_kept_with_its_failure(chain: EmbeddedChain, store: Address) -> None:
    transaction = signed(account(9), 1, store, b"\xde\xad\xbe\xef")
    chain.send_raw(transaction.raw)
    receipt = chain.receipt(transaction.hash)
    assert receipt is not None
    assert not receipt.status
    assert chain.nonce(account(9).address) == 2


def test_trying_out_changes_nothing(chain: EmbeddedChain, store: Address) -> None:
    head = chain.head()
    execution = chain.simulate(account(9).address, store, stored(3, 4))
    assert execution.success
    assert chain.head() == head
    assert chain.state().storage(store, 3) == 0
    receipt = Transactor(chain, account(9)).send(Call(store, stored(3, 4)))
    assert execution.gas_used == receipt.gas_used


def test_a_revert_is_told_by_call_and_simulation(chain: EmbeddedChain, store: Address) -> None:
    with pytest.raises(TransactionError, match="the call reverted; found an unknown error, 0xdeadbeef"):
        chain.call(store, b"\xde\xad\xbe\xef")
    execution = chain.simulate(account(9).address, store, b"\xde\xad\xbe\xef")
    assert (execution.success, execution.output) == (False, b"\xde\xad\xbe\xef")
    with pytest.raises(TransactionError, match="the contract refuses the transaction"):
        Transactor(chain, account(9)).send(Call(store, b"\xde\xad\xbe\xef"))
    assert chain.nonce(account(9).address) == 1


@pytest.mark.parametrize("name", [1, b"\x00" * 32], ids=["number", "hash"])
def test_a_block_that_is_not_there(chain: EmbeddedChain, name: int | bytes) -> None:
    with pytest.raises(LedgerError, match="the chain has no such block"):
        chain.block(name)


def test_a_block_of_another_chain_has_no_state_here(
    chain: EmbeddedChain, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    with EmbeddedChain.create(tmp_path / "other.db", clock=clock) as other, pytest.raises(LedgerError, match="no such"):
        chain.state(other.head())

"""Chains followed into a store: by hand, over replaced blocks, and the embedded chain as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.chain_watch import MAX_REPLACED, MIN_KEPT, follow, watched, watched_name
from passport.errors import LedgerError, LedgerUnavailableError, StoreError, UsageError
from passport.exchange.pictures.blocks import MAX_BARS, Block, bars_of, blocks_picture
from passport.ledger.chain_id import ChainRef, format_address
from passport.ledger.observed import ObservedBlock
from passport.ledger.protocol import BlockRef
from passport.sandbox import Sandbox
from passport.store import Store
from passport.store.observed_rows import MAX_SETS, PastUse

CHAIN = ChainRef("eip155:7", "0x" + "00" * 32)
OTHER = ChainRef("eip155:9", CHAIN.genesis_hash)
MAKERS = [format_address(bytes([number]) * 20) for number in (1, 2)]


@dataclass
class WrittenChain:
    """A chain of which each block is one letter: letters say which history it is of."""

    history: str
    chain: ChainRef = CHAIN
    asked: list[int] = field(default_factory=list)

    def head(self) -> BlockRef:
        return self.observe(len(self.history) - 1).block

    def observe(self, number: int) -> ObservedBlock:
        self.asked.append(number)
        block = BlockRef(number, self._hash(number), 1000 + 10 * number, bytes(32))
        return ObservedBlock(
            block=block,
            parent_hash=self._hash(number - 1),
            gas_used=100 * number,
            gas_limit=1000,
            transactions=number % 3,
            producer=MAKERS[number % 2],
            validators=tuple(MAKERS) if number == 2 else None,
        )

    def _hash(self, number: int) -> bytes:
        return self.history[: number + 1].encode().ljust(32, b"\0")[:32]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store.db")


def test_a_chain_by_hand(store: Store) -> None:
    """Five blocks, 10 s apart: 0 to 400 of 1,000 gas, 0, 1, 2, 0 and 1 transactions; the first is no part of a rate."""
    chain = WrittenChain("aaaaa")
    assert watched(CHAIN, store) is None
    done = follow(chain, store)
    assert (done.added, done.replaced, done.head, done.is_behind) == (5, 0, 4, False)
    found = watched(CHAIN, store)
    assert found is not None
    assert (found.blocks, found.gas_used, found.gas_limit, found.transactions) == (5, 1000, 5000, 4)
    assert (found.seconds_a_block, found.utilisation) == (10, 0.2)
    year = 8766 * 3600
    assert found.gas_a_year == pytest.approx(1000 / 40 * year)
    assert found.transactions_a_year == pytest.approx(4 / 40 * year)
    assert (found.validators, found.producers) == (2, 2)
    newest = watched(CHAIN, store, max_blocks=2)
    assert newest is not None
    assert (newest.first, newest.gas_used, newest.gas_a_year) == (3, 700, pytest.approx(400 / 10 * year))
    alone = watched(CHAIN, store, max_blocks=1)
    assert alone is not None
    assert (alone.gas_a_year, alone.transactions_a_year, alone.seconds_a_block) == (None, None, None)
    assert alone.to_json()["period_kind"] == "annualised snapshot"


def test_only_what_is_new_is_read(store: Store) -> None:
    chain = WrittenChain("aaa")
    follow(chain, store)
    chain.history, chain.asked = "aaaaa", []
    assert follow(chain, store).added == 2
    assert chain.asked == [4, 2, 3, 4]  # the head, the last that is kept, and the two that are new
    assert follow(chain, store).added == 0


def test_a_long_chain_in_several_looks(store: Store) -> None:
    chain = WrittenChain("a" * 30)
    done = follow(chain, store, first=0, max_blocks=12)
    assert (done.added, done.head, done.is_behind) == (12, 29, True)
    assert [follow(chain, store, max_blocks=12).is_behind for _ in range(2)] == [True, False]
    assert store.observed_count(watched_name(CHAIN)) == 30
    # Where nothing says where to begin, with the newest.
    other = WrittenChain("b" * 30, chain=ChainRef("eip155:8", CHAIN.genesis_hash))
    follow(other, store, max_blocks=12)
    assert [row.number for row in store.observed_use(watched_name(other.chain))] == list(range(18, 30))


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ("aaaaa", "aaabbb", 2),
        ("aaaaa", "aaab", 2),
        ("aaaaa", "bbbbb", 5),
        ("a" * 300, "b" * 9, 300),
    ],
)
def test_blocks_that_were_replaced(store: Store, before: str, after: str, replaced: int) -> None:
    """What is kept is the chain as it is now, without a gap and nothing twice."""
    follow(WrittenChain(before), store)
    done = follow(WrittenChain(after), store)
    assert done.replaced == replaced
    rows = store.observed_use(watched_name(CHAIN))
    assert [(row.number, row.hash) for row in rows] == [
        (number, WrittenChain(after)._hash(number)) for number in range(len(after))
    ]


def test_of_old_blocks_the_sums_are_kept(store: Store) -> None:
    """1,030 blocks, of which the newest 1,001 stay: 29 are dropped, which used 100 x (0 + ... + 28) gas."""
    chain, name = WrittenChain("a" * 1030), watched_name(CHAIN)
    follow(chain, store, max_blocks=2000, keep=MIN_KEPT)
    assert store.observed_count(name) == MIN_KEPT
    found = watched(CHAIN, store)
    assert found is not None
    assert (found.first, found.last) == (29, 1029)
    assert found.past == PastUse(0, 1000, 28, 1280, 100 * sum(range(29)), 29_000, sum(at % 3 for at in range(29)))
    assert found.to_json()["past"]["gas_used"] == 40_600
    assert found.validators == 2  # said in block 2 alone, and still in force
    chain.history = "a" * 1040
    assert follow(chain, store, keep=MIN_KEPT).added == 10
    past = store.observed_past(name)
    assert past is not None
    assert (past.first, past.last, past.gas_used) == (0, 38, 100 * sum(range(39)))
    assert store.observed_past(watched_name(OTHER)) is None
    with pytest.raises(UsageError, match="too few blocks to tell a chain by"):
        follow(chain, store, keep=MAX_REPLACED)


def test_sums_that_no_integer_of_a_database_holds(store: Store) -> None:
    """A node may say any gas below 2**63 in each of its blocks."""

    class Huge(WrittenChain):
        def observe(self, number: int) -> ObservedBlock:
            return replace(super().observe(number), gas_used=(1 << 63) - 1, gas_limit=(1 << 63) - 1)

    follow(Huge("a" * 1030), store, max_blocks=2000, keep=MIN_KEPT)
    past = store.observed_past(watched_name(CHAIN))
    assert past is not None
    assert past.gas_used == 29 * ((1 << 63) - 1)


def test_validators_where_they_change(store: Store) -> None:
    """The same in block after block is kept once, a replaced block takes its own back, and the newest word counts."""
    name = watched_name(CHAIN)

    class Voting(WrittenChain):
        def observe(self, number: int) -> ObservedBlock:
            sets = {1: tuple(MAKERS), 2: tuple(MAKERS), 3: (MAKERS[0],), 4: None}
            said = (MAKERS[1],) if self.history[number] == "b" else sets.get(number)
            return replace(super().observe(number), validators=said)

    follow(Voting("aaaaa"), store)
    assert store.observed_validators(name) == (MAKERS[0],)
    follow(Voting("aaabb"), store)
    assert store.observed_validators(name) == (MAKERS[1],)
    follow(Voting("aaa"), store)  # a node that lags replaces nothing
    assert store.observed_validators(name) == (MAKERS[1],)
    store.forget_observed(name, first=2)
    assert store.observed_validators(name) == tuple(MAKERS)


def test_no_more_sets_of_validators_than_a_bound(store: Store) -> None:
    """A node that says others in every block fills no store."""

    class Restless(WrittenChain):
        def observe(self, number: int) -> ObservedBlock:
            said = (format_address((number + 1).to_bytes(20, "big")),)
            return replace(super().observe(number), validators=said)

    length = MAX_SETS + 50
    follow(Restless("a" * length), store, max_blocks=length)
    assert store.observed_validators(watched_name(CHAIN)) == (format_address(length.to_bytes(20, "big")),)
    assert store.observed_sets(watched_name(CHAIN)) == MAX_SETS


def test_a_past_that_nothing_follows_is_gone(store: Store) -> None:
    """Blocks that are all replaced leave no sums behind, for what is read then may begin elsewhere."""
    name = watched_name(CHAIN)
    follow(WrittenChain("a" * 1030), store, max_blocks=2000, keep=MIN_KEPT)
    store.forget_observed(name, first=40)
    assert store.observed_past(name) is not None
    store.forget_observed(name, first=0)
    assert (store.observed_past(name), store.observed_validators(name)) == (None, None)


def test_makers_that_no_block_names(store: Store) -> None:
    class Nameless(WrittenChain):
        def observe(self, number: int) -> ObservedBlock:
            return replace(super().observe(number), producer=None)

    follow(Nameless("aaa"), store)
    found = watched(CHAIN, store)
    assert found is not None
    assert found.producers is None


@pytest.mark.parametrize("seen", ["aaaa", "a"])
def test_a_node_that_lags_replaces_nothing(store: Store, seen: str) -> None:
    """It shows no other block in the place of those beyond its head, so what is kept stays."""
    follow(WrittenChain("aaaaa"), store)
    done = follow(WrittenChain(seen), store)
    assert (done.added, done.replaced, done.head, done.is_behind) == (0, 0, len(seen) - 1, False)
    assert store.observed_count(watched_name(CHAIN)) == 5
    assert follow(WrittenChain("aaaaaaa"), store).added == 2
    # Where it began later than the node's head, nothing can be told either.
    assert follow(WrittenChain("a" * 40, chain=OTHER), store, first=30).added == 10
    assert follow(WrittenChain("a" * 9, chain=OTHER), store).replaced == 0
    assert store.observed_count(watched_name(OTHER)) == 10


def test_a_node_with_quite_another_history(store: Store) -> None:
    """A fork so deep is nobody's: rather one answer is wrong, and nothing is dropped by it."""
    length = MAX_REPLACED + 2
    follow(WrittenChain("a" * length), store, max_blocks=length)
    with pytest.raises(LedgerError, match="more blocks than chains replace"):
        follow(WrittenChain("b" * length), store)
    assert store.observed_count(watched_name(CHAIN)) == length


def test_blocks_that_are_replaced_meanwhile(store: Store) -> None:
    """What does not follow the block before it is not kept; the next look reads it."""
    chain = WrittenChain("aaaaaa")

    class Changing(WrittenChain):
        def observe(self, number: int) -> ObservedBlock:
            self.history = "bbbbbb" if number == 3 else self.history
            return super().observe(number)

    with pytest.raises(LedgerUnavailableError, match="the chain replaced blocks while it was read"):
        follow(Changing("aaaaaa"), store)
    assert store.observed_count(watched_name(CHAIN)) == 0
    assert follow(chain, store).added == 6


def test_where_to_begin(store: Store) -> None:
    chain = WrittenChain("aaaaa")
    with pytest.raises(UsageError, match="the chain is not that long"):
        follow(chain, store, first=9)
    follow(chain, store, first=1, max_blocks=2)
    with pytest.raises(UsageError, match="a gap in what is kept"):
        follow(chain, store, first=4)
    with pytest.raises(StoreError):
        store.put_observed(watched_name(CHAIN), [chain.observe(2)])
    assert [row.number for row in store.observed_use(watched_name(CHAIN))] == [1, 2]
    assert [row.number for row in store.observed_use(watched_name(CHAIN), last=1)] == [1]


def test_the_embedded_chain(tmp_path: Path) -> None:
    """Blocks out of their headers, transactions out of its receipts: as many gas as the receipts say."""
    sandbox = Sandbox.create(tmp_path / "world")
    company = sandbox.company("North Oy", host="north.example", country="FI")
    ledger = company.ledger
    done = follow(ledger, company.store)  # type: ignore[arg-type]  # the embedded chain can be watched
    assert done.head == ledger.head().number
    found = watched(ledger.chain, company.store)
    assert found is not None
    assert found.last == done.head
    assert found.transactions == done.head  # a block a transaction, and none in the first
    assert 0 < found.gas_used < found.gas_limit
    assert found.validators is None
    rows = company.store.observed_use(watched_name(ledger.chain))
    assert [row.hash for row in rows] == [ledger.block(row.number).hash for row in rows]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=300))
def test_bars_hold_every_block_once(gas: list[int]) -> None:
    """No block is lost between bars, and their means times their blocks are all the gas."""
    bars = bars_of([Block(number, number, used, 10**9) for number, used in enumerate(gas)])
    assert 1 <= len(bars) <= MAX_BARS
    assert [bar.first for bar in bars[1:]] == [bar.last + 1 for bar in bars[:-1]]
    assert (bars[0].first, bars[-1].last) == (0, len(gas) - 1)
    assert sum(bar.gas_used * (bar.last - bar.first + 1) for bar in bars) == pytest.approx(sum(gas))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture(language: str) -> None:
    """Text stays text: numbers, times in UTC, and a limit that is far above is said and not drawn."""
    blocks = [Block(number, 1_790_000_000 + number, 21_000, 30_000_000) for number in range(90)]
    svg = blocks_picture(blocks, ".svg", chain="eip155:7", language=language).decode()  # type: ignore[arg-type]
    assert "eip155:7" in svg
    assert "2026-09-21 14:13" in svg
    assert "3.00×10⁷" in svg
    page = blocks_picture(blocks, ".html", chain="<eip155:7>", language="en").decode()
    assert "<eip155:7>" not in page
    assert page.count("<tr>") == 45 + 1  # two blocks a bar, and the head
    assert blocks_picture(blocks, ".png", chain="eip155:7").startswith(b"\x89PNG")
    assert b"Gas that blocks use" in blocks_picture([Block(0, 1 << 39, 0, 0)], ".svg", chain="c")
    with pytest.raises(UsageError, match="no blocks to draw"):
        blocks_picture([], ".svg", chain="c")
    with pytest.raises(UsageError, match="not a kind of picture"):
        blocks_picture(blocks, ".gif", chain="c")

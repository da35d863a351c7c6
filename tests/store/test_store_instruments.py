"""A certificate is spent once, by quantity: whoever asks, however many at once, and until a successor is issued."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_store_0001 import KEY
from spending_process import ISSUED_KWH, SPENT_KWH

from passport.carbon.electricity import Use, overspent
from passport.errors import ConflictError
from passport.store import DocumentKind, Store
from passport.store.instruments import Replaced

DATA = Path(__file__).with_name("data")
PROCESS = Path(__file__).with_name("spending_process.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(path, clock=clock) as store:
        yield store


def use(spent: object, key: str = "eecs/go-1", issued: object = 100) -> Use:
    return Use(key, Fraction(str(issued)), Fraction(str(spent)), "")


def spent(store: Store, key: str = "eecs/go-1") -> list[tuple[str, Fraction]]:
    return [(each.by, each.spent_kwh) for each in store.uses_of(key)]


def test_by_quantity(store: Store) -> None:
    store.spend([use(60)], passport_id="urn:one")
    store.spend([use("39.5"), use(7, "eecs/go-2")], passport_id="urn:two")
    assert spent(store) == [("urn:one", 60), ("urn:two", Fraction("39.5"))]
    assert spent(store, "eecs/go-2") == [("urn:two", 7)]
    assert spent(store, "eecs/unheard of") == []


def test_what_is_not_left_is_refused_and_says_who_spent_it(store: Store) -> None:
    store.spend([use(60)], passport_id="urn:one")
    with pytest.raises(ConflictError, match=r"eecs/go-1: the instrument is spent") as raised:
        store.spend([use("40.001")], passport_id="urn:two")
    assert raised.value.expected == "at most 40 kWh of 100"
    assert raised.value.found == "40.001 kWh, spent by urn:one"
    assert spent(store) == [("urn:one", 60)]


def test_one_passport_cannot_spend_it_twice_in_two_rows(store: Store) -> None:
    with pytest.raises(ConflictError, match=r"the instrument is spent; expected at most 100 kWh of 100; found 101 kWh"):
        store.spend([use(51), use(50)], passport_id="urn:one")


def test_all_or_nothing(store: Store) -> None:
    store.spend([use(100, "b")], passport_id="urn:one")
    with pytest.raises(ConflictError, match="b: the instrument is spent"):
        store.spend([use(1, "a"), use(1, "b"), use(1, "c")], passport_id="urn:two")
    assert [spent(store, key) for key in "ac"] == [[], []]


def test_stating_another_quantity_for_it_is_refused(store: Store) -> None:
    store.spend([use(60)], passport_id="urn:one")
    with pytest.raises(
        ConflictError, match="stated with another quantity; expected 100 kWh, spent by urn:one; found 1"
    ):
        store.spend([use(60, issued=1000)], passport_id="urn:two")
    with pytest.raises(ConflictError, match="stated with another quantity; expected 5 kWh; found 6 kWh"):
        store.spend([use(1, "x", 5), use(1, "x", 6)], passport_id="urn:two")


def test_a_successor_gets_what_its_predecessor_gives_back(store: Store) -> None:
    store.spend([use(60)], passport_id="urn:one")
    store.spend([use(40)], passport_id="urn:other")
    store.spend([use(55)], passport_id="urn:two", replaces=[Replaced("urn:one")])
    assert spent(store) == [("urn:other", 40), ("urn:two", 55)]
    store.spend([], passport_id="urn:three", replaces=[Replaced("urn:two")])
    assert spent(store) == [("urn:other", 40)]


def test_a_predecessor_that_still_supplies_gives_back_what_its_successor_spends(store: Store) -> None:
    """60 are spent, and somebody counts on them: the successor spends 40 of them anew, 20 stay spent."""
    store.spend([use(60), use(7, "eecs/go-2")], passport_id="urn:one")
    one = Replaced("urn:one", still_supplies=True)
    store.spend([use(40)], passport_id="urn:two", replaces=[one])
    assert spent(store) == [("urn:one", 20), ("urn:two", 40)]
    assert spent(store, "eecs/go-2") == [("urn:one", 7)]
    with pytest.raises(ConflictError, match=r"the instrument is spent; expected at most 40 kWh of 100; found 41 kWh"):
        store.spend([use(41)], passport_id="urn:other goods")
    # The next version spends 10, so that 50 of the first's 60 stay spent; the second, which nobody holds, is free.
    store.spend([use(10)], passport_id="urn:three", replaces=[Replaced("urn:two"), one])
    assert spent(store) == [("urn:one", 50), ("urn:three", 10)]
    store.spend([use(70), use(7, "eecs/go-2")], passport_id="urn:four", replaces=[Replaced("urn:three"), one])
    assert spent(store) == [("urn:four", 70)]
    assert spent(store, "eecs/go-2") == [("urn:four", 7)]
    store.spend([], passport_id="urn:five", replaces=[Replaced("urn:four"), one])
    assert spent(store) == [("urn:one", 60)]


def test_two_predecessors_that_still_supply_keep_the_larger_use(store: Store) -> None:
    """They speak of the same goods, so that the larger of 60 and 70 covers both."""
    store.spend([use(60)], passport_id="urn:one")
    both = [Replaced(name, still_supplies=True) for name in ("urn:two", "urn:one")]
    store.spend([use(70)], passport_id="urn:two", replaces=both[1:])
    store.spend([], passport_id="urn:three", replaces=both)
    assert spent(store) == [("urn:two", 70)]


def test_a_successor_that_is_refused_takes_nothing_back(store: Store) -> None:
    store.spend([use(60)], passport_id="urn:one")
    with pytest.raises(ConflictError, match="the instrument is spent"):
        store.spend([use(101)], passport_id="urn:two", replaces=[Replaced("urn:one")])
    assert spent(store) == [("urn:one", 60)]


def test_what_fails_around_it_spends_nothing(store: Store) -> None:
    """A passport that is not stored in the end has not used anything up."""

    def spend_and_fail() -> None:
        with store.transaction():
            store.spend([use(60)], passport_id="urn:one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spend_and_fail()
    assert spent(store) == []


def test_quantities_are_exact(store: Store) -> None:
    """Three thirds of one kWh are one kWh, and not a hair more."""
    for number in range(3):
        store.spend([use("1/3", issued=1)], passport_id=f"urn:{number}")
    with pytest.raises(ConflictError, match="expected at most 0 kWh of 1; found 1e-40 kWh"):
        store.spend([use(Fraction(1, 10**40), issued=1)], passport_id="urn:more")


def test_two_processes_at_once_cannot_spend_it_twice(path: Path) -> None:
    """Both spend 3 of 100 kWh as fast as they can: together 33 times, whoever is quicker, and both are refused then."""
    Store.open(path).close()
    processes = [
        subprocess.Popen(
            [sys.executable, PROCESS, path, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [answer.partition(" ")[2] for answer in answers] == ["the instrument is spent"] * 2
    assert sum(int(answer.partition(" ")[0]) for answer in answers) == ISSUED_KWH // SPENT_KWH
    with Store.open(path) as store:
        assert len(store.uses_of("eecs/go-1")) == ISSUED_KWH // SPENT_KWH


def test_a_database_from_before_takes_uses(path: Path) -> None:
    file = sqlite3.connect(path)
    file.executescript((DATA / "store_0001.sql").read_text("utf-8"))
    file.close()
    with Store.open(path) as store:
        assert store.find_documents(DocumentKind.PASSPORT)
        assert store.log_size(KEY)
        store.spend([use(1)], passport_id="urn:one")
        assert spent(store) == [("urn:one", 1)]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60)), max_size=12))
def test_the_store_refuses_exactly_what_would_overspend(
    tmp_path_factory: pytest.TempPathFactory, tries: list[tuple[str, int]]
) -> None:
    """Two roads: what is let through never overspends by `overspent`, what is refused would have."""
    accepted: list[Use] = []
    with Store.open(tmp_path_factory.mktemp("s") / "store.db") as store:
        for number, (key, kwh) in enumerate(tries):
            wanted = Use(key, Fraction(100), Fraction(kwh), f"urn:{number}")
            would = overspent([*accepted, wanted])
            try:
                store.spend([wanted], passport_id=wanted.by)
            except ConflictError:
                assert list(would) == [key]
            else:
                assert would == {}
                accepted.append(wanted)
        assert sorted(each.by for key in "ab" for each in store.uses_of(key)) == sorted(each.by for each in accepted)

"""An answer for everybody: asked once in a few seconds, by one at a time; and so many of something a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from api.pace import Pace
from api.problems import ProblemError
from api.recent import Recent
from passport.errors import LedgerUnavailableError

START = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


class Hand:
    """A clock that a test moves, and a question whose answers are counted."""

    def __init__(self) -> None:
        self.now = START
        self.asked = 0
        self.problem: Exception | None = None

    def clock(self) -> datetime:
        return self.now

    def ask(self) -> int:
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        return self.asked


def recent(hand: Hand, ask: Callable[[], int] | None = None, **limits: float) -> Recent[int]:
    return Recent(ask or hand.ask, **{"keep_s": 5.0, "clock": hand.clock, **limits})  # type: ignore[arg-type]


def test_it_is_asked_again_only_when_some_seconds_have_passed() -> None:
    hand = Hand()
    answers = recent(hand)
    told = []
    for seconds in (0, 4.999, 5, 9.999, 10):
        hand.now = START + timedelta(seconds=seconds)
        told.append(answers.answer())
    assert told == [1, 1, 2, 2, 3]
    hand.now = START - timedelta(days=1)  # a clock that went back makes no old answer new
    assert answers.answer() == 4


def test_a_refusal_is_remembered_too_and_ends() -> None:
    hand = Hand()
    hand.problem = LedgerUnavailableError("the node does not answer", where="there")
    answers = recent(hand)
    for _ in range(3):
        with pytest.raises(LedgerUnavailableError, match="the node does not answer") as caught:
            answers.answer()
        assert caught.value.where == "there"
    assert hand.asked == 1
    hand.problem = None
    hand.now += timedelta(seconds=5)
    assert answers.answer() == 2


def test_what_is_no_answer_is_not_remembered() -> None:
    hand = Hand()
    hand.problem = ZeroDivisionError("a bug")
    answers = recent(hand)
    with pytest.raises(ZeroDivisionError):
        answers.answer()
    hand.problem = None
    assert answers.answer() == 2


class Slow:
    """A question that takes until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = Event(), Event()
        self.asked = 0

    def ask(self) -> int:
        self.asked += 1
        self.begun.set()
        assert self.go.wait(30)
        return self.asked


def test_one_asks_and_the_others_are_told_the_last_answer() -> None:
    """While a node hangs, nobody else hangs on it."""
    hand, slow = Hand(), Slow()
    answers = recent(hand, slow.ask)
    slow.go.set()
    assert answers.answer() == 1
    slow.go.clear()
    slow.begun.clear()
    hand.now += timedelta(seconds=6)
    asking = Thread(target=answers.answer)
    asking.start()
    assert slow.begun.wait(30)
    assert [answers.answer() for _ in range(100)] == [1] * 100
    slow.go.set()
    asking.join(30)
    assert (answers.answer(), slow.asked) == (2, 2)


def test_before_the_first_answer_so_many_wait_and_no_more() -> None:
    hand, slow = Hand(), Slow()
    answers = recent(hand, slow.ask, max_waiting=0)
    asking = Thread(target=answers.answer)
    asking.start()
    assert slow.begun.wait(30)
    with pytest.raises(ProblemError, match="0 wait for this answer, which is all that is allowed"):
        answers.answer()
    slow.go.set()
    asking.join(30)
    assert answers.answer() == 1
    assert slow.asked == 1


def test_who_waits_is_told_when_it_is_there() -> None:
    hand, slow = Hand(), Slow()
    answers = recent(hand, slow.ask, timeout_s=30.0)
    told: list[int] = []
    threads = [Thread(target=lambda: told.append(answers.answer())) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert slow.begun.wait(30)
    slow.go.set()
    for thread in threads:
        thread.join(30)
    assert (told, slow.asked) == ([1] * 5, 1)


def test_so_many_in_any_minute() -> None:
    hand = Hand()
    pace = Pace(2, clock=hand.clock)
    waited = []
    for seconds in (0, 10, 20, 59, 60, 69, 70):
        hand.now = START + timedelta(seconds=seconds)
        waited.append(pace.wait_s())
    assert waited == [0, 0, 40, 1, 0, 1, 0]
    hand.now = START - timedelta(hours=1)  # a clock that went back keeps nobody out
    assert [pace.wait_s() for _ in range(3)] == [0, 0, 60]

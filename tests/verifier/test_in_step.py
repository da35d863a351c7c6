"""Jobs side by side: every step of all before the next of any, results in order, and the collector as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from verifier.in_step import Steps, in_step, program_set_aside


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    was_enabled, set_aside = gc.isenabled(), gc.get_freeze_count()
    yield
    assert gc.isenabled() is was_enabled
    assert gc.get_freeze_count() == set_aside


def _job(name: str, steps: int, said: list[str]) -> Steps[str]:
    for step in range(steps):
        said.append(f"{name}{step}")
        yield
    said.append(f"{name}.")
    return name.upper()


def test_each_step_of_all_comes_before_the_next_of_any() -> None:
    said: list[str] = []
    made = in_step([_job("a", 2, said), _job("b", 0, said), _job("c", 1, said)])
    assert made == ["A", "B", "C"]
    assert said == ["a0", "b.", "c0", "a1", "c.", "a."]


def test_nothing_to_do() -> None:
    assert in_step([]) == []


def test_what_a_job_raises_comes_out_and_the_collector_goes_on() -> None:
    def failing() -> Steps[None]:
        yield
        raise KeyError("away")

    with pytest.raises(KeyError, match="away"):
        in_step([failing()])


def test_the_collector_rests_meanwhile_and_stays_off_where_it_was_off() -> None:
    def look() -> Steps[bool]:
        yield
        return gc.isenabled()

    assert in_step([look()]) == [False]
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        assert in_step([look()]) == [False]
        assert not gc.isenabled()
    finally:
        if was_enabled:
            gc.enable()


def test_a_job_may_run_others() -> None:
    def outer() -> Steps[list[str]]:
        yield
        return in_step([_job("x", 1, []), _job("y", 3, [])])

    assert in_step([outer()]) == [["X", "Y"]]


def test_the_program_is_set_aside_meanwhile_and_comes_back_whatever_happens() -> None:
    counts: list[int] = []

    def fail() -> None:
        with program_set_aside():
            counts.append(gc.get_freeze_count())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert counts[0] > 0
    assert gc.get_freeze_count() == 0


def test_what_others_have_set_aside_stays_so() -> None:
    gc.freeze()
    try:
        with program_set_aside(), program_set_aside():
            assert gc.get_freeze_count() > 0
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()

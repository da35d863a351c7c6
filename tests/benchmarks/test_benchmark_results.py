"""The benchmarks run from end to end on tiny worlds, and their results say what they promise to say."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.__main__ import RESULTS, merged
from benchmarks.measure import Stopwatch, in_slices, side_by_side
from benchmarks.result import FIELDS, Result, cost, print_results, rate, read_results, write_results
from benchmarks.suite import BENCHMARKS, run

# Together these build a company, a tree and a log, start the process that measures memory, and have goals and none.
_TRIED = ("canonical", "anchoring", "transparency_log", "tile_append", "auditing", "memory")


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return list(run(_TRIED, is_quick=True, scale=0.02))


def _rate(name: str = "speed", *, ours_s: float, goal: float | None) -> Result:
    return rate(name, "what", ours_s=ours_s, reference_s=0.001, reference_name="peer", unit="x/s", goal=goal)


def test_a_rate_is_better_when_it_is_higher() -> None:
    # 0.004 s against 0.001 s: 250 a second against 1,000.
    found = _rate(ours_s=0.004, goal=0.25)
    assert (found.ours, found.reference, found.ratio, found.met) == (250.0, 1000.0, 0.25, True)
    assert _rate(ours_s=0.005, goal=0.25).met is False


def test_a_cost_is_better_when_it_is_lower() -> None:
    found = cost("memory", "what", ours=4.0, reference=2.0, reference_name="bound", unit="kB", goal=1.0)
    assert (found.ratio, found.met) == (0.5, False)


def test_what_has_no_goal_meets_none() -> None:
    assert (_rate(ours_s=1, goal=None).goal, _rate(ours_s=1, goal=None).met) == (None, None)


def test_the_goal_is_judged_by_the_exact_ratio() -> None:
    """0.24999 rounds to 0.25 and still misses it."""
    found = _rate(ours_s=0.001 / 0.24999, goal=0.25)
    assert (found.ratio, found.met) == (0.25, False)


def test_every_result_says_the_same_nine_things(results: list[Result], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results(path, results)
    lines = json.loads(path.read_text("utf-8"))
    assert [tuple(line) for line in lines] == [FIELDS] * len(results)
    assert read_results(path) == results
    assert list(tmp_path.iterdir()) == [path]


def test_tiny_worlds_give_sound_results(results: list[Result]) -> None:
    names = [result.name for result in results]
    assert names == [
        *("jcs_5800", "jcs_15400", "issue_and_anchor", "log_append", "log_prove", "log_verify", "log_append_peer"),
        *("log_append_one", "log_append_growth"),
        *("audit_5800", "audit_15400", "audit_memory"),
    ]
    for result in results:
        better = result.reference / result.ours if result.name == "audit_memory" else result.ours / result.reference
        assert result.ours > 0
        assert result.reference > 0
        assert result.ratio == pytest.approx(better, rel=0.01)
    assert {result.name: result.goal for result in results if result.goal is not None} == {
        "log_append_growth": 0.5,
        "audit_5800": 0.25,
        "audit_memory": 1.0,
    }


def test_the_results_that_are_kept_here_are_of_that_form() -> None:
    results = read_results(RESULTS)
    assert [tuple(line) for line in json.loads(RESULTS.read_text("utf-8"))] == [FIELDS] * len(results)
    assert len({result.name for result in results}) == len(results) >= len(BENCHMARKS)
    assert [result.name for result in results if (result.goal is None) != (result.met is None)] == []


def test_a_run_of_some_keeps_the_results_of_the_others() -> None:
    first, second = _rate("first", ours_s=1, goal=None), _rate("second", ours_s=1, goal=None)
    anew, third = _rate("second", ours_s=2, goal=None), _rate("third", ours_s=1, goal=None)
    assert merged([first, second], [anew, third]) == [first, anew, third]


def test_the_table_shows_each_result_with_its_goal() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    print_results([_rate("[first]", ours_s=0.004, goal=0.25), _rate("second", ours_s=0.002, goal=0.6)], console)
    text = console.export_text()
    assert "first" in text
    assert "peer" in text
    assert [word for word in text.split() if word in {"yes", "no"}] == ["yes", "no"]


def _work(loops: int) -> int:
    return sum(range(loops))


def test_turns_show_which_side_is_slower() -> None:
    """One side does twenty times the work of the other; the figures say so, whatever the machine is at."""
    times = side_by_side(lambda loops: _work(loops), lambda: _work(1_000), inputs=[20_000], rounds=5, turn_s=0.002)
    assert 5 < times.ours_s / times.reference_s < 80


def test_a_slow_first_call_does_not_make_turns_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves by one second for what is loaded first, and by a millisecond per call: ten calls to a turn."""
    clock, calls = [0.0], [0]
    monkeypatch.setattr(time, "process_time", lambda: clock[0])

    def ours(_: object) -> None:
        clock[0] += 0.001 if calls[0] else 1.0
        calls[0] += 1

    def reference() -> None:
        clock[0] += 0.0005

    times = side_by_side(ours, reference, rounds=3, turn_s=0.01)
    assert (times.ours_s, times.reference_s) == (pytest.approx(0.001), pytest.approx(0.0005))
    # One first; 1, 2 and 4 to find out how many; three turns of ten.
    assert calls[0] == 1 + 1 + 2 + 4 + 30


def test_time_is_taken_by_the_clock_that_is_asked_for() -> None:
    clock = [0.0]

    def move(seconds: float) -> None:
        clock[0] += seconds

    times = side_by_side(lambda _: move(0.25), lambda: move(0.125), rounds=2, turn_s=1.0, clock=lambda: clock[0])
    assert (times.ours_s, times.reference_s) == (0.25, 0.125)


def test_slices_are_taken_in_turns_and_added_up() -> None:
    order: list[str] = []
    times = in_slices(
        [lambda: order.append("ours"), lambda: order.append("ours")],
        [lambda: order.append("theirs"), lambda: order.append("theirs")],
    )
    assert order == ["ours", "theirs", "ours", "theirs"]
    assert min(times.ours_s, times.reference_s) >= 0


def test_the_reference_works_during_a_long_job_without_being_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves by one second per reference and ten per step of the job."""
    clock = [0.0]
    monkeypatch.setattr(time, "process_time", lambda: clock[0])

    def reference() -> None:
        clock[0] += 1

    watch = Stopwatch(reference, every=2, turn_s=3)

    def job() -> None:
        for _ in range(4):
            clock[0] += 10
            watch.report()

    times = watch.time(job)
    assert (times.ours_s, times.reference_s) == (40, 1)

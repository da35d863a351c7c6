"""Rules that are announced: what they add until they hold, and in all, discounted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from passport.errors import ArithmeticRuleError, DocumentError, SchemaError
from passport.ledger_footprint.paradox import judge_announcement, parse_announcement

BODY: dict[str, Any] = {
    "format": "carbon-passport/ledger-announcement/1.0",
    "rule": "no anchors on proof of work",
    "in_force": 2027,
    "discount_percent": 10,
    "years": [
        {"year": 2025, "without_kg_co2e": 100, "announced_kg_co2e": 110, "source": "ours"},
        {"year": 2026, "without_kg_co2e": 100, "announced_kg_co2e": 122, "source": "ours"},
        {"year": 2027, "without_kg_co2e": 100, "announced_kg_co2e": 63.7, "source": "ours"},
    ],
}


def changed(**changes: Any) -> Any:
    return judge_announcement(parse_announcement({**BODY, **changes}, name="x"))


def test_by_hand() -> None:
    """10 and 22 kg more before, 36.3 less after: 10 + 22 / 1.1 - 36.3 / 1.21 = 0 discounted, -4.3 not."""
    found = changed()
    assert (found.before.amount, found.is_weak) == (32, True)
    assert found.in_all.amount == pytest.approx(-4.3)
    assert found.discounted.amount == pytest.approx(0, abs=1e-9)
    steep = changed(discount_percent=20)
    assert steep.discounted.amount == pytest.approx(10 + 22 / 1.2 - 36.3 / 1.44)
    assert steep.is_strong is True
    assert changed(discount_percent=0).is_strong is False


def test_what_nobody_states_is_unknown() -> None:
    """No rate, or no year in which it holds: the weak paradox is told, the strong one is not."""
    without = {key: each for key, each in BODY.items() if key != "discount_percent"}
    found = judge_announcement(parse_announcement(without, name="x"))
    assert (found.is_weak, found.discounted, found.is_strong) == (True, None, None)
    assert changed(years=BODY["years"][:2]).is_strong is None
    with pytest.raises(ArithmeticRuleError, match="no year before the rule is in force"):
        changed(in_force=2025)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rule": ""}, "rule: expected a text"),
        ({"in_force": "2027"}, "in_force: expected a year, found '2027'"),
        ({"in_force": True}, "in_force: expected a year"),
        ({"in_force": 2026.5}, "in_force: expected a year, found 2026.5"),
        ({"in_force": float("nan")}, "in_force: expected a year, found nan"),
        ({"discount_percent": -1}, "discount_percent: expected a number from 0 to 100"),
        ({"years": []}, "years: expected 1 to 200, found 0"),
        ({"years": [BODY["years"][0], BODY["years"][2]]}, "expected 2026, one year after the other, found 2027"),
        ({"years": [{**BODY["years"][0], "announced_kg_co2e": -5}]}, "announced_kg_co2e: expected a number from 0"),
        ({"years": [{**BODY["years"][0], "note": 1}]}, r"years\[0\].note: is not known here"),
        ({"years": [{"year": 2025}]}, "without_kg_co2e: is missing"),
        ({"extra": 1}, "extra: is not known here"),
    ],
)
def test_files_that_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        changed(**changes)


def test_another_file() -> None:
    with pytest.raises(DocumentError, match="not a file of an announced rule"):
        parse_announcement([], name="x")

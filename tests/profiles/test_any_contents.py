"""Whatever an issuer commits to, judging it ends in words and never in an exception of ours."""

from __future__ import annotations

import copy
import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from passport.model.content import check_content_value
from passport.model.profile import profile, profile_names
from passport.model.profile_check import misfits_of_contents, misfits_of_frame
from passport.model.profile_fit import Misfit
from passport.model.profile_footprint import Computed, compare_footprint

CONTENTS: dict[str, Any] = json.loads(Path(__file__).with_name("battery_contents.json").read_text("utf-8"))
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "0 kWh",
            "-1 kg CO2e/kWh",
            "1" + "0" * 39 + "." + "9" * 40 + " kg CO2e/kWh",
            "0.000 %",
            "2026-02-30",
            "ev",
            "0",
            "https://[",
            "https://x",
            "javascript:1",
            "１２３",
            "9999-12-31",
            "RawMaterialExtraction",
            "365 h",
            "kWh",
        ]
    ),
)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["lifecycleStage", "carbonFootprint", "stage", "power", "hoursPerDay", "lowest", "share", "x"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
NAMES = sorted({attribute.name for each in profile_names() for attribute in profile(each).attributes})


@given(
    changes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6),
    at=st.dates(date(1, 1, 1)),
    linked=st.sampled_from([None, True, False]),
    unit=st.sampled_from(["piece", "kilowatt hour", "kilogram", ""]),
    amount=st.fractions(min_value=Fraction(1, 10**15), max_value=10**15),
    total=st.fractions(min_value=-(10**9), max_value=10**9),
    rows=st.none() | st.lists(st.tuples(st.sampled_from(["mainProduction", "use", "x"]), st.fractions()), max_size=3),
)
def test_any_contents_are_judged(
    changes: dict[str, Any],
    at: date,
    linked: bool | None,
    unit: str,
    amount: Fraction,
    total: Fraction,
    rows: list[tuple[str, Fraction]] | None,
) -> None:
    for value in changes.values():
        check_content_value(value)
    sets = copy.deepcopy(CONTENTS)
    sets["1"] |= changes
    computed = Computed(amount, unit, abs(total), total, rows)
    for name in profile_names():
        known = profile(name)
        found = misfits_of_contents(known, sets, granularity="item", at=at, has_former=linked)
        found += misfits_of_frame(known, declared_unit=unit, role_map="x", stages=[("row", "use")])
        compared = compare_footprint(known, sets["1"], computed)
        for misfit in [*found, *compared.misfits]:
            assert isinstance(misfit, Misfit)
            assert all(isinstance(part, str) and len(part) < 2000 for part in misfit)

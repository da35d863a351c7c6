"""What the package promises is what it has."""

from __future__ import annotations

import doctest
import types

import passport.credentials as credentials


def test_all_is_every_public_name() -> None:
    public = {
        name
        for name, value in vars(credentials).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and name != "annotations"
    }
    assert set(credentials.__all__) == public
    assert len(credentials.__all__) == len(set(credentials.__all__))


def test_the_first_example_runs() -> None:
    results = doctest.testmod(credentials)
    assert results.attempted == 6
    assert results.failed == 0

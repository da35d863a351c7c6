"""What the package promises is what it has."""

from __future__ import annotations

import doctest
import types

import passport.credentials as credentials


def test_all_is_every_public_name() -> None:
    public = {
        name
        for name in dir(credentials)
        if not name.startswith("_") and not isinstance(getattr(credentials, name), types.ModuleType)
    }
    assert public - {"annotations", "TYPE_CHECKING", "on_first_use"} == set(credentials.__all__)
    assert len(credentials.__all__) == len(set(credentials.__all__))


def test_the_first_example_runs() -> None:
    results = doctest.testmod(credentials)
    assert results.attempted == 6
    assert results.failed == 0

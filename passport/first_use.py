"""Public names of a package, each loaded when somebody first asks for it (PEP 562), so that the others cost nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_first_use(package: str, names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the two functions by which a package hands out names that it has not loaded yet.

    Args:
        package: The package's `__name__`.
        names: By module, as it is called inside the package, the public names that it has, with spaces between them.
            None may be the name of a module of the package, for there the import system puts that module.

    Returns:
        The package's `__getattr__` and its `__dir__`.
    """
    module_of = {name: module for module, public in names.items() for name in public.split()}

    def load(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        setattr(sys.modules[package], name, value)  # found without us from now on, as after any import
        return value

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of})

    return load, listed

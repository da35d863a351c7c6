"""Product carbon footprints as signed, nested passports (the SDK).

What most programs need is here; it is loaded when it is first asked for, so that `import passport` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from passport.errors import PassportError
    from passport.exchange.inventory_file import read_inventories, read_inventory
    from passport.issuer import IssuedPassport, Issuer
    from passport.sandbox import Sandbox
    from passport.workspace import Workspace

__all__ = [
    "IssuedPassport",
    "Issuer",
    "PassportError",
    "Sandbox",
    "Workspace",
    "read_inventories",
    "read_inventory",
]

_MODULE_OF: Final = {
    "IssuedPassport": "passport.issuer",
    "Issuer": "passport.issuer",
    "PassportError": "passport.errors",
    "Sandbox": "passport.sandbox",
    "Workspace": "passport.workspace",
    "read_inventories": "passport.exchange.inventory_file",
    "read_inventory": "passport.exchange.inventory_file",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'passport' has no attribute {name!r}")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})

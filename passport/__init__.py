"""Product carbon footprints as signed, nested passports (the SDK).

What most programs need is here; it is loaded when it is first asked for, so that `import passport` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.first_use import on_first_use

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

if not TYPE_CHECKING:
    __getattr__, __dir__ = on_first_use(
        __name__,
        {
            "errors": "PassportError",
            "exchange.inventory_file": "read_inventories read_inventory",
            "issuer": "IssuedPassport Issuer",
            "sandbox": "Sandbox",
            "workspace": "Workspace",
        },
    )

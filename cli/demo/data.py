"""The battery chain of the demonstration: fictional companies, real figures (sources in `SOURCES.md` beside them).

In the wheel it lies beside this module; in a checkout it is `fixtures/battery`, so that there is one copy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passport.errors import NotFoundError

if TYPE_CHECKING:
    from passport.model.inventory import Inventory
    from passport.model.party import Party

_NOT_OF_A_PARTY = frozenset({"key", "host"})


@dataclass(frozen=True, slots=True)
class Company:
    """One legal entity of the demonstration.

    Attributes:
        key: Its folder's name.
        party: The entity.
        host: Its web host.
        inventories: Its accounts, one a product.
    """

    key: str
    party: Party
    host: str
    inventories: tuple[Inventory, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the demonstration."""

    registrar: Company
    companies: tuple[Company, ...]

    def inventory_of(self, product: str) -> Inventory:
        """The account of a product.

        Raises:
            NotFoundError: Nobody's product.
        """
        return next(i for i in self.maker_of(product).inventories if i.product.id == product)

    def maker_of(self, product: str) -> Company:
        """The company whose product it is.

        Raises:
            NotFoundError: Nobody's.
        """
        for company in self.companies:
            if any(inventory.product.id == product for inventory in company.inventories):
                return company
        raise NotFoundError("nobody in the demonstration makes this product", found=product)


def data_folder() -> Path:
    """Where the demonstration's files are.

    Raises:
        NotFoundError: Neither installed nor a checkout.
    """
    installed = Path(str(resources.files("cli.demo"))) / "battery"
    checkout = Path(__file__).resolve().parent.parent.parent / "fixtures" / "battery"
    for folder in (installed, checkout):
        if (folder / "companies.yaml").is_file():
            return folder
    raise NotFoundError("the demonstration's data is missing", where=str(installed), hint="install the package again")


def load_cast() -> Cast:
    """Read companies and inventories."""
    import yaml

    from passport.exchange.inventory_file import read_inventories

    folder = data_folder()
    listed = yaml.safe_load((folder / "companies.yaml").read_text("utf-8"))
    by_company: dict[str, list[Inventory]] = {}
    for file in read_inventories([folder / "inventories"]):
        by_company.setdefault(file.path.parent.name, []).append(file.inventory)
    return Cast(
        registrar=_company({**listed["registrar"], "key": "registrar"}, ()),
        companies=tuple(_company(entry, tuple(by_company[entry["key"]])) for entry in listed["companies"]),
    )


def _company(entry: dict[str, Any], inventories: tuple[Inventory, ...]) -> Company:
    from passport.model.party import Party

    party = Party.model_validate({name: value for name, value in entry.items() if name not in _NOT_OF_A_PARTY})
    return Company(entry["key"], party, entry["host"], inventories)

"""Put inventories in order, so that each comes after those it builds on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passport.errors import IssueError
from passport.model.inventory import Inventory


def order_inventories(inventories: Sequence[Inventory]) -> list[Inventory]:
    """Order inventories so that each comes after those it builds on.

    Raises:
        IssueError: Two inventories for one product, or a cycle; the message names it.
    """
    by_product: dict[str, Inventory] = {}
    for inventory in inventories:
        if inventory.product.id in by_product:
            raise IssueError("two inventories for one product", where=inventory.product.id)
        by_product[inventory.product.id] = inventory
    needs: dict[str, list[str]] = {
        product: [entry.product for entry in inventory.passport_inputs if entry.product in by_product and entry.product]
        for product, inventory in by_product.items()
    }
    ordered: list[Inventory] = []
    done: set[str] = set()
    for start in needs:
        _visit(start, needs, done, ordered, by_product)
    return ordered


def _visit(
    start: str,
    needs: Mapping[str, Sequence[str]],
    done: set[str],
    ordered: list[Inventory],
    by_product: Mapping[str, Inventory],
) -> None:
    """Depth first without recursion, so that a chain of thousands is no problem."""
    path: list[tuple[str, int]] = [(start, 0)]
    open_products = {start: 0}
    while path:
        product, position = path[-1]
        if product in done or position == len(needs[product]):
            path.pop()
            open_products.pop(product, None)
            if product not in done:
                done.add(product)
                ordered.append(by_product[product])
            continue
        path[-1] = (product, position + 1)
        child = needs[product][position]
        if child in open_products:
            cycle = [name for name, _ in path[open_products[child] :]] + [child]
            raise IssueError(
                "passports cannot build on each other in a circle",
                found=" -> ".join(cycle),
                hint="put the loop into one inventory, or use an emission factor for one of its inputs",
            )
        if child not in done:
            open_products[child] = len(path)
            path.append((child, 0))

"""The page that `passport ledger rebound` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cli.output import Output, plain

if TYPE_CHECKING:
    from passport.ledger_footprint.rebound import Split, Use
    from passport.ledger_footprint.use_periods import UsePeriods


def show_rebound(
    output: Output, said: UsePeriods, found: Split, *, is_flagged: Mapping[str, bool], in_all: bool
) -> None:
    """The change and its three parts, what the rebound amounts to, and each ledger by itself."""
    before, after = said.before, said.after
    first = before.whole.ghg.amount
    basis = output.word(f"rebound.{said.basis.name.lower()}")
    days = (f"{each.period.first}..{each.period.last}" for each in (before, after))
    output.page(Text(output.word("rebound.head", before=next(days), after=next(days), basis=basis)))
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("kg CO2e", justify="right")
    table.add_column(output.word("rebound.of_first"), justify="right")
    for name, amount in (
        ("before", first),
        ("scale", found.scale.amount),
        ("structure", found.structure.amount),
        ("technique", found.technique.amount),
        ("change", found.change.amount),
        ("after", after.whole.ghg.amount),
    ):
        sign = "" if name in ("before", "after") else "+"
        table.add_row(output.word(f"rebound.{name}"), f"{amount:{sign}.4g}", f"{amount / first * 100:{sign}.1f} %")
    output.page(table)
    number = output.word("ledger.unknown") if found.rebound is None else f"{found.rebound:.3g}"
    output.result(output.word(f"rebound.{found.kind.name.lower()}", rebound=number))
    table = Table(box=None, pad_edge=False)
    table.add_column(output.word("rebound.ledger"))
    for column in ("passports", "each", "total"):
        table.add_column(output.word(f"rebound.{column}"), justify="right")
    table.add_column("Jevons")
    for ledger, old in before.uses.items():
        table.add_row(plain(ledger), *_pair(old, after.uses[ledger]), _flag(output, is_flagged[ledger]))
    if len(before.uses) > 1:
        table.add_row(output.word("rebound.all"), *_pair(before.whole, after.whole), _flag(output, in_all))
    output.page(table)


def _pair(old: Use, new: Use) -> tuple[str, str, str]:
    grams = [each.ghg.in_unit("g") / each.passports.amount for each in (old, new)]
    return (
        f"{old.passports.amount:,.6g} → {new.passports.amount:,.6g}",
        f"{grams[0]:.4g} → {grams[1]:.4g}",
        f"{old.ghg.amount:.4g} → {new.ghg.amount:.4g}",
    )


def _flag(output: Output, is_flagged: bool) -> str:
    return output.word("rebound.yes" if is_flagged else "rebound.no")

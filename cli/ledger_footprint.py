"""What the commands about the ledger's own footprint share: options, and numbers stated on the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.session import Session
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger_footprint import Catalogue, Figure, Method, Usage
    from passport.ledger_footprint.quantities import Q

MAX_PIECES: Final = 1_000_000
MAX_COUNT: Final = 10**15
"""No such number of passports or verifications is meant; far larger ones no float holds."""

RuleOption = Annotated[
    str | None,
    typer.Option(
        "--rule",
        help="Rule of allocation, required: per_gas (for EVM chains), per_transaction, per_fee, per_byte or hybrid.",
        metavar="RULE",
    ),
]
GasOption = Annotated[int | None, typer.Option("--gas", min=0, help="Gas of the transaction.", metavar="N")]
FeeOption = Annotated[
    float | None, typer.Option("--fee", min=0, help="Fee of the transaction, in the chain's own coin.", metavar="X")
]
BytesOption = Annotated[int | None, typer.Option("--bytes", min=0, help="Bytes that the chain takes in.", metavar="N")]
BatchOption = Annotated[int, typer.Option("--batch", min=1, help="Passports that one transaction serves.", metavar="N")]
AtOption = Annotated[
    str | None, typer.Option("--at", help="The day to estimate for, YYYY-MM-DD; today without.", metavar="DAY")
]
DataOption = Annotated[
    list[Path] | None,
    typer.Option("--data", help="A file of profiles of your own, in front of ours; may be repeated.", metavar="FILE"),
]
PriceMarketOption = Annotated[
    str | None, typer.Option("--market", help="Carbon market of the shadow cost: CN, EU, US, KR.", metavar="NAME")
]


def day_of(session: Session, text: str | None) -> date:
    """The day that was asked about.

    Raises:
        UsageError: Not a day.
    """
    if text is None:
        return session.clock().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not a day", where="--at", expected="YYYY-MM-DD", found=text) from error


def catalogue_of(files: Sequence[Path] | None) -> Catalogue:
    """What ships with the project, with the user's files in front of it."""
    from passport.ledger_footprint import Catalogue

    return Catalogue.shipped().with_files(list(files or ()))


def stated(kind: type[Q], unit: str, number: float | None, *, name: str, at: date) -> Figure[Q] | None:
    """A number of the command line as a figure whose source is the user."""
    from passport.ledger_footprint import Source, figure
    from passport.ledger_footprint.figures import Status

    if number is None:
        return None
    source = Source("stated", "stated on the command line", at.isoformat(), "the user's own", Status.USER)
    return figure(kind, unit, number, name=f"stated: {name}", source=source)


def usage_of(*, gas: int | None, fee: float | None, data_bytes: int | None, batch: int) -> Usage:
    """One passport in one transaction."""
    from passport.ledger_footprint import Transaction, Usage

    return Usage(transactions=(Transaction(gas=gas, fee=fee, data_bytes=data_bytes, batch=batch),))


def method_of(rule: str | None, *, market: str | None) -> Method:
    """The rule by its name, and nothing else stated.

    Raises:
        UsageError: No rule was named, or there is no such rule.
    """
    from passport.ledger_footprint import Method
    from passport.ledger_footprint.rule import rule_of

    return Method(rule=rule_of(rule), carbon_market=market)


def pieces_of(text: str) -> tuple[str, float]:
    """A baseline's name, and how many pieces of it are meant: `paper=12`; one without a number.

    Raises:
        UsageError: No name, or no such number.
    """
    name, equals, number = text.partition("=")
    try:
        pieces = float(number) if equals else 1.0
    except ValueError:
        pieces = math.nan
    if not name or not 0 < pieces <= MAX_PIECES:  # which NaN is not either
        raise UsageError(
            "not a baseline with a number of pieces",
            where="--baseline",
            expected=f"NAME or NAME=COUNT, COUNT more than 0 and at most {MAX_PIECES:,}",
            found=text,
        )
    return name, pieces

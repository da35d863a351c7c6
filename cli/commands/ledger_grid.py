"""`passport ledger grid`: what a kWh emits: of a country, of an outlook's year to come, or of a mix of sources."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.ledger_footprint import AtOption, DataOption, catalogue_of, day_of
from cli.session import Session, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger_footprint.quantities import Energy

EXAMPLES = """\
passport ledger grid FI
passport ledger grid CN --at 2045-07-01 --factor-set ccaf_cbeci_btc_ipcc2014 --outlook coal,hydro
passport ledger grid --mix coal=3 --mix gas=1 --factor-set ccaf_cbeci_btc_ipcc2014
"""
MAX_TWH = 1e9


@command(workspace=False)
def ledger_grid(
    session: Session,
    country: Annotated[str | None, typer.Argument(help="ISO 3166-1 code, or WORLD.", metavar="[CC]")] = None,
    *,
    outlook: Annotated[
        str | None,
        typer.Option(
            "--outlook",
            help="By the country's outlook for that year: which factors stand for fossil and for other sources.",
            metavar="FOSSIL,CLEAN",
        ),
    ] = None,
    mix: Annotated[
        list[str] | None,
        typer.Option("--mix", help="Instead of a country: a kind of source and its kWh.", metavar="KIND=N"),
    ] = None,
    factor_set: Annotated[
        str | None, typer.Option("--factor-set", help="Only figures made with this set.", metavar="NAME")
    ] = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Location-based, with sources. An outlook is a scenario, and a mix is only as good as the factors of its set.

    Of a country it is the latest year that is known by the day asked for, and which one that is is said.
    """
    from passport.ledger_footprint.electricity import fossil_share, future_intensity, mixed_intensity
    from passport.ledger_footprint.figures import exact

    day, catalogue, output = day_of(session, at), catalogue_of(data), session.output
    if (country is None) == (not mix):
        raise UsageError("name a country, or a mix of sources", where="CC", expected="one of the two")
    if (outlook is not None or mix) and factor_set is None:
        raise UsageError("factors of which set?", where="--factor-set", expected="the name of a set")
    years: list[dict[str, Any]] = []
    of_year: int | None = None
    if mix:
        factors = catalogue.factor_set(factor_set or "")
        figure, basis = exact(mixed_intensity(_sources(mix), factors=factors)), "mix"
    elif outlook is not None:
        fossil, _, clean = outlook.partition(",")
        mixes = catalogue.generation(country or "")
        factors = catalogue.factor_set(factor_set or "")
        figure = future_intensity(mixes, at=day, factors=factors, fossil=fossil, clean=clean)
        basis, of_year = "outlook", day.year
        years = [{"year": each.year, "fossil_share": fossil_share(each)} for each in mixes]
    else:
        found = catalogue.grid(country or "", year=day.year, factor_set=factor_set)
        figure, basis, of_year = found.intensity, "average", found.year
        factor_set = found.factor_set
    ends = {end: f"{getattr(figure, end).in_unit('g/kWh'):.4g}" for end in ("low", "central", "high")}
    output.result(
        output.word(f"grid.{basis}", name=country or ", ".join(mix or ()), year=of_year, set=factor_set, **ends)
    )
    if basis == "average" and of_year is not None and of_year < day.year:
        output.remark(output.word("grid.older", year=of_year, asked=day.year), style="yellow")
    for each in years:
        output.result(output.word("grid.fossil", year=each["year"], percent=f"{each['fossil_share'] * 100:.2f}"))
    for source in dict.fromkeys(said.source for said in figure.inputs):
        output.result(output.word("ledger.source", title=source.title, date=source.date, status=source.status.value))
    output.document(
        {
            "country": country,
            "basis": basis,
            "year": of_year,
            "factor_set": factor_set,
            "intensity": figure.to_json("g/kWh"),
            "outlook": years,
            "inputs": [said.to_json() for said in figure.inputs],
        }
    )


def _sources(mix: list[str]) -> dict[str, Energy]:
    """Kinds of source and their energy out of `KIND=N`."""
    from passport.ledger_footprint.quantities import Energy

    found: dict[str, Energy] = {}
    for text in mix:
        kind, _, number = text.partition("=")
        try:
            kwh = float(number)
        except ValueError:
            kwh = math.nan
        if not kind or not 0 <= kwh <= MAX_TWH or kind in found:
            raise UsageError("not a kind of source with its energy, once", where="--mix", expected="KIND=N", found=text)
        found[kind] = Energy(kwh)
    if not any(each.amount for each in found.values()):
        raise UsageError("no energy", where="--mix", expected="more than 0 in all", found=", ".join(mix))
    return found

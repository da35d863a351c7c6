"""`passport ledger datacentre`: a site's PUE, DCiE, CUE and WUE out of meters, judged by a policy."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.ledger_footprint import AtOption, DataOption, catalogue_of, day_of, stated
from cli.session import Session, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger_footprint import Figure

EXAMPLES = """\
passport ledger datacentre --it-kwh 1000 --facility-kwh 1350 --water-l 1200 --grid CN --ceiling shanghai
passport ledger datacentre --pue 1.4 --grid FI --json
"""


@command(workspace=False)
def ledger_datacentre(
    session: Session,
    *,
    it_kwh: Annotated[float | None, typer.Option("--it-kwh", min=0, help="What the computers drew, kWh.")] = None,
    facility_kwh: Annotated[
        float | None, typer.Option("--facility-kwh", min=0, help="What the site drew in the same time, kWh.")
    ] = None,
    water_l: Annotated[
        float | None, typer.Option("--water-l", min=0, help="Water that the site took in the same time, litres.")
    ] = None,
    pue: Annotated[float | None, typer.Option("--pue", help="Instead of two meters: the PUE, 1 or more.")] = None,
    wue: Annotated[float | None, typer.Option("--wue", min=0, help="Instead of water: litres per kWh of IT.")] = None,
    grid: Annotated[
        str | None, typer.Option("--grid", help="Country whose average electricity it takes.", metavar="CC")
    ] = None,
    ceiling: Annotated[
        str | None, typer.Option("--ceiling", help="Judge by a policy: beijing or shanghai.", metavar="NAME")
    ] = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """ISO/IEC 30134: PUE is site over IT, DCiE its inverse, CUE kg CO2e and WUE litres, each per kWh of IT.

    Water at the power plants is by what is known of generation; what nobody states stays unknown.
    """
    from cli.ledger_page import show_ceilings
    from passport.ledger_footprint.data_centre import check_pue, cue, dcie, judge, water_use
    from passport.ledger_footprint.quantities import Energy, Ratio, WaterIntensity

    day, catalogue, output = day_of(session, at), catalogue_of(data), session.output
    if (pue is None) == (it_kwh is None or facility_kwh is None) or (pue is not None and facility_kwh is not None):
        raise UsageError(
            "state the PUE, or both meters", where="--pue", expected="--pue, or --it-kwh and --facility-kwh"
        )
    if wue is not None and water_l is not None:
        raise UsageError("state the WUE, or the water", where="--wue", expected="one of --wue and --water-l")
    if water_l is not None and not it_kwh:
        raise UsageError("water is per kWh of IT", where="--water-l", expected="--it-kwh above 0")
    if pue is None:
        if not it_kwh:
            raise UsageError("no PUE without IT", where="--it-kwh", expected="more than 0", found=it_kwh)
        pue = (facility_kwh or 0.0) / it_kwh
    if water_l is not None and it_kwh:
        wue = water_l / it_kwh
    overhead = stated(Ratio, "1", pue, name="pue", at=day)
    litres = stated(WaterIntensity, "L/kWh", wue, name="wue", at=day)
    if overhead is None:
        raise UsageError("no PUE is stated", where="--pue")
    check_pue(overhead)
    terms: dict[str, tuple[Figure[Any], str] | None] = {
        "PUE": (overhead, "1"),
        "DCiE": (dcie(overhead), "1"),
        "CUE": None,
        "WUE": None if litres is None else (litres, "L/kWh"),
    }
    if grid is not None:
        intensity = catalogue.grid(grid, year=day.year).intensity
        terms["CUE"] = (cue(overhead, intensity=intensity), "kg/kWh")
    water = None
    if litres is not None and it_kwh:
        drawn = stated(Energy, "kWh", it_kwh, name="IT", at=day)
        if drawn is not None:
            water = water_use(drawn, pue=overhead, wue=litres, grid_water=catalogue.default("grid_water"))
    for name, found in terms.items():
        value = (
            output.word("ledger.unknown") if found is None else f"{found[0].central.in_unit(found[1]):.4g} {found[1]}"
        )
        output.result(f"{name}: {value.removesuffix(' 1')}")
    if water is not None and water.direct is not None and water.indirect is not None:
        output.result(
            output.word(
                "datacentre.water",
                direct=f"{water.direct.central.amount:,.4g}",
                indirect=f"{water.indirect.central.amount:,.4g}",
            )
        )
    verdicts = () if ceiling is None else judge(ceiling, pue=overhead, wue=litres)
    show_ceilings(output, verdicts)
    output.document(
        {
            "terms": {
                name: None if found is None else {**found[0].to_json(found[1]), "unit": found[1]}
                for name, found in terms.items()
            },
            "water_l": None
            if water is None or water.direct is None or water.indirect is None
            else {"direct": water.direct.to_json("L"), "indirect": water.indirect.to_json("L")},
            "ceilings": [asdict(each) for each in verdicts],
        }
    )

"""`passport ledger estimate`: what one passport's place on a chain takes."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.ledger_footprint import (
    MAX_COUNT,
    AtOption,
    BatchOption,
    BytesOption,
    DataOption,
    FeeOption,
    GasOption,
    PriceMarketOption,
    RuleOption,
    catalogue_of,
    day_of,
    method_of,
    stated,
    usage_of,
)
from cli.session import Session, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from passport.ledger_footprint import Figure
    from passport.ledger_footprint.quantities import Energy

EXAMPLES = """\
passport ledger estimate --chain ethereum --rule per_gas --gas 50000 --batch 1000
passport ledger estimate --chain bitcoin --rule per_transaction --at 2021-07-01 --market CN --json
passport ledger estimate --chain consortium-qbft --rule per_transaction --volume 10000 --pue 1.3
"""
MAX_SAMPLES = 100_000


@command(workspace=False)
def ledger_estimate(
    session: Session,
    *,
    chain: Annotated[str, typer.Option("--chain", help="The chain, by the name of its profile.", metavar="NAME")],
    rule: RuleOption = None,
    gas: GasOption = None,
    fee: FeeOption = None,
    data_bytes: BytesOption = None,
    batch: BatchOption = 1,
    volume: Annotated[
        int | None,
        typer.Option(
            "--volume", min=1, max=MAX_COUNT, help="Of a chain of one's own: all passports of a year.", metavar="N"
        ),
    ] = None,
    at: AtOption = None,
    edition: Annotated[
        str | None, typer.Option("--edition", help="A certain account of the chain.", metavar="NAME")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="published, nodes, machines or economic.", metavar="NAME")
    ] = None,
    electricity_price: Annotated[
        float | None, typer.Option("--electricity-price", min=0, help="USD per kWh, for methods of mining.")
    ] = None,
    pue: Annotated[float | None, typer.Option("--pue", help="Overhead of the buildings, 1 or more.")] = None,
    wue: Annotated[float | None, typer.Option("--wue", min=0, help="Litres per kWh of IT.")] = None,
    keep_bytes: Annotated[int, typer.Option("--keep-bytes", min=0, help="Bytes that every node keeps.")] = 0,
    verifications: Annotated[
        int, typer.Option("--verifications", min=0, max=MAX_COUNT, help="How often it is verified.")
    ] = 0,
    verify_seconds: Annotated[
        float | None, typer.Option("--verify-seconds", min=0, help="CPU time of one verification.")
    ] = None,
    scan_mb: Annotated[
        float | None, typer.Option("--scan-mb", min=0, help="MB over the access network for one verification.")
    ] = None,
    site_kwh_day: Annotated[
        float | None, typer.Option("--site-kwh-day", min=0, help="With it: kWh a day of the mobile site.")
    ] = None,
    site_gb_day: Annotated[
        float | None, typer.Option("--site-gb-day", min=0, help="With it: GB a day that the site carries.")
    ] = None,
    site_cut: Annotated[
        float, typer.Option("--site-cut", min=0, max=100, help="Percent that the site saves of its kWh.")
    ] = 0.0,
    issue_seconds: Annotated[float | None, typer.Option("--issue-seconds", min=0, help="CPU time to issue it.")] = None,
    watts: Annotated[float | None, typer.Option("--watts", min=0, help="Power of one busy core.")] = None,
    market: PriceMarketOption = None,
    ceiling: Annotated[
        str | None,
        typer.Option("--ceiling", help="Judge --pue and --wue by a policy: beijing or shanghai.", metavar="NAME"),
    ] = None,
    monte_carlo: Annotated[
        int | None, typer.Option("--monte-carlo", min=2, max=MAX_SAMPLES, help="Draw so many samples.", metavar="N")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draws; the same seed, the same result.")] = 0,
    data: DataOption = None,
) -> None:
    """Energy, GHG by location and by market, embodied GHG, e-waste, water: low, central and high, with every source.

    Offline. The rule of allocation must be named; the share, what the passport adds, and the whole network stand
    together, for the rule moves the result more than the physics.
    """
    from cli.ledger_page import show_ceilings, show_estimate
    from passport.ledger_footprint import EnergyMethod, estimate
    from passport.ledger_footprint.compute import computed
    from passport.ledger_footprint.data_centre import judge
    from passport.ledger_footprint.monte_carlo import simulate_estimate
    from passport.ledger_footprint.quantities import Duration, EnergyPrice, Power, Ratio, Storage, WaterIntensity

    day, catalogue = day_of(session, at), catalogue_of(data)
    ways = {"published": EnergyMethod.PUBLISHED, "nodes": EnergyMethod.NODES}
    ways |= {"machines": EnergyMethod.MACHINES, "economic": EnergyMethod.ECONOMIC}
    if method is not None and method not in ways:
        raise UsageError("no such method", where="--method", expected=f"one of {', '.join(ways)}", found=method)
    how = replace(
        method_of(rule, market=market),
        edition=edition,
        energy=ways.get(method or ""),
        price=stated(EnergyPrice, "USD/kWh", electricity_price, name="electricity price", at=day),
        pue=stated(Ratio, "1", pue, name="pue", at=day),
        wue=stated(WaterIntensity, "L/kWh", wue, name="wue", at=day),
    )
    power = stated(Power, "W", watts, name="watts of a core", at=day) or catalogue.default("core_power")
    issuer, verifier = (
        None if seconds is None else computed(Duration.of(seconds, "s"), power=power)
        for seconds in (issue_seconds, verify_seconds)
    )
    access = _access(scan_mb, site_kwh_day, site_gb_day, site_cut, day)
    if access is not None and not verifications:
        raise UsageError("nobody scans it", where="--scan-mb", expected="--verifications too")
    asked = replace(
        usage_of(gas=gas, fee=fee, data_bytes=data_bytes, batch=batch),
        passports_per_year=volume,
        kept=Storage(keep_bytes),
        verifications=verifications,
        issuer=issuer,
        verifier=verifier,
        access=access,
    )
    verdicts = () if ceiling is None else judge(ceiling, pue=how.pue, wue=how.wue)
    found = estimate(chain, usage=asked, method=how, at=day, catalogue=catalogue)
    simulated = None
    if monte_carlo is not None:
        simulated = simulate_estimate(
            chain, usage=asked, method=how, at=day, catalogue=catalogue, samples=monte_carlo, seed=seed
        )
    show_estimate(session.output, found, simulated)
    show_ceilings(session.output, verdicts)
    drawn = None if simulated is None else {name: asdict(each) for name, each in simulated.items()}
    judged = [asdict(each) for each in verdicts]
    session.output.document({**found.to_json(), "monte_carlo": drawn, "ceilings": judged})


def _access(
    scan_mb: float | None, site_kwh: float | None, site_gb: float | None, cut_percent: float, day: date
) -> Figure[Energy] | None:
    """The last mile of one scan, by a site's traffic; nothing is filled in for a site that nobody states."""
    from passport.ledger_footprint.data_centre import access_energy, after_cut
    from passport.ledger_footprint.quantities import Energy, Ratio, Storage

    given = [scan_mb, site_kwh, site_gb]
    if all(each is None for each in given):
        return None
    if scan_mb is None or site_kwh is None or not site_gb:
        raise UsageError(
            "an access network by its site's traffic",
            where="--scan-mb",
            expected="--scan-mb, --site-kwh-day and --site-gb-day above 0",
        )
    left = after_cut(Energy(site_kwh), cut=Ratio(cut_percent / 100)).amount
    energy = stated(Energy, "kWh", left, name="site", at=day)
    carried = stated(Ratio, "1", site_gb, name="GB of the site", at=day)
    if energy is None or carried is None:
        return None
    return access_energy(Storage.of(scan_mb, "MB"), site_energy=energy, site_traffic=carried)

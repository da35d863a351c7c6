"""`passport ledger measure`: the energy of one command of this program, by counters or by CPU time times watts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.exit_codes import ExitCode
from cli.ledger_footprint import MAX_COUNT, DataOption, catalogue_of, stated
from cli.session import Session, command

EXAMPLES = """\
passport ledger measure --passports 20 -- issue inventories/
passport ledger measure --watts 15 --json -- audit pack.bundle --trust trust.json
"""
STDERR: Final = 2
# The same program in a process of its own; of the working directory nothing is imported.
_CHILD: Final = "import sys; sys.path.insert(0, sys.argv[1]); from cli.main import main; sys.exit(main(sys.argv[2:]))"


@command(workspace=False)
def ledger_measure(
    session: Session,
    arguments: Annotated[
        list[str], typer.Argument(help="A command of this program and its options, after --.", metavar="COMMAND")
    ],
    *,
    passports: Annotated[
        int | None,
        typer.Option(
            "--passports",
            min=1,
            max=MAX_COUNT,
            help="So many passports it made or judged: also per passport.",
            metavar="N",
        ),
    ] = None,
    watts: Annotated[
        float | None, typer.Option("--watts", min=0, help="Power of one busy core, for CPU time times watts.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Runs it in a process of its own, the start of the program included; what it prints goes to stderr.

    The label says how: rapl is the processor's energy counters, which hold whatever else ran meanwhile; cpu_time is CPU
    time times the watts of a core, where no counters can be read. Before the building's overhead (PUE). Exit code 0: it
    was measured and ended well; 1: the command did not end well, so the number is of a failed run. CPU seconds per
    passport are what `passport ledger estimate` takes as --issue-seconds and --verify-seconds.
    """
    from cli.ledger_page import show_measured
    from cli.main import GROUPS
    from passport.ledger_footprint import compute
    from passport.ledger_footprint.quantities import Power

    catalogue, day = catalogue_of(data), session.clock().date()
    power = stated(Power, "W", watts, name="watts of a core", at=day) or catalogue.default("core_power")
    place = str(Path(__file__).resolve().parents[2])
    with compute.measuring(root=compute.RAPL_ROOT, cpu_seconds=compute.children_cpu_seconds) as measured:
        command = [sys.executable, "-P", "-c", _CHILD, place, *arguments]
        done = subprocess.run(command, stdout=STDERR, check=False)  # noqa: S603  # our own program, no shell
    found = compute.of_measurement(measured, power=power, day=day.isoformat())
    label = "rapl" if found.method is compute.ComputeMethod.RAPL else "cpu_time"
    cpu_seconds = measured.cpu.in_unit("s")
    show_measured(
        session.output, found.energy, label=label, cpu_seconds=cpu_seconds, passports=passports, code=done.returncode
    )
    each = None if passports is None else found.energy * (1 / passports)
    session.output.document(
        {
            "command": " ".join(arguments[: 2 if arguments[0] in GROUPS else 1]),
            "exit_code": done.returncode,
            "method": label,
            "energy": found.energy.to_json(),
            "cpu_seconds": cpu_seconds,
            "passports": passports,
            "energy_per_passport": None if each is None else each.to_json(),
            "cpu_seconds_per_passport": None if passports is None else cpu_seconds / passports,
            "inputs": [said.to_json() for said in found.energy.inputs],
        }
    )
    raise typer.Exit(ExitCode.DONE if done.returncode == 0 else ExitCode.REFUSED)

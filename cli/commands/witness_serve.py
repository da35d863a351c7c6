"""`passport log witness-serve`: answer logs over HTTP as C2SP tlog-witness says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.session import Session, command

EXAMPLES = """\
passport log witness-serve witness
passport log witness-serve witness --prefix /w1 --port 8080 --json 2>witness.jsonl     log lines are JSON as well
"""


@command(workspace=False, passphrase=True)
def witness_serve(
    session: Session,
    folder: Annotated[Path, typer.Argument(help="The witness's folder.", metavar="WITNESS", show_default=False)],
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen on.")] = 8000,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="The path before /add-checkpoint.", metavar="/PATH")
    ] = None,
    pace: Annotated[
        int | None,
        typer.Option("--pace", min=0, help="Seconds between two checkpoints of one log, at least; 1.", metavar="S"),
    ] = None,
) -> None:
    """Cosigns for the logs in witness.json, which is read anew when it changes (`passport log witness --trust-log`)."""
    import os

    from api.server import serve_witness
    from api.witness_settings import WitnessServiceSettings
    from passport.errors import PassportError
    from passport.witness_folder import open_witness

    settings = WitnessServiceSettings.from_environment(os.environ, folder=folder, prefix=prefix, pace_s=pace)
    output = session.output

    def complain(error: PassportError) -> None:
        output.remark(output.word("witness.logs_unread", error=error), style="yellow")

    with open_witness(
        folder, session.passphrase(), clock=session.clock, pace_s=settings.pace_s, told=complain
    ) as opened:

        def tell(url: str) -> None:
            output.remark(f"{url}{settings.prefix}")
            output.document({"url": f"{url}{settings.prefix}", "key": opened.key.text})

        serve_witness(settings, opened, host=host, port=port, json_log=output.as_json, on_listening=tell)

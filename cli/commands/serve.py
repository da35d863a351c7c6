"""`passport serve`: the HTTP service over one workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.judging import LedgerProfileOption
from cli.session import Session, TrustOption, command

EXAMPLES = """\
passport serve --trust trust.json
passport serve --host 0.0.0.0 --port 8080
"""


@command()
def serve(
    session: Session,
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen on.")] = 8000,
    trust: TrustOption = None,
    ledger_profile: LedgerProfileOption = None,
) -> None:
    """Verifies what it is sent, shows and audits what the workspace holds; it needs no keys and opens none."""
    import os

    from api.server import serve as run_service
    from api.settings import ServiceSettings

    settings = ServiceSettings.from_environment(
        os.environ, workspace=session.folder, trust=trust, ledger_profiles=ledger_profile
    )
    with session.open():
        pass  # a missing workspace is said in the same words as everywhere
    run_service(settings, host=host, port=port, on_listening=lambda url: session.output.remark(f"{url}/docs"))

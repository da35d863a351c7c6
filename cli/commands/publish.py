"""`passport publish`: the folder that any web server can serve."""

from __future__ import annotations

from cli.session import Session, command

EXAMPLES = """\
passport publish
rsync -a public/ web:/srv/acme.example/
"""


@command()
def publish(session: Session) -> None:
    """Passports, statements with opened rows unless they are withheld, the log, the DID document, key bindings."""
    output = session.output
    with session.open_company() as workspace:
        count = workspace.publish()
        output.result(output.word("publish.done", count=count, folder=workspace.public))
        output.document({"folder": str(workspace.public), "written": count})

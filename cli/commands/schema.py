"""`passport schema`: print a JSON Schema."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer

from cli.session import Session, command

EXAMPLES = """\
passport schema                 which there are
passport schema inventory       what an inventory file looks like
"""
ALIASES: Final = {
    "inventory": "inventory-1.0",
    "passport": "untp-dpp-0.7.0-issuing",
    "statement": "statement-1.0-issuing",
    "row": "row-1.0",
    "presentation": "presentation-1.0",
    "untp": "untp-dpp-0.7.0-reading",
    "pact": "pact-3.0-productfootprint-reading",
}


@command(workspace=False)
def schema(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="Which one; without it, a list.", metavar="NAME")] = None,
) -> None:
    """A schema is JSON itself, so with a name it is printed as it is, whether --json is given or not."""
    from passport.model.schema import KINDS, load_schema

    output = session.output
    if name is not None:
        text = json.dumps(load_schema(ALIASES.get(name, name)), indent=2, ensure_ascii=False) + "\n"
        output.raw(text.encode())
        return
    short = {kind: alias for alias, kind in ALIASES.items()}
    for kind, words in KINDS.items():
        output.result(f"{short.get(kind, ''):<12} {kind:<34} {words}")
    output.document(
        {"schemas": [{"name": k, "alias": short.get(k), "description": words} for k, words in KINDS.items()]}
    )

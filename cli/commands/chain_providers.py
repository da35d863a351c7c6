"""`passport chain providers`: ask several nodes of the chain at once from now on, or show how each of them stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.session import Session, command
from passport.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from passport.ledger.providers import ProviderQuorum
    from passport.workspace import Workspace
    from passport.workspace.settings import ChainProvider

EXAMPLES = """\
passport chain providers                                  how each of them stands, and where they disagreed
passport chain providers ours=ipc:/var/run/node.ipc theirs=https://node.example public=env:NODE_URL --threshold 2
passport chain providers ours=https://a.example theirs=https://b.example --threshold 2 -o chain.json
"""
_VARIABLE = "env:"


@command()
def chain_providers(
    session: Session,
    providers: Annotated[
        list[str] | None,
        typer.Argument(help="Nodes run by different people: an address, or env:VARIABLE.", metavar="NAME=ADDRESS"),
    ] = None,
    *,
    threshold: Annotated[
        int | None, typer.Option("--threshold", min=1, help="How many must agree: more than half of them.", metavar="K")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the chain's settings for others, too.", metavar="FILE")
    ] = None,
) -> None:
    """What enough of them agree on counts; who says otherwise is named, and what too few agree on is unknown."""
    with session.open() as workspace:
        if workspace.chain.driver != "rpc":
            raise UsageError(
                "only a chain behind nodes has providers", where="driver", expected="rpc", found=workspace.chain.driver
            )
        if providers:
            _choose(workspace, [_provider(text) for text in providers], threshold)
        elif threshold is not None or out is not None:
            raise UsageError("no providers to choose among", where="providers", expected="NAME=ADDRESS, two or more")
        _show(session, workspace)
        if out is not None:
            _write(out, workspace)


def _provider(text: str) -> ChainProvider:
    from pydantic import ValidationError

    from passport.workspace.settings import ChainProvider, refuse_secret_url

    name, equals, address = text.partition("=")
    if not equals or not address:
        raise UsageError("not a provider", where="providers", expected="NAME=ADDRESS", found=name)
    is_variable = address.startswith(_VARIABLE)
    if not is_variable:
        refuse_secret_url(address, where=name)
    try:
        if is_variable:
            return ChainProvider(name=name, url_variable=address.removeprefix(_VARIABLE))
        return ChainProvider(name=name, url=address)
    except ValidationError as error:
        found = error.errors()[0]
        expected = "a name of lower-case letters, digits, dots and dashes, and an address or env:VARIABLE"
        raise UsageError("not a provider", where=name, expected=expected, found=found["msg"]) from None


def _choose(workspace: Workspace, chosen: list[ChainProvider], threshold: int | None) -> None:
    """Put the providers in the place of what was asked so far, once enough of them agree on the chain's contracts."""
    from pydantic import ValidationError

    from passport.workspace import open_chain
    from passport.workspace.settings import CHAIN_FORMAT_1_2, ChainSettings

    new = workspace.chain.model_dump() | {
        "format": CHAIN_FORMAT_1_2,
        "url": None,
        "url_variable": None,
        "providers": tuple(chosen),
        "threshold": len(chosen) // 2 + 1 if threshold is None else threshold,
    }
    try:
        settings = ChainSettings.model_validate(new)
    except ValidationError as error:
        raise UsageError(error.errors()[0]["msg"], where="providers") from None
    with open_chain(settings, workspace.folder, clock=workspace.clock):
        pass  # checks the code of both contracts
    workspace.settings = workspace.settings.model_copy(update={"chain": settings})
    workspace.save()


def _show(session: Session, workspace: Workspace) -> None:
    """How each of the providers stands now."""
    from passport.ledger.providers import ProviderQuorum

    ledger, output = workspace.ledger, session.output
    if not isinstance(ledger, ProviderQuorum):
        output.result(output.word("chain.one_provider", node=getattr(ledger, "place", "")))
        output.document({"threshold": 1, "providers": [], "disagreements": []})
        return
    ledger.final_head()
    rows = _rows(ledger, workspace)
    output.result(output.word("chain.providers", threshold=workspace.chain.threshold, count=len(rows)))
    for row in rows:
        word = "chain.provider" if row["problem"] is None else "chain.provider_silent"
        output.result(output.word(word, **row))
    for disagreement in ledger.disagreements:
        output.remark(output.word("chain.disagreement", text=disagreement), style="yellow")
    disagreements = [
        {"question": each.question, "answers": dict(each.answers), "settled": each.settled}
        for each in ledger.disagreements
    ]
    output.document({"threshold": workspace.chain.threshold, "providers": rows, "disagreements": disagreements})


def _rows(ledger: ProviderQuorum, workspace: Workspace) -> list[dict[str, Any]]:
    heads, silent = ledger.ask_each(lambda provider: provider.final_head())
    return [
        {
            "name": provider.name,
            "address": provider.url or f"{_VARIABLE}{provider.url_variable}",
            "final_block": heads[provider.name].number if provider.name in heads else None,
            "problem": str(silent[provider.name]) if provider.name in silent else None,
        }
        for provider in workspace.chain.providers or ()
    ]


def _write(out: Path, workspace: Workspace) -> None:
    from passport.credentials import jcs

    try:
        out.write_bytes(jcs(workspace.chain.to_json()))
    except OSError as error:
        raise DocumentError("cannot be written", where=str(out), found=error.strerror) from error

"""`passport show`: one passport as a page, or exactly the bytes that were signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.judging import find_passport
from cli.output import plain
from cli.session import Session, command

if TYPE_CHECKING:
    from verifier.record import Linked

MAX_LINKED_BYTES = 16 << 20
EXAMPLES = """\
passport show https://acme.example/passports/0b6e...
passport show ID --raw > pack.signed.json
"""


@command()
def show(
    session: Session,
    name: Annotated[str, typer.Argument(help="A passport's id or digest, or a product's id.", metavar="ID")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Exactly the signed bytes, and nothing else.")] = False,
) -> None:
    """Says what the passport states; whether that is true is for `passport audit`."""
    from passport.credentials import read_secured
    from passport.model.digest import Digest
    from passport.model.facts import passport_facts
    from passport.store import DocumentKind
    from verifier.checks.lineage import check_links
    from verifier.store_source import StoreSource

    with session.open() as workspace:
        digest = find_passport(workspace.store, name)
        body = workspace.store.get_document(DocumentKind.PASSPORT, Digest(digest))
        if raw:
            session.output.raw(body)
            return
        secured = read_secured(body, canonical=True)
        facts = passport_facts(secured.document, secured.doc_hash)
        rows = workspace.store.rows(Digest(facts.statement.digest))
        _, _, links = check_links(facts, StoreSource(workspace.store, None), max_bytes=MAX_LINKED_BYTES)
        told = {"digest": digest, "rows_at_hand": len(rows), "links": [link.to_json() for link in links]}
        session.output.document(told | {"passport": secured.document})
        if not session.output.as_json:
            _page(session, secured.document, digest, len(rows), links)


def _page(session: Session, credential: dict[str, Any], digest: str, rows: int, links: Sequence[Linked]) -> None:
    from rich.table import Table
    from rich.text import Text

    from cli.tree import significant

    subject = credential["credentialSubject"]
    stated = subject["characteristics"]["carbonPassport"]
    place = stated["place"]
    declared = f"{stated['declaredAmount']} {stated['declaredUnit']}"
    page = Table.grid(padding=(0, 2))
    page.add_column(style="dim", no_wrap=True)
    page.add_column(overflow="fold")

    def line(title: str, value: object) -> None:
        page.add_row(title, plain(value))

    names = subject["characteristics"].get("names", {})
    line("product", " / ".join([subject["name"], *names.values()]))
    line("", subject["id"])
    line("issuer", f"{credential['issuer']['name']} ({credential['issuer']['issuerAlsoKnownAs'][0]['registeredId']})")
    line("", credential["issuer"]["id"])
    line("footprint", f"{significant(stated['total'])} kg CO2e per {declared}, cradle to gate")
    line("", f"exactly {stated['total']} kg CO2e, excluding biogenic uptake")
    for component, amount in stated["components"].items():
        unit = "m2 year" if component == "landAreaOccupation" else "kg CO2e"
        line("", f"{component}: {amount} {unit}")
    line("primary data", f"{stated['primaryDataShare']} %" if "primaryDataShare" in stated else "not stated")
    line("left out", f"{stated['exemptedPercent']} % exempted, {stated['missingInputs']} inputs declared missing")
    line("period", f"{stated['period']['start']} to {stated['period']['end']}")
    covered = stated["coveredQuantity"]
    line("covers", f"{covered['amount']} {covered['unit']}")
    line("valid", f"{credential['validFrom']} to {credential['validUntil']}")
    line("log", f"leaf {place['leafIndex']} of {place['issuerId']}")
    line("", f"{place['log']}, genesis {place['genesis']}")
    line("rows", f"{rows} at hand" if rows else "none at hand: the statement is withheld or was not received")
    for link in links:
        line("link", _linked(session, link))
        line("", link.id)
        line("", link.digest)
    line("id", credential["id"])
    line("digest", digest)
    session.output.page(Text("As stated by its issuer; nothing here has been checked.", style="dim"), page)


def _linked(session: Session, link: Linked) -> str:
    """A link in a line: to what, whether its digest is that of the document at hand, and what contradicts it."""
    from cli.reasons import reason_text

    output = session.output
    who = f": {link.name}, {link.issuer}" if link.name else ""
    held = output.word(f"link.{link.held}")
    wrong = f"; {reason_text(link.reason, output.language)}" if link.held == "matches" and link.reason else ""
    return f"{output.word(f'link.{link.kind}')}{who} ({held}{wrong})"

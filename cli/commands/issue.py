"""`passport issue`: inventories in, signed and stored passports out, suppliers first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.progress import progress
from cli.session import Session, TrustOption, command

if TYPE_CHECKING:
    from passport.exchange.inventory_file import InventoryFile
    from passport.issuer import IssuedPassport
    from passport.model.inventory import Inventory
    from passport.store import Store

EXAMPLES = """\
passport issue cell.yaml
passport issue inventories/ --trust trust.json --passphrase file:secret.txt
passport issue pack.yaml --accept-imported --min-recomputed 0     build on footprints that nobody signed
"""


@command(passphrase=True)
def issue(
    session: Session,
    inventories: Annotated[
        list[Path], typer.Argument(help="Inventory files or folders of them; - is stdin.", metavar="INVENTORY...")
    ],
    *,
    trust: TrustOption = None,
    accept_imported: Annotated[
        bool, typer.Option("--accept-imported", help="Build on footprints that nobody signed, and answer for them.")
    ] = False,
    min_recomputed: Annotated[
        float,
        typer.Option("--min-recomputed", min=0, max=1, help="Share of each upstream's emissions to be re-done."),
    ] = 0.0,
) -> None:
    """Every upstream passport is audited first; one that does not pass is refused.

    A folder is put in order by itself; what was issued before is left alone, so a folder may be issued again after an
    error. Statements of inventories with `disclosure: withheld` stay with us.
    """
    from cli.acceptance import Acceptance
    from passport.issuer import order_inventories
    from passport.model.inventory import Disclosure
    from verifier.policy import upstream_policy

    files = _read(inventories)
    output = session.output
    with session.open_company() as workspace:
        acceptance = Acceptance(
            workspace,
            trust=session.trust(trust),
            policy=upstream_policy(min_recomputed=min_recomputed, accept_imported=accept_imported),
            clock=session.clock,
            accept_imported=accept_imported,
        )
        issuer = workspace.issuer(session.passphrase(), accept=acceptance)
        issued: list[dict[str, object]] = []
        known: list[dict[str, object]] = []
        ordered = order_inventories([file.inventory for file in files])
        with progress(output, "issue") as tick:
            for done, inventory in enumerate(ordered, 1):
                before = _issued_before(workspace.store, inventory)
                if before:
                    known.append({"id": before, "name": inventory.product.name})
                    output.remark(output.word("issue.known", name=inventory.product.name, id=before))
                    continue
                passport = issuer.issue(inventory)
                issued.append(_json(passport, is_withheld=inventory.disclosure is Disclosure.WITHHELD))
                tick(done, len(ordered))
                output.result(f"{passport.id}  {passport.name}: {passport.total} kg CO2e per {passport.declared}")
        output.remark(output.word("issue.done", count=len(issued)))
        output.remark(output.word("issue.next"))
        output.document({"passports": issued, "issued_before": known})


def _issued_before(store: Store, inventory: Inventory) -> str | None:
    """The passport made of exactly this inventory, so that a folder that failed halfway can be issued again."""
    from passport.credentials import jcs
    from passport.model.digest import digest_of
    from passport.store import DocumentKind

    digest = digest_of(jcs(inventory.to_json()))
    refs = store.find_documents(DocumentKind.INVENTORY, subject_id=inventory.product.id, own=True)
    return next((ref.document_id for ref in refs if ref.digest == digest), None)


def _json(passport: IssuedPassport, *, is_withheld: bool) -> dict[str, object]:
    return {
        "id": passport.id,
        "digest": passport.digest,
        "statement_digest": passport.statement_digest,
        "name": passport.name,
        "total": passport.total,
        "unit": "kg CO2e",
        "per": passport.declared,
        "leaf_index": passport.leaf_index,
        "withheld": is_withheld,
    }


def _read(paths: list[Path]) -> list[InventoryFile]:
    from passport.exchange.inventory_file import read_inventories, read_inventory_bytes

    named = [path for path in paths if str(path) != "-"]
    files = read_inventories(named) if named else []
    if len(named) < len(paths):
        files.append(read_inventory_bytes(sys.stdin.buffer.read(), name="stdin"))
    return files

"""`passport issue`: inventories in, signed and stored passports out, suppliers first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.judging import LedgerProfileOption, ledger_profiles
from cli.progress import progress
from cli.session import Session, TrustOption, command

if TYPE_CHECKING:
    from passport.exchange.inventory_file import InventoryFile
    from passport.issuer import IssuedPassport
    from passport.model.inventory import Inventory, LedgerCeiling
    from passport.store import Store
    from passport.workspace import Workspace

EXAMPLES = """\
passport issue cell.yaml
passport issue inventories/ --trust trust.json --passphrase file:secret.txt
passport issue pack.yaml --accept-imported --min-recomputed 0     build on footprints that nobody signed
passport issue pack.yaml --ledger-ceiling auto                    promise what its place on the ledger costs at most
passport issue pack.yaml --status-list                            for readers who know no chain
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
    ledger_ceiling: Annotated[
        str | None,
        typer.Option(
            "--ledger-ceiling",
            help="The most that a passport's place on the ledger costs, kg CO2e, where an inventory does not say; "
            "auto computes it for the workspace's chain.",
            metavar="KG|auto",
        ),
    ] = None,
    ledger_batch: Annotated[
        int,
        typer.Option("--ledger-batch", min=1, help="Passports that share a checkpoint at least.", metavar="N"),
    ] = 1,
    ledger_profile: LedgerProfileOption = None,
    status_list: Annotated[
        bool,
        typer.Option("--status-list", help="Name an entry of a status list that `passport lists` signs."),
    ] = False,
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
            ledger_profiles=ledger_profiles(ledger_profile),
            accept_imported=accept_imported,
        )
        ceiling = _ceiling(session, workspace, ledger_ceiling, ledger_batch, ledger_profile)
        issuer = workspace.issuer(
            session.passphrase(), accept=acceptance, ledger_ceiling=ceiling, names_status_list=status_list
        )
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


def _ceiling(
    session: Session, workspace: Workspace, stated: str | None, batch: int, files: list[Path] | None
) -> LedgerCeiling | None:
    """What is promised of the ledger's own footprint where an inventory promises nothing."""
    if stated is None:
        return None
    from passport.issuer import stated_ceiling, suggested_ceiling
    from passport.model.amount import read_decimal

    chain, day, profiles = workspace.chain.chain, session.clock().date(), ledger_profiles(files)
    if stated == "auto":
        ceiling = suggested_ceiling(chain, at=day, minimum_batch=batch, profiles=profiles)
    else:
        amount = read_decimal(stated, where="--ledger-ceiling")
        ceiling = stated_ceiling(amount, chain, at=day, minimum_batch=batch, profiles=profiles)
    session.output.detail(f"setting ledger-ceiling = {ceiling.amount} kg CO2e, {batch} passports a checkpoint")
    return ceiling


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

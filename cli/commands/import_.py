"""`passport import`: take in what others publish: folders, bundles, deliveries, status lists, PACT and UNTP 0.6."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import plain
from cli.progress import progress
from cli.session import ResolveOption, Session, command
from passport.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from passport.credentials.local_contexts import LocalContexts
    from passport.workspace import Workspace

MAX_PACT_BYTES = 16 << 20
MAX_UNTP_BYTES = 1 << 20

EXAMPLES = """\
passport import supplier/public             a supplier's publication
passport import tree.bundle                 the documents of a bundle
passport import pact footprints.json        PACT footprints: signed by nobody, and marked so
passport import delivery ore.json           what a supplier signed that it delivered, for `delivery` in an inventory
passport import status-list revocation-0.json           a status list: a file, or its URL
passport import status-list https://mill.example/status-lists/revocation-0.json --resolve-dids
passport import untp battery.json           passports of UNTP 0.6, for what they state: JSON, or vc+jwt
passport import untp battery.json --contexts contexts.json    those signed as RDF graphs too
"""


@command()
def import_(
    session: Session,
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Publication folders or bundles; or `pact`, `untp`, `delivery` or `status-list` and files of those.",
            metavar="SOURCE...",
        ),
    ],
    *,
    resolve_dids: ResolveOption = False,
    contexts: Annotated[
        list[Path] | None,
        typer.Option(
            help="JSON object from a context's URL to its file beside it; for proofs over RDF graphs (extra rdfc).",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Nothing taken in is believed: documents are filed under their hash; whether they are true is for the audit."""
    output = session.output
    with session.open() as workspace:
        if sources[0] == "pact":
            if len(sources) == 1:
                raise UsageError("no PACT file named", expected="passport import pact FILE...")
            footprints = [entry for source in sources[1:] for entry in _pact(session, workspace, Path(source))]
            output.document({"imported": footprints})
            return
        if sources[0] == "delivery":
            if len(sources) == 1:
                raise UsageError("no delivery named", expected="passport import delivery FILE...")
            output.document({"deliveries": [_delivery(session, workspace, Path(source)) for source in sources[1:]]})
            return
        if sources[0] == "status-list":
            from cli.status_list_import import take_in_list

            if len(sources) == 1:
                raise UsageError("no status list named", expected="passport import status-list FILE_OR_URL...")
            lists = [take_in_list(session, workspace, source, resolve_dids=resolve_dids) for source in sources[1:]]
            output.document({"status_lists": lists})
            return
        if sources[0] == "untp":
            from passport.credentials.local_contexts import read_local_contexts

            if len(sources) == 1:
                raise UsageError("no file named", expected="passport import untp FILE...")
            known = read_local_contexts(contexts) if contexts else None
            untp = [
                _untp(session, workspace, Path(source), resolve_dids=resolve_dids, contexts=known)
                for source in sources[1:]
            ]
            output.document({"imported": untp})
            return
        received = []
        with progress(output, "import") as tick:
            for source in sources:
                received.append(_take_in(session, workspace, Path(source)))
                tick(len(received), len(sources))
        output.document({"received": received})


def _take_in(session: Session, workspace: Workspace, source: Path) -> dict[str, Any]:
    output = session.output
    if not source.exists():
        raise DocumentError("nothing there", where=str(source), hint="name a publication folder, or a bundle") from (
            FileNotFoundError(str(source))
        )
    if source.is_dir():
        taken = workspace.receive(source)
        refused = [{"file": name, "reason": reason} for name, reason in taken.refused]
        counts = (taken.did, taken.passports, taken.statements, taken.log_entries)
        about_ledgers = taken.ledger_statements
    else:
        about_ledgers = 0
        counts, refused = _bundle(workspace, source)
    name, passports, statements, entries = counts
    output.result(output.word("import.done", source=name, passports=passports, statements=statements, entries=entries))
    if about_ledgers:
        output.result(output.word("import.ledger", count=about_ledgers))
    for entry in refused:
        output.remark(output.word("import.refused", file=entry["file"], reason=entry["reason"]), style="yellow")
    return {
        "source": name,
        "passports": passports,
        "statements": statements,
        "ledger_statements": about_ledgers,
        "log_entries": entries,
        "refused": refused,
    }


def _bundle(workspace: Workspace, source: Path) -> tuple[tuple[str, int, int, int], list[dict[str, str]]]:
    """File a bundle's documents; its chain facts are proofs for one moment and stay in it."""
    from cli.bundle_documents import take_in_bundle

    taken = take_in_bundle(workspace.store, source)
    refused = [{"file": name, "reason": reason} for name, reason in taken.refused]
    return (str(source), taken.passports, taken.statements, 0), refused


def _delivery(session: Session, workspace: Workspace, file: Path) -> dict[str, Any]:
    """File a delivery that its issuer is seen to have signed: whoever is to state it will not want another one."""
    from passport.credentials.canonical import MAX_DOCUMENT_BYTES
    from passport.credentials.plain_file import read_plain_file
    from passport.filing import file_event, verify_event

    body = read_plain_file(file, max_bytes=MAX_DOCUMENT_BYTES, what="delivery")
    event = verify_event(workspace.store, body, at=session.clock())
    (said,) = event.document["credentialSubject"]
    if "movedProduct" not in said:
        raise DocumentError("not a delivery", where=str(file), expected="MoveEvent", found=said["type"][0])
    is_new = file_event(workspace.store, body)
    exact = said["exactQuantity"]
    for each in exact:
        session.output.result(
            session.output.word(
                "import.delivery",
                digest=event.doc_hash,
                quantity=f"{each['amount']} {each['unit']}",
                product=each["product"],
                supplier=event.document["issuer"]["name"],
            )
        )
    return {"file": str(file), "digest": event.doc_hash, "supplier": event.issuer_did, "new": is_new, "moved": exact}


def _pact(session: Session, workspace: Workspace, file: Path) -> list[dict[str, Any]]:
    from passport.credentials.plain_file import read_plain_file
    from passport.exchange.pact import read_footprints
    from passport.filing import file_footprint
    from passport.model.amount import to_text

    data = read_plain_file(file, max_bytes=MAX_PACT_BYTES, what="PACT file")
    output = session.output
    imported = []
    with workspace.store.transaction():
        for footprint in read_footprints(data):
            identifier = f"urn:uuid:{footprint.id.lower()}"
            declared = f"{to_text(footprint.declared_amount)} {footprint.declared_unit}"
            file_footprint(workspace.store, footprint)
            total = f"{footprint.total_excluding:f}"
            output.result(
                output.word("import.pact", name=footprint.product_name, id=identifier, total=total, declared=declared)
            )
            for problem in footprint.problems:
                told = plain(f"{problem.code}: {problem.field}: {problem.message}")
                output.remark(f"  {told}", style="yellow")
            imported.append(
                {
                    "id": identifier,
                    "digest": footprint.digest,
                    "name": footprint.product_name,
                    "product": footprint.product_ids[0],
                    "company": footprint.company_name,
                    "total": total,
                    "per": declared,
                    "problems": [
                        {"code": str(p.code), "field": p.field, "message": p.message} for p in footprint.problems
                    ],
                }
            )
    return imported


def _untp(
    session: Session, workspace: Workspace, file: Path, *, resolve_dids: bool, contexts: LocalContexts | None
) -> dict[str, Any]:
    """A passport of UNTP 0.6. Only a did:key, or the issuer's own host if it is asked, says whose a signature is."""
    from cli.judging import did_resolver
    from passport.credentials import ChainOfResolvers, KeyDidResolver, key_lookup
    from passport.credentials.plain_file import read_plain_file
    from passport.exchange.untp06_received import receive_untp06
    from passport.filing import file_untp06

    data = read_plain_file(file, max_bytes=MAX_UNTP_BYTES, what="UNTP passport")
    now, output = session.clock(), session.output
    resolvers = [KeyDidResolver(), *([did_resolver()] if resolve_dids else [])]
    received = receive_untp06(data, key_lookup(ChainOfResolvers(resolvers), at=now), at=now, contexts=contexts)
    with workspace.store.transaction():
        file_untp06(workspace.store, received.body)
    stated, card = received.passport, received.passport.footprint
    total = output.word("import.untp_no_total")
    if card is not None:
        unit = card.declared_unit or card.declared_unit_code
        total = output.word("import.untp_total", total=card.kg_co2e_per_declared_unit, unit=unit)
    signed = output.word("import.untp_open", problem=received.problem)
    if received.signed_by is not None:
        signed = output.word("import.untp_signed", did=received.signed_by)
    output.result(
        output.word(
            "import.untp",
            name=stated.product_name,
            id=stated.id,
            total=total,
            signed=signed,
            unknown=", ".join(stated.unknown),
        )
    )
    if not received.is_valid:
        output.remark("  " + output.word("import.untp_not_valid"), style="yellow")
    return {
        "id": stated.id,
        "digest": stated.digest,
        "version": stated.version,
        "name": stated.product_name,
        "product": stated.product_id,
        "issuer": stated.issuer_id,
        "signature": "passed" if received.signed_by is not None else "unknown",
        "signature_reason": received.problem,
        "answered": "second_hand",
        "is_valid": received.is_valid,
        "total": card and card.kg_co2e_per_declared_unit,
        "per": card and str(card.declared_unit or card.declared_unit_code),
        "unknown": list(stated.unknown),
    }

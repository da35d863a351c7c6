"""`passport log`: export, verify, void-nonces, witness-init, witness: a log that can be judged without its chain."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.judging import source_of
from cli.output import plain, write_json
from cli.session import Session, TrustOption, command
from passport.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from passport.ledger.witness import Witness
    from passport.log_export import Served
    from passport.workspace import Workspace

EXPORT_EXAMPLES = """\
passport log export -o public/log
passport log export -o public/log --json | jq -r .key      the log's key, for its witnesses
passport log export -o mirror/mill --of EUID:FI.1234567-8 --checkpoint mill-checkpoint     a supplier's log
"""
VERIFY_EXAMPLES = """\
passport log verify public/log --trust trust.json
passport log verify public/log --log-key "$(cat acme.vkey)"
"""
VOID_NONCES_EXAMPLES = """\
passport log void-nonces -o void-nonces.json               for an auditor who may see the whole log
"""
WITNESS_INIT_EXAMPLES = """\
passport log witness-init witness --name witness.example/w1
"""
WITNESS_EXAMPLES = """\
passport log witness witness --trust-log "$(cat acme.vkey)"
passport log witness witness --cosign public/log           adds the cosignature to the folder's checkpoint
passport log witness witness --request request.txt         answers one request of C2SP tlog-witness
passport log witness witness --evidence found              writes what shows that a log lies
"""

OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Where it is written.", metavar="PATH")]
ExportedArgument = Annotated[
    Path, typer.Argument(help="A folder that `passport log export` wrote.", metavar="FOLDER", show_default=False)
]
WitnessArgument = Annotated[Path, typer.Argument(help="The witness's folder.", metavar="WITNESS", show_default=False)]
MAX_REQUEST_BYTES = 1 << 20


@command(passphrase=True)
def export(
    session: Session,
    *,
    out: OutputOption,
    of: Annotated[
        str | None,
        typer.Option("--of", help="Somebody else's log that was imported: an entity's id, or SCHEME:IDENTIFIER."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            help="With --of: the checkpoint that its issuer signed; else we sign the copy.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """The log as far as the chain holds it, as tiles with a signed checkpoint; repeat it after each anchoring."""
    if of is None and checkpoint is not None:
        raise UsageError("our own log is signed by us", where="--checkpoint", expected="--of ENTITY beside it")
    if of is not None:
        _export_of(session, of, out, checkpoint)
        return
    from passport.credentials import Role
    from passport.ledger.log_note import log_origin
    from passport.ledger.tile_folder import TileFolder
    from passport.log_export import export_log, note_key

    output = session.output
    with session.open_company() as workspace:
        checkpoints = workspace.store.log_checkpoints(workspace.log_key)
        if not checkpoints:
            raise UsageError("nothing is anchored yet", where=str(session.folder), hint="`passport anchor` does it")
        place, keys = workspace.place, workspace.keys()
        origin = log_origin(place.log, place.issuer_id, place.genesis)
        signer = keys.open_signer(keys.active(Role.CREDENTIAL), session.passphrase())
        entries = workspace.store.log_entries(workspace.log_key, stop=checkpoints[-1].size)
        served = export_log(entries, TileFolder(out), origin=origin, signer=signer)
        key = note_key(signer, origin)
    output.result(output.word("log.exported", size=served.checkpoint.size, folder=out))
    output.result(key.text)
    output.document({**_described(served), "folder": str(out), "key": key.text})


def _export_of(session: Session, name: str, out: Path, checkpoint: Path | None) -> None:
    from cli.log_mirror import export_mirror

    output = session.output
    with session.open() as workspace:
        served, key = export_mirror(session, workspace, name, out, checkpoint)
    output.result(output.word("log.exported", size=served.checkpoint.size, folder=out))
    if key is not None:
        output.result(key.text)
        output.remark(output.word("log.mirrored"))
    output.document({**_described(served), "folder": str(out), "key": key.text if key is not None else None})


@command()
def verify(
    session: Session,
    folder: ExportedArgument,
    *,
    trust: TrustOption = None,
    log_key: Annotated[
        list[str] | None,
        typer.Option("--log-key", help="A key the log may sign with, as `export` prints it.", metavar="VKEY"),
    ] = None,
) -> None:
    """Exit code 0: whole, and held by the chain or cosigned by enough trusted witnesses; 1: not; 3: undecided.

    Without `--log-key` the registry says which of the keys at hand are the issuer's, as far as a chain is in reach.
    """
    from cli.judging import exit_code_of_verdict
    from cli.tree import verdict_text
    from passport.ledger.signed_note import parse_note_key
    from passport.ledger.tile_folder import TileFolder
    from verifier.exported_log import judge_exported
    from verifier.log_signers import keys_at_hand

    keys = [parse_note_key(text) for text in log_key or ()]
    trusted = session.trust(trust)
    with ExitStack() as stack:
        workspace = _workspace(session, stack)
        report = judge_exported(
            TileFolder(folder).fetch,
            trust=trusted,
            source=source_of(workspace) if workspace else None,
            log_keys=keys,
            keys_of=(lambda issuer_id: keys_at_hand(workspace.store, issuer_id)) if workspace else None,
        )
    output = session.output
    if output.as_json:
        write_json(report.to_json())
    else:
        output.result(report.origin)
        for row in report.rows:
            output.result(f"  {output.word('row.' + row.outcome.value):<8} {row.id:<15} {plain(row.found)}")
        output.result(verdict_text(output, report))
    raise typer.Exit(exit_code_of_verdict(report))


@command()
def void_nonces(session: Session, *, out: OutputOption) -> None:
    """Whoever has them can tell how many passports there are: hand them to nobody else than who may know that."""
    from verifier.open_log import write_void_nonces

    output = session.output
    with session.open_company() as workspace:
        nonces = workspace.store.void_nonces(workspace.log_key)
        data = write_void_nonces(workspace.log_key, nonces)
    if str(out) == "-":
        output.raw(data)
    else:
        _write(out, data)
        output.result(output.word("log.nonces", count=len(nonces), file=out))
        output.document({"file": str(out), "void": len(nonces)})
    output.remark(output.word("log.nonces_warning"), style="yellow")


@command(workspace=False, passphrase=True)
def witness_init(
    session: Session,
    folder: WitnessArgument,
    *,
    name: Annotated[
        str, typer.Option("--name", help="The witness's name, such as witness.example/w1.", metavar="NAME")
    ],
) -> None:
    """Prints its public key, which whoever believes it puts into a trust file."""
    from passport.witness_folder import found_witness

    settings = found_witness(folder, name, session.passphrase(confirm=True))
    session.output.result(settings.key)
    session.output.document({"folder": str(folder), "key": settings.key})


@command(workspace=False, passphrase=True)
def witness(
    session: Session,
    folder: WitnessArgument,
    *,
    trust_log: Annotated[
        list[str] | None,
        typer.Option("--trust-log", help="Cosign for the log with this key from now on.", metavar="VKEY"),
    ] = None,
    cosign: Annotated[
        Path | None, typer.Option("--cosign", help="Cosign the checkpoint of an exported log.", metavar="FOLDER")
    ] = None,
    request: Annotated[
        Path | None,
        typer.Option("--request", help="Answer the body of an add-checkpoint request; - is stdin.", metavar="FILE"),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", help="Write both notes of each contradiction it was shown.", metavar="FOLDER"),
    ] = None,
) -> None:
    """Cosigns a checkpoint only if the log has grown from the last one it cosigned; two histories it refuses."""
    from passport.ledger.signed_note import parse_note_key
    from passport.witness_folder import open_witness, read_witness, watch_log

    if not (trust_log or cosign or request or evidence):
        raise UsageError("nothing to do", expected="--trust-log, --cosign, --request or --evidence")
    settings = read_witness(folder)
    for text in trust_log or ():
        settings = watch_log(folder, parse_note_key(text))
    document: dict[str, object] = {"key": settings.key, "logs": list(settings.logs)}
    output = session.output
    if cosign or request:
        with open_witness(folder, session.passphrase(), clock=session.clock) as opened:
            lines = [_cosign(opened, cosign)] if cosign else []
            lines += [opened.answer(_request(request)).decode()] if request else []
        output.result("".join(lines).rstrip("\n"))
        document["cosignatures"] = lines
    if evidence:
        document["contradictions"] = count = _write_evidence(folder, evidence)
        output.result(output.word("witness.forks", count=count, folder=evidence))
    output.document(document)


def _write_evidence(witness: Path, folder: Path) -> int:
    """Two signed notes a contradiction, each of which whoever knows the log's key can verify."""
    from passport.witness_folder import contradictions

    found = contradictions(witness)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DocumentError("cannot be made", where=str(folder), found=error.strerror) from error
    for number, fork in enumerate(found, start=1):
        _write(folder / f"{number}-held.txt", fork.held)
        _write(folder / f"{number}-shown.txt", fork.shown)
    return len(found)


def _cosign(witness: Witness, folder: Path) -> str:
    """Cosign the checkpoint in a folder, with the proof that its own tiles give, and put the line below it."""
    from passport.ledger.tile_folder import TileFolder
    from passport.log_export import cosign_folder

    return cosign_folder(TileFolder(folder), witness).line


def _request(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_REQUEST_BYTES + 1)
    from passport.credentials.plain_file import read_plain_file

    return read_plain_file(path, max_bytes=MAX_REQUEST_BYTES, what="request")


def _workspace(session: Session, stack: ExitStack) -> Workspace | None:
    """The workspace in the folder, if there is one."""
    from passport.workspace import WORKSPACE_FILE

    if not (session.folder / WORKSPACE_FILE).exists():
        return None
    return stack.enter_context(session.open())


def _described(served: Served) -> dict[str, object]:
    checkpoint = served.checkpoint
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": "0x" + checkpoint.root.hex()}


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise DocumentError("cannot be written", where=str(path), found=error.strerror) from error

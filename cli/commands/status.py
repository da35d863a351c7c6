"""`passport status`: what the chain says of a passport; `revoke`, `suspend`, `reinstate`, `supersede`: saying it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cost import Cost, confirm_costs, estimate, report_costs
from cli.judging import find_passport
from cli.relaying import PayOption, RelayOption, relay_for
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger import StatusKind
    from passport.ledger.passport_log import StatusRecord
    from passport.model.facts import PassportFacts
    from passport.workspace import Workspace

STATUS_EXAMPLES = """\
passport status https://acme.example/passports/0b6e...
passport status ID --json | jq .revoked
"""
REVOKE_EXAMPLES = """\
passport revoke ID --reason "a meter was misread"       for good: nothing takes it back
passport revoke ID --dry-run                            what would it cost?
"""
SUSPEND_EXAMPLES = """\
passport suspend ID --reason "under review"
"""
REINSTATE_EXAMPLES = """\
passport reinstate ID
"""
SUPERSEDE_EXAMPLES = """\
passport supersede OLD_ID --by NEW_ID                   the old number was right; a newer one exists
passport supersede OLD_ID --by NEW_ID --corrects        the old number was wrong
"""

PassportArgument = Annotated[
    str, typer.Argument(help="A passport's id or digest, or a product's id.", metavar="ID", show_default=False)
]
ReasonOption = Annotated[
    str | None,
    typer.Option("--reason", help="Why. Only its SHA-256 goes onto the chain: keep the text.", metavar="TEXT"),
]


@command()
def status(session: Session, name: PassportArgument) -> None:
    """Of a passport in this workspace, ours or another's; who really issued it is for `passport audit`."""
    with session.open() as workspace:
        _show(session, workspace, _facts(workspace, name))


@command(passphrase=True)
def revoke(
    session: Session,
    name: PassportArgument,
    *,
    reason: ReasonOption = None,
    relay: RelayOption = None,
    pay: PayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Every audit fails `status` from then on, whoever built on it included. It cannot be taken back."""
    from passport.ledger import StatusKind

    _say(session, name, StatusKind.REVOKED, reason=reason, relay=relay, pay=pay, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def suspend(
    session: Session,
    name: PassportArgument,
    *,
    reason: ReasonOption = None,
    relay: RelayOption = None,
    pay: PayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Every audit fails `status` until it is reinstated."""
    from passport.ledger import StatusKind

    _say(session, name, StatusKind.SUSPENDED, reason=reason, relay=relay, pay=pay, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def reinstate(
    session: Session,
    name: PassportArgument,
    *,
    reason: ReasonOption = None,
    relay: RelayOption = None,
    pay: PayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Ends a suspension. What was revoked stays revoked."""
    from passport.ledger import StatusKind

    _say(session, name, StatusKind.REINSTATED, reason=reason, relay=relay, pay=pay, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def supersede(
    session: Session,
    name: PassportArgument,
    *,
    by: Annotated[str, typer.Option("--by", help="The passport that takes its place, anchored later.", metavar="ID")],
    corrects: Annotated[
        bool, typer.Option("--corrects", help="The old number was wrong: audits of the old one fail `status`.")
    ] = False,
    reason: ReasonOption = None,
    relay: RelayOption = None,
    pay: PayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """The old passport still passes `status`, with a note, unless the new one corrects it. Said once and for good."""
    from passport.ledger import StatusKind

    kind = StatusKind.CORRECTED if corrects else StatusKind.SUPERSEDED
    _say(session, name, kind, by=by, reason=reason, relay=relay, pay=pay, dry_run=dry_run, yes=yes)


def _say(
    session: Session,
    name: str,
    kind: StatusKind,
    *,
    by: str | None = None,
    reason: str | None,
    relay: str | None,
    pay: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    from passport.ledger import Address, LogWriter

    output = session.output
    with session.open_company() as workspace:
        client = relay_for(workspace, output, relay, pay=pay)
        facts = _own(workspace, name)
        following = _own(workspace, by) if by is not None else None
        if following is not None and following.place.leaf_index <= facts.place.leaf_index:
            raise UsageError(
                "only a later passport takes another's place",
                where="--by",
                expected=f"a leaf after {facts.place.leaf_index}",
                found=f"leaf {following.place.leaf_index}",
            )
        next_index = following.place.leaf_index if following is not None else 0
        reason_hash = sha256(reason.encode()).digest() if reason else bytes(32)

        def costs() -> list[Cost]:
            writer = LogWriter(Address(workspace.chain.log), workspace.ledger.chain)
            call = writer.set_status(
                workspace.place.issuer_id, facts.place.leaf_index, kind, next_index=next_index, reason_hash=reason_hash
            )
            sender = Address(workspace.settings.anchoring or "")
            what = f"{kind.name.lower()} leaf {facts.place.leaf_index}"
            return [estimate(workspace.ledger, sender, call, what=what)]

        if dry_run:
            tried = costs()  # whoever pays
            report_costs(output, tried if client is None else [])
            return
        if client is None:
            confirm_costs(session, workspace.ledger, costs, yes=yes)
        workspace.set_status(
            session.passphrase(),
            index=facts.place.leaf_index,
            kind=kind,
            next_index=next_index,
            reason=reason_hash,
            relay=client,
        )
        _show(session, workspace, facts, said=kind.name.lower(), reason_hash=reason_hash.hex() if reason else None)


def _facts(workspace: Workspace, name: str) -> PassportFacts:
    from passport.credentials import read_secured
    from passport.model.digest import Digest
    from passport.model.facts import passport_facts
    from passport.store import DocumentKind

    digest = Digest(find_passport(workspace.store, name))
    secured = read_secured(workspace.store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
    return passport_facts(secured.document, secured.doc_hash)


def _own(workspace: Workspace, name: str) -> PassportFacts:
    """One of our own passports, anchored.

    Raises:
        UsageError: It is somebody else's, or not anchored yet.
    """
    facts = _facts(workspace, name)
    if facts.place.issuer_id != workspace.place.issuer_id or facts.place.log != workspace.place.log:
        raise UsageError("only its issuer can say that of a passport", where=facts.id, found=facts.issuer_name)
    if _read(workspace, facts) is None:
        raise UsageError("the passport is not anchored yet", where=facts.id, hint="run `passport anchor` first")
    return facts


def _read(workspace: Workspace, facts: PassportFacts) -> StatusRecord | None:
    """What the chain says of the leaf; None when its log does not reach that far."""
    from passport.ledger import Address, PassportLogView

    log = PassportLogView(workspace.ledger.state(), Address(workspace.chain.log))
    head = log.head(facts.place.issuer_id)
    if head is None or facts.place.leaf_index >= head.size:
        return None
    return log.status(facts.place.issuer_id, facts.place.leaf_index)


def _show(
    session: Session,
    workspace: Workspace,
    facts: PassportFacts,
    *,
    said: str | None = None,
    reason_hash: str | None = None,
) -> None:
    output = session.output
    chain = workspace.chain
    if facts.place.log != f"{chain.chain}:{chain.log}" or facts.place.genesis != chain.genesis:
        raise UsageError(
            "the passport stands on another chain than this workspace's",
            where=facts.id,
            expected=f"{chain.chain}:{chain.log}",
            found=facts.place.log,
        )
    record = _read(workspace, facts)
    block = workspace.ledger.final_head()
    successor = record.successor if record else None
    if record is None:
        state = "open"
    elif record.revoked:
        state = "revoked"
    elif record.suspended:
        state = "suspended"
    elif successor is not None:
        state = successor.kind.name.lower()
    else:
        state = "current"
    line = output.word(f"status.{state}", next=successor.next_index if successor else "")
    output.result(f"{facts.id}  {facts.subject_name}: {line}")
    if reason_hash is not None:
        output.result(output.word("status.reason", hash=f"0x{reason_hash}"))
    output.remark(output.word("status.as_of", block=block.number, time=f"{block.time:%Y-%m-%dT%H:%M:%SZ}"))
    document: dict[str, Any] = {
        "id": facts.id,
        "digest": facts.digest,
        "status": state,
        "leaf_index": facts.place.leaf_index,
        "anchored": record is not None,
        "revoked": bool(record and record.revoked),
        "suspended": bool(record and record.suspended),
        "successor": None
        if successor is None
        else {"kind": successor.kind.name.lower(), "leaf_index": successor.next_index, "time": successor.time},
        "as_of": {"chain": chain.chain, "block": block.number},
    }
    if said is not None:
        document |= {"said": said, "reason_hash": None if reason_hash is None else f"0x{reason_hash}"}
    output.document(document)

"""`passport registry`: what the issuer registry holds of a legal entity and its keys, and what may be said there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cost import Cost, confirm_costs, estimate, report_costs
from cli.judging import moment_of
from cli.names import ADDRESS, ISSUER_ID, MULTIKEY
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from passport.ledger import Call, IssuerId, RegistryView, RegistryWriter
    from passport.ledger.registry_records import KeyWindow
    from passport.workspace import Workspace

SHOW_EXAMPLES = """\
passport registry show                       this company, its keys and their windows
passport registry show EUID:DEK1101R.HRB123456
passport registry show 0x5f2c... --json | jq '.suspensions'
"""
RETIRE_EXAMPLES = """\
passport registry retire-key z6Mk... --dry-run     what would it cost?
passport registry retire-key 0x8ba1...             what it signed before stays good
"""
COMPROMISE_EXAMPLES = """\
passport registry report-compromise z6Mk... --since 2026-11-20T00:00:00Z
passport registry report-compromise z6Mk... --since 2026-11-20 --entity 0x5f2c...   as its registrar
"""
SUSPEND_EXAMPLES = """\
passport registry suspend EUID:DEK1101R.HRB123456
"""
REINSTATE_EXAMPLES = """\
passport registry reinstate EUID:DEK1101R.HRB123456
"""

EntityArgument = Annotated[
    str, typer.Argument(help="An entity's id, or SCHEME:IDENTIFIER.", metavar="ENTITY", show_default=False)
]
KeyArgument = Annotated[
    str, typer.Argument(help="An account (0x...) or a credential key (z6Mk...).", metavar="KEY", show_default=False)
]


@command()
def show(
    session: Session,
    name: Annotated[
        str | None, typer.Argument(help="An entity's id, or SCHEME:IDENTIFIER; this company's own.", metavar="ENTITY")
    ] = None,
) -> None:
    """As of the newest final block. Whether it is to be believed up to a trusted root says `passport who`."""
    from passport.ledger import Address, RegistryView

    output = session.output
    with session.open() as workspace:
        block = workspace.ledger.final_head()
        registry = RegistryView(workspace.ledger.state(block), Address(workspace.chain.registry))
        found = _entity(workspace, registry, name)
        for title, value in _rows(found):
            output.result(f"{output.word(f'registry.{title}')}  {value}")
        output.remark(output.word("who.as_of", block=block.number, time=f"{block.time:%Y-%m-%dT%H:%M:%SZ}"))
        output.document(found | {"as_of": {"chain": workspace.chain.chain, "block": block.number}})


@command(passphrase=True)
def retire_key(session: Session, key: KeyArgument, *, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """Ends the window of one of this company's keys, now and for good; `passport keys rotate` replaces one in use."""

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        account, hashed = _key(key)
        if account is not None:
            return writer.retire_account_key(account)
        return writer.retire_credential_key(workspace.place.issuer_id, hashed)

    _send(session, f"retire {key}", build, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def report_compromise(
    session: Session,
    key: KeyArgument,
    *,
    since: Annotated[
        str,
        typer.Option("--since", help="From when on it was in wrong hands; never a moment to come.", metavar="MOMENT"),
    ],
    entity: Annotated[
        str | None, typer.Option("--entity", help="Whose credential key, for its registrar.", metavar="ENTITY")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """What the key did from that moment on counts no more. An earlier moment can follow, never a later one."""
    moment = moment_of(since, where="--since")
    if moment is None:
        raise UsageError("from when on?", where="--since", expected="2026-11-22T10:00:00Z")
    bad_from = int(moment.timestamp())

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        account, hashed = _key(key)
        if account is not None:
            return writer.report_account_key_compromise(account, bad_from=bad_from)
        issuer_id = workspace.place.issuer_id if entity is None else _issuer_id(_registry(workspace), entity)
        return writer.report_credential_key_compromise(issuer_id, hashed, bad_from=bad_from)

    _send(session, f"report {key}", build, dry_run=dry_run, yes=yes)


@command(passphrase=True)
def suspend(session: Session, name: EntityArgument, *, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """As its registrar: until it is reinstated it anchors and binds nothing; what it anchored before stands."""
    _send(
        session,
        f"suspend {name}",
        lambda workspace, writer: writer.suspend(_issuer_id(_registry(workspace), name)),
        dry_run=dry_run,
        yes=yes,
    )


@command(passphrase=True)
def reinstate(session: Session, name: EntityArgument, *, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """As its registrar: ends a suspension; from when to when it lasted stays on record."""
    _send(
        session,
        f"reinstate {name}",
        lambda workspace, writer: writer.reinstate(_issuer_id(_registry(workspace), name)),
        dry_run=dry_run,
        yes=yes,
    )


def _send(
    session: Session, what: str, build: Callable[[Workspace, RegistryWriter], Call], *, dry_run: bool, yes: bool
) -> None:
    """Try a call of the registry out, show what it costs, and send it from this workspace's controller."""
    from passport.ledger import Address, RegistryWriter

    output = session.output
    with session.open_company() as workspace:
        call = build(workspace, RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain))

        def costs() -> list[Cost]:
            return [estimate(workspace.ledger, Address(workspace.settings.controller or ""), call, what=what)]

        if dry_run:
            report_costs(output, costs())
            return
        confirm_costs(session, workspace.ledger, costs, yes=yes)
        receipt = workspace.send_as_controller(session.passphrase(), call)
        output.result(output.word("registry.done", what=what, block=receipt.block_number))
        output.document({"done": what, "block": receipt.block_number, "transaction": "0x" + receipt.tx_hash.hex()})


def _registry(workspace: Workspace) -> RegistryView:
    from passport.ledger import Address, RegistryView

    return RegistryView(workspace.ledger.state(), Address(workspace.chain.registry))


def _key(name: str) -> tuple[Any, bytes]:
    """An account's address, or the hash of a credential key's Multikey text.

    Raises:
        UsageError: Neither.
    """
    from passport.credentials import key_hash
    from passport.ledger import Address
    from passport.ledger.chain_id import format_address

    if ADDRESS.match(name):
        return Address(format_address(bytes.fromhex(name[2:]))), b""
    if MULTIKEY.match(name):
        return None, key_hash(name)
    raise UsageError(
        "not a key", where="KEY", expected="an account (0x and 40 digits) or a Multikey (z6Mk...)", found=name
    )


def _issuer_id(registry: RegistryView, name: str) -> IssuerId:
    """The id of an entity by its id, or by scheme and identifier as they stand today.

    Raises:
        UsageError: Neither.
        LedgerError: The identifier is malformed.
    """
    from passport.ledger import IssuerId

    if ISSUER_ID.match(name):
        return IssuerId(name)
    scheme, colon, identifier = name.partition(":")
    if not colon:
        raise UsageError(
            "not an entity", where="ENTITY", expected="an id (0x and 64 digits), or SCHEME:IDENTIFIER", found=name
        )
    return registry.current_issuer_id(scheme, identifier)


def _entity(workspace: Workspace, registry: RegistryView, name: str | None) -> dict[str, Any]:
    if name is None and workspace.settings.party is None:
        raise UsageError("this workspace is no company's", expected="ENTITY")
    issuer_id = workspace.place.issuer_id if name is None else _issuer_id(registry, name)
    record = registry.issuer(issuer_id)
    if record is None:
        raise NotFoundError("nobody is registered by that name", where=name or "this company", found=issuer_id)
    link, proven = registry.link(issuer_id), registry.organisation_key(issuer_id)
    current = [{"began_at": record.suspended_at, "ended_at": None}] if record.suspended_at is not None else []
    past = [{"began_at": each.began_at, "ended_at": each.ended_at} for each in registry.past_suspensions(issuer_id)]
    return {
        "issuer_id": record.issuer_id,
        "controller": record.controller,
        "registrar": record.registrar,
        "registered_at": record.registered_at,
        "roles": [role.name for role in record.roles],
        "evidence_hash": "0x" + record.evidence_hash.hex(),
        "void_from": record.void_from,
        "linked_to": link.primary_id if link and link.linked_at is not None else None,
        "suspensions": past + current,
        "recoveries": [
            {
                "controller": each.controller,
                "requested_by": each.requested_by,
                "requested_at": each.requested_at,
                "executable_from": each.executable_from,
                "state": each.state.name.lower(),
            }
            for each in registry.recoveries(issuer_id)
        ],
        "organisation_key": None
        if proven is None
        else {"key_hash": "0x" + proven.key_hash.hex(), "controller": proven.controller, "proven_at": proven.proven_at},
        "keys": _own_keys(workspace, registry) if issuer_id == _own_id(workspace) else None,
    }


def _own_id(workspace: Workspace) -> str | None:
    return workspace.place.issuer_id if workspace.settings.party is not None else None


def _own_keys(workspace: Workspace, registry: RegistryView) -> list[dict[str, Any]]:
    """The keys of this workspace's ring as the registry has them: it cannot list an entity's keys, only look one up."""
    from passport.credentials import Role, key_hash
    from passport.ledger import address_of

    listed = []
    for entry in workspace.keys().entries():
        window: KeyWindow | None = None
        key = entry.public
        if entry.role is Role.ANCHORING:
            key = address_of(bytes.fromhex(entry.public))
            account = registry.account_key(key)
            window = account.window if account else None
        elif entry.role is Role.CREDENTIAL:
            credential = registry.credential_key(workspace.place.issuer_id, key_hash(entry.public))
            window = credential.window if credential else None
        else:
            continue  # the controller stands in the entity's own record
        listed.append(
            {
                "role": entry.role.value,
                "key": key,
                "bound": window is not None,
                "valid_from": window.valid_from if window else None,
                "valid_until": window.valid_until if window else None,
                "bad_from": window.bad_from if window else None,
            }
        )
    return listed


def _rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What `show` prints for people: the word before each value goes by the first."""
    from verifier.outcome import time_words

    rows = [
        ("entity", found["issuer_id"]),
        ("controller", found["controller"]),
        ("registrar", f"{found['registrar']}  {time_words(found['registered_at'])}"),
        ("roles", ", ".join(found["roles"]) or "-"),
    ]
    if found["void_from"] is not None:
        rows.append(("void", time_words(found["void_from"])))
    if found["linked_to"]:
        rows.append(("linked", found["linked_to"]))
    for each in found["suspensions"]:
        ended = time_words(each["ended_at"]) if each["ended_at"] is not None else "-"
        rows.append(("suspended", f"{time_words(each['began_at'])}  {ended}"))
    for each in found["recoveries"]:
        rows.append(("recovery", f"{each['state']}  {each['controller']}  {time_words(each['requested_at'])}"))
    for each in found["keys"] or ():
        moments = [each["valid_from"], each["valid_until"], each["bad_from"]]
        window = "  ".join("-" if moment is None else time_words(moment) for moment in moments)
        rows.append(("key", f"{each['role']}  {each['key']}  {window if each['bound'] else '-'}"))
    return rows

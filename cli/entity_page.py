"""A legal entity as the registry has it: one JSON document, and the lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passport.errors import NotFoundError

if TYPE_CHECKING:
    from passport.ledger import IssuerId, RegistryView
    from passport.ledger.registry_records import KeyWindow, RecoveryRecord
    from passport.workspace import Workspace


def entity_document(workspace: Workspace, registry: RegistryView, issuer_id: IssuerId) -> dict[str, Any]:
    """Everything that the registry holds of an entity, and the keys of this workspace if it is its own.

    Args:
        workspace: Whose keys may be looked up: the registry cannot list an entity's keys.
        registry: The registry as of some block.
        issuer_id: The entity.

    Raises:
        NotFoundError: It is not registered.
    """
    record = registry.issuer(issuer_id)
    if record is None:
        raise NotFoundError("nobody is registered by that name", where=issuer_id)
    link, proven = registry.link(issuer_id), registry.organisation_key(issuer_id)
    primary = registry.issuer(link.primary_id) if link is not None else None
    # A controller that came since has not agreed: the contract then knows of no request either.
    is_agreed = link is not None and primary is not None and link.agreed_by == record.controller == primary.controller
    current = [{"began_at": record.suspended_at, "ended_at": None}] if record.suspended_at is not None else []
    past = [{"began_at": each.began_at, "ended_at": each.ended_at} for each in registry.past_suspensions(issuer_id)]
    office = registry.registrar(record.controller)
    is_own = workspace.settings.party is not None and issuer_id == workspace.place.issuer_id
    return {
        "issuer_id": record.issuer_id,
        "controller": record.controller,
        "registrar": record.registrar,
        "registered_at": record.registered_at,
        "roles": [role.name for role in record.roles],
        "evidence_hash": "0x" + record.evidence_hash.hex(),
        "void_from": record.void_from,
        "linked_to": link.primary_id if link and link.linked_at is not None else None,
        "link_requested_to": link.primary_id if link and is_agreed and link.linked_at is None else None,
        "suspensions": past + current,
        "recoveries": [recovery_document(registry, each) for each in registry.recoveries(issuer_id)],
        "organisation_key": None
        if proven is None
        else {"key_hash": "0x" + proven.key_hash.hex(), "controller": proven.controller, "proven_at": proven.proven_at},
        "accreditation": None
        if office is None or office.issuer_id != issuer_id
        else {
            "account": office.address,
            "accreditor": office.accreditor,
            "accredited_at": office.accredited_at,
            "bad_from": office.bad_from,
        },
        "keys": _own_keys(workspace, registry, issuer_id) if is_own else None,
    }


def recovery_document(registry: RegistryView, recovery: RecoveryRecord) -> dict[str, Any]:
    """A recovery as JSON values; its state is the contract's word, never drawn from the time that has passed.

    Whether whoever asked was good then is judged by what is known now: a registrar's compromise can come out later.
    """
    from passport.ledger.authority import registrar_good_at

    return {
        "requester_was_good": registrar_good_at(registry, recovery.requested_by, time=recovery.requested_at),
        "controller": recovery.controller,
        "requested_by": recovery.requested_by,
        "requested_at": recovery.requested_at,
        "executable_from": recovery.executable_from,
        "ended_at": recovery.ended_at,
        "state": recovery.state.name.lower(),
    }


def recovery_line(found: dict[str, Any]) -> str:
    """A recovery in a line: its state, the controller that was asked for, and when what happened or may happen."""
    from verifier.outcome import time_words

    if found["state"] == "pending":
        when = f"{time_words(found['requested_at'])}, executable from {time_words(found['executable_from'])}"
    else:
        when = f"{time_words(found['requested_at'])}, {found['state']} {time_words(found['ended_at'] or 0)}"
    doubt = "" if found["requester_was_good"] else "  (asked for by a registrar that was bad then, as is known now)"
    return f"{found['state']}  {found['controller']}  {when}{doubt}"


def entity_rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What people read of `entity_document`: the word before each value goes by the first."""
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
    if found["link_requested_to"]:
        rows.append(("link_requested", found["link_requested_to"]))
    office = found["accreditation"]
    if office is not None:
        bad = "-" if office["bad_from"] is None else time_words(office["bad_from"])
        above = office["accreditor"] or "-"
        rows.append(("office", f"{office['account']}  {above}  {time_words(office['accredited_at'])}  {bad}"))
    for each in found["suspensions"]:
        ended = time_words(each["ended_at"]) if each["ended_at"] is not None else "-"
        rows.append(("suspended", f"{time_words(each['began_at'])}  {ended}"))
    rows += [("recovery", recovery_line(each)) for each in found["recoveries"]]
    proven = found["organisation_key"]
    if proven is not None:
        rows.append(("organisation_key", f"{proven['key_hash']}  {proven['controller']}"))
    for each in found["keys"] or ():
        moments = [each["valid_from"], each["valid_until"], each["bad_from"]]
        window = "  ".join("-" if moment is None else time_words(moment) for moment in moments)
        rows.append(("key", f"{each['role']}  {each['key']}  {window if each['bound'] else '-'}"))
    return rows


def _own_keys(workspace: Workspace, registry: RegistryView, issuer_id: IssuerId) -> list[dict[str, Any]]:
    """The keys of this workspace's ring as the registry has them for this entity, and for no earlier registration."""
    from passport.credentials import Role, key_hash
    from passport.ledger import address_of

    listed = []
    for entry in workspace.keys().entries():
        window: KeyWindow | None = None
        key = entry.public
        if entry.role is Role.ANCHORING:
            key = address_of(bytes.fromhex(entry.public))
            account = registry.account_key(key)
            is_ours = account is not None and registry.issuer_id_of(account.issuer_no) == issuer_id
            window = account.window if account is not None and is_ours else None
        elif entry.role is Role.CREDENTIAL:
            credential = registry.credential_key(issuer_id, key_hash(entry.public))
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

"""Make the folder of a workspace: its keys, its settings, and what a registrar needs."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from passport.credentials import KeyRing, Passphrase, Role, jcs
from passport.errors import ConflictError, DocumentError
from passport.ledger import address_of, issuer_id
from passport.model.party import Party
from passport.workspace.settings import (
    REGISTRATION_FILE,
    WORKSPACE_FILE,
    Clock,
    Registration,
    WorkspaceSettings,
    read_chain_settings,
    save_settings,
    schema_error,
)


def found(
    folder: Path,
    *,
    clock: Clock,
    party: Party | None,
    host: str | None,
    passphrase: Passphrase | None,
    chain: Path | None,
    kdf_passes: int | None,
) -> WorkspaceSettings:
    """Make everything but the store; see `Workspace.create`.

    Raises:
        ConflictError: There is a workspace already.
        DocumentError: A party without host or passphrase, or settings that do not hold.
        LedgerError: An identifier that is none of its scheme.
    """
    if (folder / WORKSPACE_FILE).exists():
        raise ConflictError("there is a workspace already", where=str(folder), hint="choose another folder")
    if party is not None and (host is None or passphrase is None):
        raise DocumentError("a company needs a host for its DID and a passphrase for its keys", where=str(folder))
    if party is not None:
        issuer_id(party.scheme, party.identifier)  # before any key is made for an entity that cannot be registered
    try:
        settings = WorkspaceSettings.model_validate(
            {"party": party, "host": host, "chain": read_chain_settings(chain, folder) if chain else None}
        )
    except ValidationError as error:
        raise schema_error(error, str(folder)) from None
    folder.mkdir(parents=True, exist_ok=True)
    addresses = _new_keys(folder, clock, passphrase, kdf_passes) if party is not None and passphrase else {}
    settings = settings.model_copy(update=addresses)
    save_settings(settings, folder)
    if party is not None:
        request = Registration(party=party, did=settings.did or "", controller=addresses["controller"])
        (folder / REGISTRATION_FILE).write_bytes(jcs(request.to_json()))
    return settings


def _new_keys(folder: Path, clock: Clock, passphrase: Passphrase, kdf_passes: int | None) -> dict[str, str]:
    """Make the three keys of a company; returns the addresses of its two accounts by role."""
    options = {} if kdf_passes is None else {"kdf_passes": kdf_passes}
    ring = KeyRing(folder / "keys", clock=clock, **options)
    addresses: dict[str, str] = {}
    for role in (Role.CONTROLLER, Role.ANCHORING, Role.CREDENTIAL):
        entry = ring.generate(role, passphrase)
        if role is not Role.CREDENTIAL:
            addresses[role.value] = address_of(bytes.fromhex(entry.public))
    return addresses

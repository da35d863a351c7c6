"""A rotation that cannot be finished changes nothing, and one that was cut short is finished by the next."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from passport import Sandbox, Workspace
from passport.credentials import KeyEntry, KnownPassphrase, Role, key_hash
from passport.errors import LedgerError, SignerError
from passport.ledger import Account, Address, RegistryView
from passport.ledger.registry_records import AccountKeyRecord, CredentialKeyRecord


@pytest.fixture
def sandbox(tmp_path: Path, now: datetime) -> Sandbox:
    """A chain with its registrar."""
    return Sandbox.create(tmp_path / "sandbox", clock=lambda: now)


@pytest.fixture
def mill(sandbox: Sandbox) -> Workspace:
    """A registered company with bound keys."""
    return sandbox.company("Mill Oy", host="mill.example", country="FI")


def _numbers(entries: tuple[KeyEntry, ...], role: Role) -> list[tuple[int, str]]:
    return [(entry.number, entry.state.value) for entry in entries if entry.role is role]


@pytest.mark.parametrize("role", [Role.CREDENTIAL, Role.ANCHORING])
def test_a_wrong_passphrase_rotates_nothing(mill: Workspace, role: Role) -> None:
    """Else the key in use would be one that only the mistyped passphrase opens."""
    with pytest.raises(SignerError, match="the passphrase does not open this key"):
        mill.rotate(role, KnownPassphrase(b"mistyped"))
    assert _numbers(mill.keys().entries(), role) == [(1, "active")]


def test_a_chain_out_of_reach_rotates_nothing(sandbox: Sandbox, mill: Workspace) -> None:
    """Else the key in use would be one that no registry knows, and what it signs would be worthless."""
    with Workspace.open(mill.folder, clock=mill.clock) as company:
        file = (company.folder / company.chain.file).resolve()
        file.rename(file.with_suffix(".away"))
        with pytest.raises(LedgerError, match="there is no chain file"):
            company.rotate(Role.CREDENTIAL, sandbox.passphrase)
        assert _numbers(company.keys().entries(), Role.CREDENTIAL) == [(1, "active")]


def test_the_next_rotation_retires_what_an_interrupted_one_left(sandbox: Sandbox, mill: Workspace) -> None:
    """A stolen key must not stay good because the machine stopped between taking a new one and retiring the old."""
    for role in (Role.CREDENTIAL, Role.ANCHORING):
        mill.keys().rotate(role, sandbox.passphrase)  # and the machine stops
        mill.rotate(role, sandbox.passphrase)
    ring, view = mill.keys(), RegistryView(mill.ledger.state(), Address(mill.chain.registry))
    for entry in ring.entries():
        if entry.role is Role.CONTROLLER:
            continue
        bound: CredentialKeyRecord | AccountKeyRecord | None
        if entry.role is Role.CREDENTIAL:
            bound = view.credential_key(mill.place.issuer_id, key_hash(entry.public))
        else:
            bound = view.account_key(Account(ring.open_account(entry, sandbox.passphrase)).address)
        if entry.number == 2:  # of the interrupted rotation: never bound
            assert bound is None
        else:
            assert bound is not None
            assert bool(bound.window.valid_until) == (entry.number == 1)

"""Storage is the interface: raw words, found and cut by the layout alone, say what the views say."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from evm_world import Actor, Contract, World, sha

from contracts import load

ANCHOR_ACCOUNT = Actor("anchor").address

# What verifiers were told: names, order, places. (label, slot, offset in bytes, size in bytes)
STRUCTS = {
    ("IssuerRegistry", "Registrar"): [
        ("issuerId", 0, 0, 32),
        ("accreditor", 1, 0, 20),
        ("accreditedAt", 1, 20, 5),
        ("badFrom", 1, 25, 5),
    ],
    ("IssuerRegistry", "Issuer"): [
        ("controller", 0, 0, 20),
        ("issuerNo", 0, 20, 4),
        ("suspendedAt", 0, 24, 5),
        ("roles", 0, 29, 1),
        ("linkState", 0, 30, 1),
        ("isAnnulled", 0, 31, 1),
        ("registrar", 1, 0, 20),
        ("registeredAt", 1, 20, 5),
        ("voidFrom", 1, 25, 5),
        ("evidenceHash", 2, 0, 32),
    ],
    ("IssuerRegistry", "Link"): [
        ("primaryId", 0, 0, 32),
        ("agreedBy", 1, 0, 20),
        ("requestedAt", 1, 20, 5),
        ("linkedAt", 1, 25, 5),
    ],
    ("IssuerRegistry", "Recovery"): [
        ("controller", 0, 0, 20),
        ("requestedAt", 0, 20, 5),
        ("endedAt", 0, 25, 5),
        ("state", 0, 30, 1),
        ("by", 1, 0, 20),
    ],
    ("IssuerRegistry", "OrganisationKeyProof"): [
        ("keyHash", 0, 0, 32),
        ("controller", 1, 0, 20),
        ("provenAt", 1, 20, 5),
    ],
    ("IssuerRegistry", "Suspension"): [("from", 0, 0, 5), ("until", 0, 5, 5)],
    ("IssuerRegistry", "AccountKey"): [
        ("issuerNo", 0, 0, 4),
        ("keyNo", 0, 4, 4),
        ("from", 0, 8, 5),
        ("until", 0, 13, 5),
        ("badFrom", 0, 18, 5),
        ("purposes", 0, 23, 1),
    ],
    ("IssuerRegistry", "CredentialKey"): [
        ("boundAt", 0, 0, 5),
        ("from", 0, 5, 5),
        ("until", 0, 10, 5),
        ("badFrom", 0, 15, 5),
        ("purposes", 0, 20, 1),
    ],
    ("PassportLog", "Head"): [
        ("size", 0, 0, 6),
        ("seq", 0, 6, 4),
        ("time", 0, 10, 5),
        ("blockNumber", 0, 15, 5),
        ("frozenAt", 0, 20, 5),
    ],
    ("PassportLog", "Checkpoint"): [
        ("size", 0, 0, 6),
        ("prevSize", 0, 6, 6),
        ("seq", 0, 12, 4),
        ("time", 0, 16, 5),
        ("blockNumber", 0, 21, 5),
        ("keyNo", 0, 26, 4),
    ],
    ("PassportLog", "Successor"): [("kind", 0, 0, 1), ("next", 0, 1, 6), ("time", 0, 7, 5)],
    ("PassportLog", "Fork"): [("firstRoot", 0, 0, 32), ("secondRoot", 1, 0, 32), ("index", 2, 0, 6), ("time", 2, 6, 5)],
}

# Slots 0 and 1 are two texts of OpenZeppelin's EIP712 that stay empty.
VARIABLES = {
    "IssuerRegistry": [
        ("_nameFallback", 0),
        ("_versionFallback", 1),
        ("_paused", 2),
        ("_unpausableFrom", 2),
        ("_issuerCount", 2),
        ("_keyCount", 2),
        ("_guardian", 3),
        ("_registrars", 4),
        ("_issuers", 5),
        ("_pastSuspensions", 6),
        ("_links", 7),
        ("_recoveries", 8),
        ("_organisationKeys", 9),
        ("_issuerIdOf", 10),
        ("_accountKeys", 11),
        ("_badFromOf", 12),
        ("_credentialKeys", 13),
    ],
    "PassportLog": [
        ("_nameFallback", 0),
        ("_versionFallback", 1),
        ("_paused", 2),
        ("_unpausableFrom", 2),
        ("_heads", 3),
        ("_checkpoints", 4),
        ("_revoked", 5),
        ("_suspended", 6),
        ("_successors", 7),
        ("_forks", 8),
        ("_nonces", 9),
    ],
}


@pytest.mark.parametrize(("contract", "struct"), STRUCTS)
def test_structs_lie_where_verifiers_look(contract: str, struct: str) -> None:
    found = [(m.label, m.slot, m.offset_bytes, m.size_bytes) for m in load(contract).members_of(struct)]
    assert found == STRUCTS[contract, struct]


@pytest.mark.parametrize("contract", VARIABLES)
def test_variables_lie_where_verifiers_look(contract: str) -> None:
    artifact = load(contract)
    assert [entry["label"] for entry in artifact.storage_layout["storage"]] == [name for name, _ in VARIABLES[contract]]
    assert [(name, artifact.slot_of(name)) for name, _ in VARIABLES[contract]] == VARIABLES[contract]


def place(slot: int, key_type: str, key: Any) -> int:
    """Where a mapping keeps a key: keccak256(key . slot)."""
    return int.from_bytes(keccak(encode([key_type, "uint256"], [key, slot])), "big")


def read_struct(world: World, contract: Contract, struct: str, slot: int) -> dict[str, Any]:
    """The members as the views give them."""
    values: dict[str, Any] = {}
    for member in contract.artifact.members_of(struct):
        word = world.storage(contract, slot + member.slot)
        value = word >> (8 * member.offset_bytes) & (1 << (8 * member.size_bytes)) - 1
        if member.type_name == "bytes32":
            values[member.label] = value.to_bytes(32, "big")
        elif member.type_name == "address":
            values[member.label] = "0x" + value.to_bytes(20, "big").hex()
        elif member.type_name == "bool":
            values[member.label] = bool(value)
        else:
            values[member.label] = value
    return values


def test_the_registry_in_raw_words(world: World) -> None:
    registry, issuer_id = world.registry, world.issuer_id
    world.send(registry, "suspend", issuer_id, by="root")
    world.send(registry, "reinstate", issuer_id, by="root")
    world.send(registry, "suspend", issuer_id, by="root")
    world.send(registry, "reinstate", issuer_id, by="root")
    world.send(registry, "reportAccountKeyCompromise", ANCHOR_ACCOUNT, world.last - 5, by="root")
    world.send(registry, "retireAccountKey", ANCHOR_ACCOUNT, by="controller")
    credential = (issuer_id, world.credential_hash)
    world.send(registry, "reportCredentialKeyCompromise", *credential, world.last - 5, by="root")
    world.send(registry, "retireCredentialKey", *credential, by="controller")
    world.send(registry, "accreditRegistrar", Actor("controller").address, issuer_id, by="root")
    world.send(registry, "withdrawRegistrar", Actor("controller").address, world.last, by="root")
    world.send(registry, "suspend", issuer_id, by="root")
    world.send(registry, "setRoles", issuer_id, 63, by="root")
    world.send(registry, "setGuardian", Actor("other").address, by="root")
    world.send(registry, "pause", by="root")
    world.send(registry, "requestUnpause", by="root")
    slot = registry.artifact.slot_of

    for account in (Actor("root").address, Actor("controller").address):
        raw = read_struct(world, registry, "Registrar", place(slot("_registrars"), "address", account))
        assert raw == world.view(registry, "registrarOf", account)
    raw = read_struct(world, registry, "Issuer", place(slot("_issuers"), "bytes32", issuer_id))
    assert raw == world.view(registry, "issuerOf", issuer_id)
    assert raw["suspendedAt"] != 0
    array = place(slot("_pastSuspensions"), "bytes32", issuer_id)
    assert world.storage(registry, array) == 2
    first = int.from_bytes(keccak(array.to_bytes(32, "big")), "big")
    for position in range(2):
        raw = read_struct(world, registry, "Suspension", first + position)
        assert raw == world.view(registry, "pastSuspensionOf", issuer_id, position)
    assert world.storage(registry, place(slot("_issuerIdOf"), "uint32", 2)) == int.from_bytes(issuer_id, "big")
    raw = read_struct(world, registry, "AccountKey", place(slot("_accountKeys"), "address", ANCHOR_ACCOUNT))
    assert raw == world.view(registry, "accountKeyOf", ANCHOR_ACCOUNT)
    assert 0 not in raw.values()
    assert world.storage(registry, place(slot("_badFromOf"), "uint32", 1)) == raw["badFrom"]
    inner = place(slot("_credentialKeys"), "bytes32", issuer_id)
    raw = read_struct(world, registry, "CredentialKey", place(inner, "bytes32", world.credential_hash))
    assert raw == world.view(registry, "credentialKeyOf", *credential)
    assert 0 not in raw.values()
    due = world.view(registry, "unpausableFrom")
    assert world.storage(registry, slot("_paused")) == 2 << 80 | 2 << 48 | due << 8 | 1
    assert world.storage(registry, slot("_guardian")) == int(Actor("other").address, 16)
    assert world.storage(registry, 0) == world.storage(registry, 1) == 0


def test_links_recoveries_and_annulments_in_raw_words(world: World) -> None:
    registry, primary_id = world.registry, world.issuer_id
    issuer_id = world.register("DE123456789", controller="controller", scheme="VAT")
    world.send(registry, "requestLink", issuer_id, primary_id, by="controller")
    world.send(registry, "linkIssuer", issuer_id, primary_id, by="root")
    world.send(registry, "requestRecovery", issuer_id, Actor("other").address, by="root")
    world.send(registry, "vetoRecovery", issuer_id, by="controller")
    world.send(registry, "annulIssuer", issuer_id, world.last, by="root")
    slot = registry.artifact.slot_of
    raw = read_struct(world, registry, "Issuer", place(slot("_issuers"), "bytes32", issuer_id))
    assert raw == world.view(registry, "issuerOf", issuer_id)
    assert (raw["linkState"], raw["isAnnulled"], raw["voidFrom"]) == (1, True, world.last - 12)
    raw = read_struct(world, registry, "Link", place(slot("_links"), "bytes32", issuer_id))
    assert raw == world.view(registry, "linkOf", issuer_id)
    assert 0 not in raw.values()
    array = place(slot("_recoveries"), "bytes32", issuer_id)
    assert world.storage(registry, array) == 1
    first = int.from_bytes(keccak(array.to_bytes(32, "big")), "big")
    raw = read_struct(world, registry, "Recovery", first)
    assert raw == world.view(registry, "recoveryOf", issuer_id, 0)
    assert 0 not in raw.values()


def test_the_log_in_raw_words(world: World) -> None:
    """The words are packed by hand in the source, so every member gets a value that shows."""
    log, issuer_id = world.log, world.issuer_id
    world.bind("other")
    world.commit(0, sha(0xA), 0x0102_0304_0506)
    world.commit(0x0102_0304_0506, sha(0xB), 0xFFFF_FFFF_FFFF, by="other")
    for index, kind, successor in ((300, 3, 0), (301, 4, 0), (302, 2, 0x0102_0304_0505), (303, 1, 304)):
        world.set_status(index, kind, successor)
    slot = log.artifact.slot_of

    raw = read_struct(world, log, "Head", place(slot("_heads"), "bytes32", issuer_id))
    assert raw == world.view(log, "headOf", issuer_id)
    assert raw["size"] == 0xFFFF_FFFF_FFFF
    checkpoints = place(slot("_checkpoints"), "bytes32", issuer_id)
    for root in (sha(0xA), sha(0xB)):
        raw = read_struct(world, log, "Checkpoint", place(checkpoints, "bytes32", root))
        assert raw == world.view(log, "checkpointOf", issuer_id, root)
    assert (raw["prevSize"], raw["seq"], raw["keyNo"]) == (0x0102_0304_0506, 2, 3)
    revoked = place(slot("_revoked"), "bytes32", issuer_id)
    assert world.storage(log, place(revoked, "uint256", 1)) == 1 << (300 - 256)
    suspended = place(slot("_suspended"), "bytes32", issuer_id)
    assert world.storage(log, place(suspended, "uint256", 1)) == 1 << (301 - 256)
    successors = place(slot("_successors"), "bytes32", issuer_id)
    for index in (302, 303):
        raw = read_struct(world, log, "Successor", place(successors, "uint256", index))
        found = world.view(log, "statusOf", issuer_id, index)
        assert raw == {key: found[key] for key in ("kind", "next", "time")}
        assert raw["kind"] != 0
    world.send(log, "pause", by="root")
    assert world.storage(log, slot("_paused")) == 1
    assert world.storage(log, 0) == world.storage(log, 1) == 0

"""Legal entities: registration, evidence, controllers, suspension, pause."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from evm_world import Actor, Event, World, sha
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Actor("root").address
CONTROLLER = Actor("controller").address
OTHER = Actor("other").address


def test_register(world: World) -> None:
    time = world.now
    arguments = ("VAT", "DE123456789", OTHER, sha(0xE1), "https://example.com/e")
    result = world.send(world.registry, "registerIssuer", *arguments, by="root")
    issuer_id = keccak(encode(["string", "string"], ["VAT", "DE123456789"]))
    assert result.output == issuer_id
    assert result.events == [
        Event(
            "IssuerRegistered",
            {
                "issuerId": issuer_id,
                "issuerNo": 3,
                "registrar": ROOT,
                "controller": OTHER,
                "scheme": "VAT",
                "identifier": "DE123456789",
                "generation": 0,
                "evidenceHash": sha(0xE1),
                "evidenceURI": "https://example.com/e",
            },
        )
    ]
    assert world.view(world.registry, "issuerOf", issuer_id) == {
        "controller": OTHER,
        "issuerNo": 3,
        "suspendedAt": 0,
        "roles": 0,
        "linkState": 0,
        "isAnnulled": False,
        "registrar": ROOT,
        "registeredAt": time,
        "voidFrom": 0,
        "evidenceHash": sha(0xE1),
    }
    assert world.view(world.registry, "issuerIdOf", 3) == issuer_id


@settings(max_examples=20)
@given(scheme=st.text(max_size=20), identifier=st.text(max_size=40), generation=st.integers(0, 2**256 - 1))
def test_the_id_is_the_hash_of_what_it_stands_for(
    deployed_world: World, scheme: str, identifier: str, generation: int
) -> None:
    types, values = ["string", "string", "uint256"], [scheme, identifier, generation]
    parts = 3 if generation else 2
    expected = keccak(encode(types[:parts], values[:parts]))
    assert deployed_world.view(deployed_world.registry, "computeIssuerId", *values) == expected


def test_the_parts_of_an_id_cannot_flow_into_each_other(world: World) -> None:
    pairs = (("LEI", "X"), ("LE", "IX"), ("LEIX", ""))
    ids = [world.view(world.registry, "computeIssuerId", *pair, 0) for pair in pairs]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("by", ["stranger", "controller", "anchor"])
def test_only_registrars_register(world: World, by: str) -> None:
    with world.reverts("RegistrarUnknown", Actor(by).address):
        world.register("NEXT", controller="other", by=by)


def test_an_entity_is_registered_once(world: World) -> None:
    with world.reverts("IssuerAlreadyRegistered", world.issuer_id, ROOT):
        world.register("EXAMPLE", controller="other")


@pytest.mark.parametrize("scheme", ["", "lei", "LÉI", "LEI ", "L-I", "A" * 17, "ＬＥＩ"])
def test_schemes_have_one_spelling(world: World, scheme: str) -> None:
    with world.reverts("SchemeNotCanonical", scheme):
        world.register("X", controller="other", scheme=scheme)


@pytest.mark.parametrize("identifier", ["", "de1", "DE 1", "DE1\n", "ÄB", "Α1", "A" * 65, "\x7f", "A\x00"])
def test_identifiers_have_one_spelling(world: World, identifier: str) -> None:
    """Among them a Greek capital alpha, which looks like an A."""
    with world.reverts("IdentifierNotCanonical", identifier):
        world.register(identifier, controller="other")


@pytest.mark.parametrize("identifier", ["DEK1101R.HRB116737", "A" * 64, "91110000MA00A1B2C3", "4012345000009", "!~"])
def test_identifiers_of_all_schemes_pass(world: World, identifier: str) -> None:
    world.register(identifier, controller="other", scheme="A1B2C3D4E5F6G7H8")
    assert world.view(world.registry, "issuerIdOf", 3)


def test_evidence_is_there_and_its_address_bounded(world: World) -> None:
    with world.reverts("EvidenceInvalid", sha(0), 0):
        world.send(world.registry, "registerIssuer", "LEI", "X", OTHER, sha(0), "", by="root")
    with world.reverts("EvidenceInvalid", sha(1), 2049):
        world.send(world.registry, "registerIssuer", "LEI", "X", OTHER, sha(1), "u" * 2049, by="root")
    world.send(world.registry, "registerIssuer", "LEI", "X", OTHER, sha(1), "u" * 2048, by="root")
    with world.reverts("EvidenceInvalid", sha(0), 3):
        world.send(world.registry, "updateEvidence", world.issuer_id, sha(0), "abc", by="root")


def test_a_controller_is_somebody(world: World) -> None:
    issuer_id = world.view(world.registry, "computeIssuerId", "LEI", "X", 0)
    with world.reverts("ControllerInvalid", issuer_id, "0x" + "00" * 20):
        world.send(world.registry, "registerIssuer", "LEI", "X", "0x" + "00" * 20, sha(1), "", by="root")


def test_absent_entities_are_not_zeroed_records(world: World) -> None:
    for function in ("issuerOf", "pastSuspensionCount"):
        with world.reverts("IssuerUnknown", sha(9)):
            world.view(world.registry, function, sha(9))
    with world.reverts("IssuerUnknown", sha(9)):
        world.view(world.registry, "pastSuspensionOf", sha(9), 0)
    for number in (0, 3):
        with world.reverts("IssuerNoUnknown", number):
            world.view(world.registry, "issuerIdOf", number)


UNKNOWN_CALLS = [
    ("updateEvidence", (sha(9), sha(1), "")),
    ("setController", (sha(9), OTHER)),
    ("suspend", (sha(9),)),
    ("setRoles", (sha(9), 1)),
    ("annulIssuer", (sha(9), 1)),
    ("requestRecovery", (sha(9), OTHER)),
    ("vetoRecovery", (sha(9),)),
    ("executeRecovery", (sha(9),)),
    ("requestLink", (sha(9), sha(8))),
    ("linkIssuer", (sha(9), sha(8))),
    ("proveRsaOrganisationKey", (sha(9), b"", b"")),
    ("proveP256OrganisationKey", (sha(9), sha(1), sha(2), sha(3), sha(4))),
    ("reinstate", (sha(9),)),
    ("bindAccountKey", (sha(9), OTHER, 1, 0, 0, b"")),
    ("bindCredentialKey", (sha(9), sha(1), 1, 0, 0)),
    ("retireCredentialKey", (sha(9), sha(1))),
    ("reportCredentialKeyCompromise", (sha(9), sha(1), 1)),
]


@pytest.mark.parametrize(("function", "arguments"), UNKNOWN_CALLS, ids=[call[0] for call in UNKNOWN_CALLS])
def test_nothing_is_done_to_an_entity_that_is_not_there(world: World, function: str, arguments: tuple) -> None:
    with world.reverts("IssuerUnknown", sha(9)):
        world.send(world.registry, function, *arguments, by="root")


UNAUTHORISED_CALLS = [
    ("updateEvidence", (sha(1), ""), ("stranger", "controller", "anchor")),
    ("setController", (OTHER,), ("stranger", "anchor", "other", "root")),
    ("setRoles", (1,), ("stranger", "controller", "anchor")),
    ("annulIssuer", (1,), ("stranger", "controller", "anchor")),
    ("requestRecovery", (OTHER,), ("stranger", "controller", "anchor")),
    ("vetoRecovery", (), ("stranger", "root", "anchor")),
    ("requestLink", (sha(9),), ("stranger", "root", "anchor")),
    ("linkIssuer", (sha(9),), ("stranger", "controller", "anchor")),
    ("proveRsaOrganisationKey", (b"", b""), ("stranger", "root", "anchor")),
    ("proveP256OrganisationKey", (sha(1), sha(2), sha(3), sha(4)), ("stranger", "root", "anchor")),
    ("suspend", (), ("stranger", "controller", "anchor")),
    ("reinstate", (), ("stranger", "controller", "anchor")),
    ("bindAccountKey", (OTHER, 1, 0, 0, b""), ("stranger", "root", "anchor")),
    ("bindCredentialKey", (sha(1), 1, 0, 0), ("stranger", "root", "anchor")),
    ("retireCredentialKey", (sha(1),), ("stranger", "root", "anchor")),
    ("reportCredentialKeyCompromise", (sha(1), 1), ("stranger", "anchor")),
]


@pytest.mark.parametrize(
    ("function", "arguments", "by"),
    [(function, arguments, by) for function, arguments, callers in UNAUTHORISED_CALLS for by in callers],
)
def test_everything_is_done_by_whom_it_is_for(world: World, function: str, arguments: tuple, by: str) -> None:
    with world.reverts("IssuerUnauthorized", world.issuer_id, Actor(by).address):
        world.send(world.registry, function, world.issuer_id, *arguments, by=by)


def test_update_evidence(world: World) -> None:
    result = world.send(world.registry, "updateEvidence", world.issuer_id, sha(0xE7), "https://e", by="root")
    facts = {"issuerId": world.issuer_id, "evidenceHash": sha(0xE7), "evidenceURI": "https://e", "by": ROOT}
    assert result.events == [Event("EvidenceUpdated", facts)]
    assert world.view(world.registry, "issuerOf", world.issuer_id)["evidenceHash"] == sha(0xE7)


def test_set_controller(world: World) -> None:
    result = world.send(world.registry, "setController", world.issuer_id, OTHER, by="controller")
    facts = {"issuerId": world.issuer_id, "previous": CONTROLLER, "controller": OTHER, "by": CONTROLLER}
    assert result.events == [Event("ControllerChanged", facts)]
    with world.reverts("IssuerUnauthorized", world.issuer_id, CONTROLLER):
        world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(7), 1, 0, 0, by="controller")
    world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(7), 1, 0, 0, by="other")


@pytest.mark.parametrize("controller", ["0x" + "00" * 20, CONTROLLER], ids=["nobody", "the same"])
def test_set_controller_to_somebody_new(world: World, controller: str) -> None:
    with world.reverts("ControllerInvalid", world.issuer_id, controller):
        world.send(world.registry, "setController", world.issuer_id, controller, by="controller")


def test_a_suspended_controller_does_not_hand_the_entity_on(world: World) -> None:
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    with world.reverts("IssuerIsSuspended", world.issuer_id, world.last):
        world.send(world.registry, "setController", world.issuer_id, OTHER, by="controller")


@pytest.fixture
def vouched(world: World) -> World:
    """`registrar` (accredited by the root) registered SUPPLIER, controlled by `other`."""
    world.bind("registrar")
    world.send(world.registry, "accreditRegistrar", Actor("registrar").address, world.issuer_id, by="root")
    world.issuer_id = world.register("SUPPLIER", controller="other", by="registrar")
    return world


@pytest.mark.parametrize("by", ["registrar", "root"])
def test_suspend_and_reinstate(vouched: World, by: str) -> None:
    """By the registrar that vouched, and by its accreditor, here the root."""
    world = vouched
    caller = Actor(by).address
    begins = world.now
    suspended = world.send(world.registry, "suspend", world.issuer_id, by=by)
    assert suspended.events == [Event("IssuerSuspended", {"issuerId": world.issuer_id, "by": caller})]
    assert world.view(world.registry, "issuerOf", world.issuer_id)["suspendedAt"] == begins
    with world.reverts("IssuerIsSuspended", world.issuer_id, begins):
        world.send(world.registry, "suspend", world.issuer_id, by=by)
    ends = world.now
    reinstated = world.send(world.registry, "reinstate", world.issuer_id, by=by)
    facts = {"issuerId": world.issuer_id, "suspendedAt": begins, "by": caller}
    assert reinstated.events == [Event("IssuerReinstated", facts)]
    assert world.view(world.registry, "issuerOf", world.issuer_id)["suspendedAt"] == 0
    assert world.view(world.registry, "pastSuspensionCount", world.issuer_id) == 1
    assert world.view(world.registry, "pastSuspensionOf", world.issuer_id, 0) == {"from": begins, "until": ends}
    with world.reverts("IssuerNotSuspended", world.issuer_id):
        world.send(world.registry, "reinstate", world.issuer_id, by=by)
    with world.reverts("SuspensionUnknown", world.issuer_id, 1, 1):
        world.view(world.registry, "pastSuspensionOf", world.issuer_id, 1)


def test_a_withdrawn_registrar_has_no_say_any_more(vouched: World) -> None:
    world = vouched
    registrar = Actor("registrar").address
    world.send(world.registry, "withdrawRegistrar", registrar, world.last, by="root")
    for function, arguments in (
        ("suspend", ()),
        ("requestRecovery", (ROOT,)),
        ("updateEvidence", (sha(1), "")),
        ("setRoles", (1,)),
        ("linkIssuer", (world.root_id,)),
    ):
        with world.reverts("IssuerUnauthorized", world.issuer_id, registrar):
            world.send(world.registry, function, world.issuer_id, *arguments, by="registrar")
    world.send(world.registry, "suspend", world.issuer_id, by="root")


def test_pause_stops_new_entities_and_keys_and_nothing_else(world: World) -> None:
    anchor = Actor("anchor").address
    world.send(world.registry, "pause", by="root")
    with world.reverts("IsPaused"):
        world.register("NEXT", controller="other")
    with world.reverts("IsPaused"):
        world.bind("other")
    with world.reverts("IsPaused"):
        world.send(world.registry, "bindCredentialKey", world.issuer_id, sha(7), 1, 0, 0, by="controller")
    world.commit(0, sha(1), 256)
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    world.send(world.registry, "reinstate", world.issuer_id, by="root")
    world.send(world.registry, "retireAccountKey", anchor, by="controller")
    world.send(world.registry, "reportAccountKeyCompromise", anchor, world.last, by="controller")
    world.send(world.registry, "withdrawRegistrar", ROOT, world.last, by="root")
    world.send(world.registry, "annulIssuer", world.issuer_id, world.last, by="root")
    world.send(world.registry, "unpause", by="root")

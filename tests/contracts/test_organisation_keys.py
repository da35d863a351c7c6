"""X.509 organisation keys: RSA and P-256 signatures by another library, judged on the chain."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from eth_account.messages import encode_typed_data
from evm_world import CHAIN_ID, Actor, Event, World

CONTROLLER = Actor("controller").address
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def message(world: World, **change) -> bytes:
    """What is signed, by eth_account's EIP-712: 66 bytes before they are hashed."""
    values = {"issuer_id": world.issuer_id, "controller": CONTROLLER, "chain": CHAIN_ID, **change}
    encoded = encode_typed_data(
        domain_data={
            "name": "carbon-passport IssuerRegistry",
            "version": "1",
            "chainId": values["chain"],
            "verifyingContract": values.get("contract", world.registry.address),
        },
        message_types={
            "BindIssuer": [{"name": "issuerId", "type": "bytes32"}, {"name": "controller", "type": "address"}]
        },
        message_data={"issuerId": values["issuer_id"], "controller": values["controller"]},
    )
    return b"\x19" + encoded.version + encoded.header + encoded.body


def spki_hash(key) -> bytes:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def p256_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(0xC0FFEE, ec.SECP256R1())


def modulus_of(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_numbers().n.to_bytes(key.key_size // 8, "big")


def prove_rsa(world: World, key: rsa.RSAPrivateKey, signed: bytes, *, modulus: bytes | None = None):
    signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    arguments = (world.issuer_id, modulus_of(key) if modulus is None else modulus, signature)
    return world.send(world.registry, "proveRsaOrganisationKey", *arguments, by="controller")


def p256_signature(key: ec.EllipticCurvePrivateKey, signed: bytes, *, high: bool = False) -> tuple[bytes, bytes]:
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    low = min(s, P256_ORDER - s)
    return r.to_bytes(32, "big"), (P256_ORDER - low if high else low).to_bytes(32, "big")


def prove_p256(world: World, key: ec.EllipticCurvePrivateKey, signature: tuple[bytes, bytes]):
    numbers = key.public_key().public_numbers()
    point = (numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big"))
    return world.send(world.registry, "proveP256OrganisationKey", world.issuer_id, *point, *signature, by="controller")


def test_the_message_is_that_of_eip_712(world: World) -> None:
    assert world.view(world.registry, "organisationMessage", world.issuer_id, CONTROLLER) == message(world)


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa(world: World, bits: int) -> None:
    key, time = rsa.generate_private_key(65537, bits), world.now
    result = prove_rsa(world, key, message(world))
    facts = {"issuerId": world.issuer_id, "keyHash": spki_hash(key), "controller": CONTROLLER}
    assert result.events == [Event("OrganisationKeyProven", facts)]
    assert world.view(world.registry, "organisationKeyOf", world.issuer_id) == {
        "keyHash": spki_hash(key),
        "controller": CONTROLLER,
        "provenAt": time,
    }
    assert result.gas_used < 250_000


def test_p256(world: World, p256_key: ec.EllipticCurvePrivateKey) -> None:
    """On a chain without the precompile of EIP-7951 too, as here: then in Solidity."""
    result = prove_p256(world, p256_key, p256_signature(p256_key, message(world)))
    facts = {"issuerId": world.issuer_id, "keyHash": spki_hash(p256_key), "controller": CONTROLLER}
    assert result.events == [Event("OrganisationKeyProven", facts)]
    assert result.gas_used < 400_000


WRONG = {
    "another entity": {"issuer_id": b"\x09" * 32},
    "another controller": {"controller": Actor("other").address},
    "another chain": {"chain": 1},
    "another contract": {"contract": "0x" + "11" * 20},
}


@pytest.mark.parametrize("what", WRONG)
def test_the_signature_is_for_this_very_binding(
    world: World, rsa_key: rsa.RSAPrivateKey, p256_key: ec.EllipticCurvePrivateKey, what: str
) -> None:
    other = message(world, **WRONG[what])
    with world.reverts("OrganisationKeySignatureInvalid", world.issuer_id, CONTROLLER):
        prove_rsa(world, rsa_key, other)
    with world.reverts("OrganisationKeySignatureInvalid", world.issuer_id, CONTROLLER):
        prove_p256(world, p256_key, p256_signature(p256_key, other))


def test_a_p256_signature_has_one_form(world: World, p256_key: ec.EllipticCurvePrivateKey) -> None:
    with world.reverts("OrganisationKeySignatureInvalid", world.issuer_id, CONTROLLER):
        prove_p256(world, p256_key, p256_signature(p256_key, message(world), high=True))
    with world.reverts("OrganisationKeySignatureInvalid", world.issuer_id, CONTROLLER):
        prove_p256(world, p256_key, (bytes(32), bytes(32)))


def test_a_small_key_is_no_large_one(world: World) -> None:
    """1,024 bits with zeros in front, and lengths beyond what is allowed."""
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - an attack
    for modulus in (
        modulus_of(small),
        bytes(128) + modulus_of(small),
        b"\xff" * 255,
        b"\xff" * 513,
        b"\xff" * 255 + b"\xfe",
        b"",
    ):
        with world.reverts("ModulusInvalid", len(modulus)):
            prove_rsa(world, small, message(world), modulus=modulus)


def test_pss_and_other_hashes_are_not_taken(world: World, rsa_key: rsa.RSAPrivateKey) -> None:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    for signature in (
        rsa_key.sign(message(world), pss, hashes.SHA256()),
        rsa_key.sign(message(world), padding.PKCS1v15(), hashes.SHA512()),
        bytes(256),
        b"",
    ):
        arguments = (world.issuer_id, modulus_of(rsa_key), signature)
        with world.reverts("OrganisationKeySignatureInvalid", world.issuer_id, CONTROLLER):
            world.send(world.registry, "proveRsaOrganisationKey", *arguments, by="controller")


def test_only_an_entity_in_good_standing(world: World, rsa_key: rsa.RSAPrivateKey) -> None:
    with world.reverts("OrganisationKeyUnknown", world.issuer_id):
        world.view(world.registry, "organisationKeyOf", world.issuer_id)
    world.send(world.registry, "suspend", world.issuer_id, by="root")
    with world.reverts("IssuerIsSuspended", world.issuer_id, world.last):
        prove_rsa(world, rsa_key, message(world))

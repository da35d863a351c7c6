"""Key binding statements: a credential key says which legal entity it signs for, on which chain, and for how long.

The registry binds only a hash of the key, on the word of the entity's controller. This statement is the key's own
word, so nobody can bind a key that is somebody else's. The key signs the domain line followed by the canonical
statement without `proofValue`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from passport.credentials.canonical import jcs, parse_canonical
from passport.credentials.ed25519 import verify_ed25519
from passport.credentials.multikey import KeyKind, base58_decode, base58_encode, decode_multikey
from passport.errors import CredentialError, SchemaError, SignatureError, SignerError
from passport.model.keccak import keccak

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

KEY_BINDING_FORMAT: Final = "carbon-passport/key-binding/1.0"
KEY_BINDING_DOMAIN: Final = b"carbon-passport key binding v1\n"
PURPOSE_ASSERT: Final = 1
MAX_KEY_BINDING_BYTES: Final = 4096

_MEMBERS: Final = frozenset(
    {"format", "issuerId", "chain", "genesis", "registry", "multikey", "purposes", "from", "until", "proofValue"}
)
_HASH: Final = re.compile(r"0x[0-9a-f]{64}\Z")
_CHAIN: Final = re.compile(r"eip155:[1-9][0-9]{0,31}\Z")
_ADDRESS: Final = re.compile(r"0x[0-9A-Fa-f]{40}\Z")
_MAX_TIME: Final = 2**40 - 1  # uint40 on the chain


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """What a credential key says about itself.

    Attributes:
        issuer_id: The legal entity: `0x` and 64 hex digits.
        chain: CAIP-2 `eip155:<id>`.
        genesis: The hash of the chain's first block.
        registry: CAIP-10 of the registry contract on that chain.
        multikey: The credential key.
        purposes: Bits; 1 is ASSERT.
        valid_from: Unix seconds.
        valid_until: Unix seconds, 0 for open.
        signature: By that key, 64 bytes; empty before it is signed.
    """

    issuer_id: str
    chain: str
    genesis: str
    registry: str
    multikey: str
    purposes: int
    valid_from: int
    valid_until: int
    signature: bytes = b""

    def signed_bytes(self) -> bytes:
        """What the key signs."""
        return KEY_BINDING_DOMAIN + jcs(self._document())

    def to_bytes(self) -> bytes:
        """The statement in canonical form."""
        return jcs({**self._document(), "proofValue": "z" + base58_encode(self.signature)})

    def _document(self) -> dict[str, Any]:
        return {
            "format": KEY_BINDING_FORMAT,
            "issuerId": self.issuer_id,
            "chain": self.chain,
            "genesis": self.genesis,
            "registry": self.registry,
            "multikey": self.multikey,
            "purposes": self.purposes,
            "from": self.valid_from,
            "until": self.valid_until,
        }


def create_key_binding(
    signer: Signer,
    *,
    issuer_id: str,
    chain: str,
    genesis: str,
    registry: str,
    valid_from: int,
    valid_until: int = 0,
    purposes: int = PURPOSE_ASSERT,
) -> KeyBinding:
    """Let a credential key sign its binding to a legal entity.

    Args:
        signer: The credential key (Ed25519).
        issuer_id: The legal entity.
        chain: CAIP-2 of the chain.
        genesis: The hash of its first block.
        registry: CAIP-10 of the registry contract.
        valid_from: Unix seconds.
        valid_until: Unix seconds, 0 for open.
        purposes: Bits; 1 is ASSERT.

    Raises:
        SchemaError: A value that readers would refuse.
        SignerError: The signer failed.
    """
    binding = KeyBinding(
        issuer_id=issuer_id,
        chain=chain,
        genesis=genesis,
        registry=registry,
        multikey=signer.multikey,
        purposes=purposes,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    _check(binding)
    signature = signer.sign(binding.signed_bytes())
    if len(signature) != 64:
        raise SignerError("not an Ed25519 signature", expected="64 bytes", found=f"{len(signature)} bytes")
    return replace(binding, signature=signature)


def read_key_binding(data: bytes) -> KeyBinding:
    """Read a key binding statement strictly; `verify_key_binding` checks its signature.

    Raises:
        BoundError: Longer than 4096 bytes.
        DocumentError: Not JSON, or not such a statement; the message names the member.
        CanonicalError: Not in canonical form.
    """
    document = parse_canonical(data, max_bytes=MAX_KEY_BINDING_BYTES)
    if not isinstance(document, dict):
        raise SchemaError("not a key binding statement", expected="a JSON object", found=type(document).__name__)
    if document.get("format") != KEY_BINDING_FORMAT:
        raise SchemaError(
            "not a key binding statement we read",
            where="format",
            expected=KEY_BINDING_FORMAT,
            found=document.get("format"),
        )
    if document.keys() != _MEMBERS:
        odd = sorted(document.keys() ^ _MEMBERS)
        raise SchemaError("missing or unknown members", expected=", ".join(sorted(_MEMBERS)), found=", ".join(odd))
    for member in ("issuerId", "chain", "genesis", "registry", "multikey", "proofValue"):
        if not isinstance(document[member], str):
            raise SchemaError("not a text", where=member, found=type(document[member]).__name__)
    for member in ("purposes", "from", "until"):
        if type(document[member]) is not int:
            raise SchemaError("not an integer", where=member, found=type(document[member]).__name__)
    binding = KeyBinding(
        issuer_id=document["issuerId"],
        chain=document["chain"],
        genesis=document["genesis"],
        registry=document["registry"],
        multikey=document["multikey"],
        purposes=document["purposes"],
        valid_from=document["from"],
        valid_until=document["until"],
        signature=_signature(document["proofValue"]),
    )
    _check(binding)
    return binding


def verify_key_binding(binding: KeyBinding) -> None:
    """Check that the key itself signed the statement.

    Raises:
        SignatureError: It did not.
    """
    key = decode_multikey(binding.multikey)
    if key.kind is not KeyKind.ED25519:
        raise SignatureError("a credential key is an Ed25519 key", where="multikey", found=binding.multikey)
    try:
        verify_ed25519(key.raw, binding.signature, binding.signed_bytes())
    except SignatureError:
        raise SignatureError("the key did not sign this binding", where="proofValue", found=binding.multikey) from None


def _signature(text: str) -> bytes:
    try:
        signature = base58_decode(text[1:], max_characters=90) if text[:1] == "z" else b""
    except CredentialError as error:
        raise SchemaError(f"not a signature: {error}", where="proofValue") from error
    if len(signature) != 64:
        raise SchemaError("not a signature", where="proofValue", expected="z and 64 bytes in base58btc", found=text)
    return signature


def _check(binding: KeyBinding) -> None:
    """Check every value but the signature, with the same rules for writers and readers."""
    if not _HASH.match(binding.issuer_id):
        raise SchemaError(
            "not an issuer id", where="issuerId", expected="0x and 64 hex digits", found=binding.issuer_id
        )
    if not _CHAIN.match(binding.chain):
        raise SchemaError("not a chain", where="chain", expected="eip155:<id>", found=binding.chain)
    if not _HASH.match(binding.genesis):
        raise SchemaError("not a block hash", where="genesis", expected="0x and 64 hex digits", found=binding.genesis)
    chain, _, address = binding.registry.rpartition(":")
    if chain != binding.chain:
        raise SchemaError("the registry is on another chain", where="registry", expected=binding.chain, found=chain)
    if not _ADDRESS.match(address) or address != _checksummed(address):
        raise SchemaError("not an EIP-55 address", where="registry", expected="0x and 40 hex digits", found=address)
    try:
        kind = decode_multikey(binding.multikey).kind.name
    except CredentialError as error:
        raise SchemaError(f"not a key: {error}", where="multikey") from error
    if kind != "ED25519":
        raise SchemaError("a credential key is an Ed25519 key", where="multikey", found=kind)
    if binding.purposes != PURPOSE_ASSERT:
        raise SchemaError("unknown purposes", where="purposes", expected=PURPOSE_ASSERT, found=binding.purposes)
    if not 0 < binding.valid_from <= _MAX_TIME:
        raise SchemaError("not a time in unix seconds", where="from", found=binding.valid_from)
    if binding.valid_until != 0 and not binding.valid_from < binding.valid_until <= _MAX_TIME:
        raise SchemaError("not a later time", where="until", expected="0 or after from", found=binding.valid_until)


def _checksummed(address: str) -> str:
    """The EIP-55 spelling of an address."""
    digits = address[2:].lower()
    hashed = keccak(digits.encode()).hex()
    return "0x" + "".join(c.upper() if int(h, 16) >= 8 else c for c, h in zip(digits, hashed, strict=False))

"""The trust file: what a verifier knows by itself and takes from no bundle, issuer or registrar.

Chains by genesis hash, the two contracts' addresses, the root registrars, and blocks that the verifier knows to be
final; for evidence that needs no chain of ours, witnesses, timestamping authorities and headers of Bitcoin. Whoever
writes this file decides what counts as true, so it never travels inside a bundle.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from passport.credentials import parse
from passport.credentials.plain_file import read_plain_file
from passport.errors import LedgerError, SchemaError
from passport.ledger.chain_id import parse_address
from passport.ledger.cosignature import Quorum
from passport.ledger.opentimestamps import BitcoinHeader
from passport.ledger.signed_note import parse_note_key
from passport.ledger.timestamp_token import read_certificate
from passport.model.base import DocumentModel

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from passport.workspace import ChainSettings

TRUST_FORMAT: Final = "carbon-passport/trust/1.0"
TRUST_FORMAT_1_1: Final = "carbon-passport/trust/1.1"
"""With witnesses, authorities or headers, which 1.0 does not know."""

MAX_TRUST_BYTES = 1 << 20

T = TypeVar("T")

Hash32 = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]


def _checksummed(text: str) -> str:
    """Passports name contracts in EIP-55; in another spelling an address here would match none of them."""
    try:
        parse_address(text)
    except LedgerError as error:
        raise ValueError(str(error)) from None
    return text


def _or_value_error(read: Callable[[], T]) -> T:
    """What a reader of ours gives; its error as pydantic wants it."""
    try:
        return read()
    except LedgerError as error:
        raise ValueError(str(error)) from None


AddressText = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$"), AfterValidator(_checksummed)]


class KnownBlock(DocumentModel):
    """A block the verifier knows to be final on that chain."""

    number: int = Field(ge=0)
    hash: Hash32


class TrustedChain(DocumentModel):
    """One chain with the contracts and registrars the verifier trusts on it."""

    chain: Annotated[str, StringConstraints(pattern=r"^eip155:[1-9][0-9]{0,31}$")]
    genesis: Hash32
    registry: AddressText
    log: AddressText
    root_registrars: tuple[AddressText, ...] = Field(min_length=1)
    blocks: tuple[KnownBlock, ...] = ()

    def registry_caip10(self) -> str:
        """The registry as a passport's place names it."""
        return f"{self.chain}:{self.registry}"

    def log_caip10(self) -> str:
        """The log contract as a passport's place names it."""
        return f"{self.chain}:{self.log}"


class TrustedWitnesses(DocumentModel):
    """Whose cosignatures count, and how many of them it takes.

    Attributes:
        keys: Each witness's key as a vkey of C2SP signed-note, of type 0x04.
        threshold: How many must have cosigned.
    """

    keys: tuple[str, ...] = Field(min_length=1, max_length=64)
    threshold: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_quorum(self) -> Self:
        self.quorum()
        return self

    def quorum(self) -> Quorum:
        """The witnesses with the number of them that it takes."""
        return _or_value_error(lambda: Quorum(tuple(parse_note_key(key) for key in self.keys), self.threshold))


def _certificate(pem: str) -> str:
    _or_value_error(lambda: read_certificate(pem))
    return pem


class KnownHeader(DocumentModel):
    """A block header that the verifier knows to be in the Bitcoin chain, 80 bytes as hex."""

    height: int = Field(ge=0)
    header: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{160}$")]


class Trust(DocumentModel):
    """Everything a verifier trusts.

    Attributes:
        chains: The chains.
        witnesses: Who watches over logs.
        timestamp_authorities: Root certificates of RFC 3161 authorities, PEM.
        bitcoin_headers: What OpenTimestamps proofs are judged by.
    """

    format: Literal["carbon-passport/trust/1.0", "carbon-passport/trust/1.1"] = TRUST_FORMAT
    chains: tuple[TrustedChain, ...] = Field(min_length=1)
    witnesses: TrustedWitnesses | None = None
    timestamp_authorities: tuple[Annotated[str, AfterValidator(_certificate)], ...] | None = None
    bitcoin_headers: tuple[KnownHeader, ...] | None = None

    @model_validator(mode="after")
    def _is_of_its_version(self) -> Self:
        newer = (self.witnesses, self.timestamp_authorities, self.bitcoin_headers)
        if self.format == TRUST_FORMAT and any(each is not None for each in newer):
            raise ValueError(f"witnesses, timestamp authorities and Bitcoin headers need format {TRUST_FORMAT_1_1}")
        return self

    def quorum(self) -> Quorum | None:
        """The trusted witnesses, or None when none are."""
        return self.witnesses.quorum() if self.witnesses else None

    def authorities(self) -> tuple[Certificate, ...]:
        """Root certificates of the trusted timestamping authorities."""
        return tuple(read_certificate(pem) for pem in self.timestamp_authorities or ())

    def headers(self) -> dict[int, BitcoinHeader]:
        """The known headers of Bitcoin by height."""
        known = self.bitcoin_headers or ()
        return {each.height: BitcoinHeader(each.height, bytes.fromhex(each.header)) for each in known}

    def chain_of(self, registry: str, log: str, genesis: str) -> TrustedChain | None:
        """The trusted chain that a passport's place names, or None."""
        for chain in self.chains:
            if (chain.registry_caip10(), chain.log_caip10(), chain.genesis) == (registry, log, genesis):
                return chain
        return None


def trust_in(chain: ChainSettings, *blocks: KnownBlock) -> Trust:
    """Trust one chain with its contracts and its root registrar: for whoever runs a node of it, or started it.

    Args:
        chain: How it is reached; what a stranger sent is no reason to trust it.
        blocks: Blocks known to be final, which bundles are judged by.
    """
    return Trust(
        chains=(
            TrustedChain(
                chain=chain.chain,
                genesis=chain.genesis,
                registry=chain.registry,
                log=chain.log,
                root_registrars=(chain.root,),
                blocks=blocks,
            ),
        )
    )


def read_trust(path: Path) -> Trust:
    """Read a trust file.

    Raises:
        DocumentError: Out of reach, not JSON, or not of this format.
    """
    return parse_trust(read_plain_file(path, max_bytes=MAX_TRUST_BYTES, what="trust file"), where=str(path))


def parse_trust(data: bytes, *, where: str = "trust file") -> Trust:
    """Read a trust file's bytes.

    Raises:
        SchemaError: Not of this format.
    """
    document = parse(data, max_bytes=MAX_TRUST_BYTES)
    try:
        return Trust.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SchemaError(
            first["msg"], where=f"{where}: {place}", expected=TRUST_FORMAT, hint="write one with `passport trust`"
        ) from None

"""The trust file: what a verifier knows by itself and takes from no bundle, issuer or registrar.

Chains by genesis hash, the two contracts' addresses, the root registrars, and blocks that the verifier knows to be
final. Whoever writes this file decides what counts as true, so it never travels inside a bundle.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from passport.credentials import parse
from passport.credentials.plain_file import read_plain_file
from passport.errors import LedgerError, SchemaError
from passport.ledger.chain_id import parse_address
from passport.model.base import DocumentModel

if TYPE_CHECKING:
    from passport.workspace import ChainSettings

TRUST_FORMAT: Final = "carbon-passport/trust/1.0"
MAX_TRUST_BYTES = 1 << 20

Hash32 = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]


def _checksummed(text: str) -> str:
    """Passports name contracts in EIP-55; in another spelling an address here would match none of them."""
    try:
        parse_address(text)
    except LedgerError as error:
        raise ValueError(str(error)) from None
    return text


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


class Trust(DocumentModel):
    """Everything a verifier trusts."""

    format: Literal["carbon-passport/trust/1.0"] = "carbon-passport/trust/1.0"
    chains: tuple[TrustedChain, ...] = Field(min_length=1)

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

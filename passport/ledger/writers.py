"""What writers to a contract share: calldata by its ABI, and the EIP-712 messages that accounts sign for it."""

from __future__ import annotations

from contracts import CONTRACT_NAMES, Artifact, load
from passport.ledger.account import Account, TypedDomain, typed_digest
from passport.ledger.chain_id import Address, ChainRef, parse_address
from passport.ledger.transactions import Call, encode_call


class ContractWriter:
    """Calls of one contract.

    Args:
        address: Where it lives.
        chain: On which chain; signatures are worth nothing on another.
        contract_name: Which of our contracts it is.
    """

    def __init__(self, address: Address, chain: ChainRef, contract_name: str) -> None:
        parse_address(address)
        self.address = address
        self.artifact: Artifact = load(contract_name)
        # A contract passes on the errors of those it asks.
        self._errors = tuple(load(name).abi for name in CONTRACT_NAMES)
        self._domain = TypedDomain(f"carbon-passport {contract_name}", "1", chain.chain_id, address)

    def _call(self, function: str, *arguments: object) -> Call:
        return Call(self.address, encode_call(self.artifact, function, *arguments), self._errors)

    def _digest(self, message_type: str, *words: int | bytes) -> bytes:
        """The digest of an EIP-712 message; numbers are widened to 32 bytes, addresses come as bytes."""
        raw = tuple(word.to_bytes(32, "big") if isinstance(word, int) else word for word in words)
        return typed_digest(self._domain, message_type, raw)

    def _sign(self, account: Account, message_type: str, *words: int | bytes) -> bytes:
        """An account's signature over an EIP-712 message."""
        return account.sign_digest(self._digest(message_type, *words))


class PauseWriter(ContractWriter):
    """Calls of a contract with a guarded pause."""

    def pause(self) -> Call:
        """Stop what is new; sent by the guardian or the root."""
        return self._call("pause")

    def request_unpause(self) -> Call:
        """Begin the wait for unpausing; sent by the guardian."""
        return self._call("requestUnpause")

    def unpause(self) -> Call:
        """Let in what is new again; sent by the root, or by the guardian when its wait is over."""
        return self._call("unpause")

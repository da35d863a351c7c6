"""A chain account's own statement of the DID that it belongs to (EIP-712), with the account as a did:pkh.

The registry ties accounts and credential keys to a legal entity, for whoever reads the chain. This is the same tie for
whoever reads DID documents alone, and it is worth nothing by itself: the account says so, and the DID's own document
must say so too.

Source: EIP-712; CAIP-10; the did:pkh method specification, section 3.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

from passport.errors import LedgerError, SchemaError, SignatureError
from passport.ledger.account import Account, TypedDomain, signer_of, typed_digest
from passport.ledger.chain_id import Address, parse_account_id, parse_address, parse_chain_id
from passport.model.base import DocumentModel
from passport.model.keccak import keccak

ACCOUNT_STATEMENT_FORMAT: Final = "carbon-passport/account-statement/1.0"
ACCOUNT_STATEMENT_TYPE: Final = "AccountStatement(string did,address account,string chain,uint64 issued)"
DOMAIN_NAME: Final = "carbon-passport AccountStatement"

_PKH: Final = "did:pkh:"
_MAX_ISSUED: Final = 2**40 - 1


class AccountStatement(DocumentModel):
    """What an account says of itself; `verify_account_statement` checks that it does.

    Attributes:
        format: Of this shape.
        did: The DID that the account belongs to.
        account: The account and its chain as did:pkh.
        issued: When, unix seconds.
        signature: Its EIP-712 signature: r, s (in the lower half of the order) and v (27 or 28).
    """

    format: Literal["carbon-passport/account-statement/1.0"] = ACCOUNT_STATEMENT_FORMAT
    did: Annotated[str, StringConstraints(max_length=1024, pattern=r"^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$")]
    account: Annotated[str, StringConstraints(max_length=120, pattern=r"^did:pkh:eip155:[0-9]+:0x[0-9A-Fa-f]{40}$")]
    issued: Annotated[int, Field(strict=True, gt=0, le=_MAX_ISSUED)]
    signature: Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{130}$")]


def pkh_did(chain: str, address: Address) -> str:
    """The did:pkh of an account.

    Args:
        chain: CAIP-2.
        address: In EIP-55 spelling.

    Raises:
        LedgerError: No such chain or address.
    """
    parse_chain_id(chain)
    parse_address(address)
    return f"{_PKH}{chain}:{address}"


def parse_pkh_did(did: str) -> tuple[str, Address]:
    """The chain (CAIP-2) and the address of a did:pkh in the namespace eip155.

    Raises:
        LedgerError: Another method or namespace, or an address that fails its EIP-55 checksum.
    """
    if not did.startswith(_PKH):
        raise LedgerError("not a did:pkh", expected="did:pkh:eip155:<number>:0x<address>", found=did[:200])
    return parse_account_id(did.removeprefix(_PKH))


def sign_account_statement(account: Account, *, chain: str, did: str, issued: int) -> AccountStatement:
    """Let an account state the DID that it belongs to.

    Args:
        account: The account.
        chain: CAIP-2 of its chain.
        did: The DID.
        issued: Now, unix seconds.

    Raises:
        SchemaError: A value that readers would refuse.
    """
    pkh = pkh_did(chain, account.address)
    signature = account.sign_digest(_digest(did, pkh, issued))
    return read_account_statement(
        {
            "format": ACCOUNT_STATEMENT_FORMAT,
            "did": did,
            "account": pkh,
            "issued": issued,
            "signature": "0x" + signature.hex(),
        }
    )


def read_account_statement(value: Any) -> AccountStatement:
    """A statement out of JSON values.

    Raises:
        SchemaError: None; says where.
    """
    try:
        statement = AccountStatement.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "statement"
        raise SchemaError("not an account statement", where=place, expected=first["msg"]) from None
    if not isinstance(value, dict) or "format" not in value:
        raise SchemaError("not an account statement", where="format", expected=ACCOUNT_STATEMENT_FORMAT)
    return statement


def verify_account_statement(statement: AccountStatement) -> tuple[str, Address]:
    """Check that the account itself signed; wallets that are contracts have no key that could.

    Returns:
        The chain (CAIP-2) and the address.

    Raises:
        SignatureError: It did not, or the signature is not in its one form.
        LedgerError: The did:pkh names no account, or the package that tells is missing.
    """
    chain, address = parse_pkh_did(statement.account)
    signature = bytes.fromhex(statement.signature[2:])
    if signature[64] not in (27, 28):
        raise SignatureError("not a signature of an account", where="signature", expected="v is 27 or 28")
    digest = _digest(statement.did, statement.account, statement.issued)
    try:
        found = signer_of(digest, signature[:64] + bytes([signature[64] - 27]))
    except ValueError as error:
        raise SignatureError("not a signature of an account", where="signature", found=str(error)) from error
    if found != address:
        raise SignatureError(
            "another account signed this statement, or another statement was signed",
            where="signature",
            expected=address,
            found=found,
        )
    return chain, address


def _digest(did: str, pkh: str, issued: int) -> bytes:
    chain, address = parse_pkh_did(pkh)
    domain = TypedDomain(DOMAIN_NAME, "1", parse_chain_id(chain))
    words = (keccak(did.encode()), parse_address(address), keccak(chain.encode()), issued.to_bytes(8, "big"))
    return typed_digest(domain, ACCOUNT_STATEMENT_TYPE, words)

"""Chain accounts in a DID document: which it names as its own, and what statements of accounts it carries.

A document names an account in `alsoKnownAs` as a did:pkh, or by a verification method of its own with
`blockchainAccountId`. Nobody signs DID documents, so a name alone is the word of whoever hosts the document.

Source: DID Core 1.0, sections 5.1.3 and 5.4; the did:pkh method specification, section 3.
"""

from __future__ import annotations

from typing import Any, Final

from passport.credentials.canonical import parse
from passport.credentials.did import MAX_DID_DOCUMENT_BYTES, DidDocument

ACCOUNT_STATEMENT_SERVICE: Final = "CarbonPassportAccountStatement"
MAX_ACCOUNT_STATEMENTS: Final = 64
"""How many of one document are judged: each takes a few milliseconds, and a document holds hundreds."""

_PKH: Final = "did:pkh:"


def names_account(document: DidDocument, account: str) -> bool:
    """Whether a DID document names an account as its own.

    Args:
        document: The document.
        account: The account as did:pkh; letters of the address may be of any case.
    """
    return account.lower() in _named(document)


def account_statement_service(did: str, statement: dict[str, Any]) -> dict[str, Any]:
    """The service entry by which a DID document carries a statement of an account.

    Args:
        did: The document's DID.
        statement: The statement as JSON values.
    """
    name = statement["account"].removeprefix(_PKH).replace(":", "-")
    return {"id": f"{did}#account-{name}", "serviceEndpoint": statement, "type": ACCOUNT_STATEMENT_SERVICE}


def account_statements_in(document: DidDocument) -> list[Any]:
    """The statements of accounts that a DID document carries, as JSON values, unread."""
    services = _parsed(document).get("service", [])
    if not isinstance(services, list):
        return []
    return [
        each.get("serviceEndpoint")
        for each in services
        if isinstance(each, dict) and each.get("type") == ACCOUNT_STATEMENT_SERVICE
    ]


def _named(document: DidDocument) -> set[str]:
    named = {name.lower() for name in document.also_known_as if name.startswith(_PKH)}
    methods = _parsed(document).get("verificationMethod", [])
    for method in methods if isinstance(methods, list) else []:
        account = method.get("blockchainAccountId")
        if isinstance(account, str) and method.get("controller") == document.id:
            named.add(f"{_PKH}{account}".lower())
    return named


def _parsed(document: DidDocument) -> dict[str, Any]:
    """The document whole; it has been read before, so it is an object of objects."""
    parsed: dict[str, Any] = parse(document.body, max_bytes=MAX_DID_DOCUMENT_BYTES)
    return parsed

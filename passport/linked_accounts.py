"""Accounts tied to a DID from both sides: the account signed that it belongs to it, and the DID's document names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from passport.credentials.did import DidDocument
from passport.credentials.linked_account import MAX_ACCOUNT_STATEMENTS, account_statements_in, names_account
from passport.errors import PassportError, ResolutionError, SignatureError
from passport.ledger.account_statement import AccountStatement, read_account_statement, verify_account_statement

MAX_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """A statement of an account that a DID document carries, judged.

    Attributes:
        account: The account as did:pkh; None where the statement cannot be read.
        issued: When it was made, unix seconds; None likewise.
        problem: Why it does not tie the account to the DID; None where it does.
    """

    account: str | None
    issued: int | None
    problem: str | None


def check_linked_account(statement: AccountStatement, document: DidDocument, *, at: datetime) -> None:
    """Check that an account and a DID name one another.

    Args:
        statement: Of the account.
        document: The DID's document, as its host gives it.
        at: The moment of judging, aware.

    Raises:
        SignatureError: The account did not sign it, or signed it for another DID, or later than now.
        ResolutionError: The document does not name the account.
        LedgerError: No such account, or the package that tells is missing.
    """
    if statement.did != document.id:
        raise SignatureError(
            "the account belongs to another DID", where="did", expected=document.id, found=statement.did
        )
    verify_account_statement(statement)
    if statement.issued > (at + MAX_SKEW).timestamp():
        raise SignatureError("a statement out of the future", where="issued", expected=at, found=statement.issued)
    if not names_account(document, statement.account):
        raise ResolutionError(
            "the DID document does not name the account",
            where=document.id,
            expected=f"alsoKnownAs {statement.account}, or a method with blockchainAccountId",
        )


def linked_accounts(document: DidDocument, *, at: datetime) -> list[LinkedAccount]:
    """Judge every statement of an account that a DID document carries.

    Args:
        document: The document.
        at: The moment of judging, aware.
    """
    carried = account_statements_in(document)
    judged = [_judged(value, document, at) for value in carried[:MAX_ACCOUNT_STATEMENTS]]
    left = len(carried) - len(judged)
    if left:
        problem = f"{left} statements more than are judged; expected at most {MAX_ACCOUNT_STATEMENTS}"
        judged.append(LinkedAccount(None, None, problem))
    return judged


def _judged(value: Any, document: DidDocument, at: datetime) -> LinkedAccount:
    try:
        statement = read_account_statement(value)
    except PassportError as error:
        return LinkedAccount(None, None, str(error))
    problem = None
    try:
        check_linked_account(statement, document, at=at)
    except PassportError as error:
        problem = str(error)
    return LinkedAccount(statement.account, statement.issued, problem)

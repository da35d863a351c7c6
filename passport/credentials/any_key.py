"""Verify by whichever of several keys holds: nobody signs DID documents, so one method may stand for several keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from passport.credentials.proof import KeyLookup
from passport.errors import SignatureError

Verified = TypeVar("Verified")


def verify_by_any_key(
    verify: Callable[[KeyLookup], Verified], keys_of: Callable[[str], Sequence[str]]
) -> tuple[Verified, str]:
    """Verify a document by each key that its method may stand for, until one holds.

    Args:
        verify: Verifies the document with the key that a lookup finds.
        keys_of: All keys, as Multikey, that a verification method may stand for.

    Returns:
        What `verify` made, and the key that held.

    Raises:
        SignatureError: None holds, or there is none; what is said is of the first.
        PassportError: Whatever else `verify` and `keys_of` raise.
    """
    tried: list[str] = []
    left = 1
    problem: SignatureError | None = None

    def lookup(verification_method: str) -> str:
        nonlocal left
        multikeys = keys_of(verification_method)
        if len(multikeys) <= len(tried):
            raise SignatureError("no DID document at hand has a key under this method", where=verification_method)
        left = len(multikeys) - len(tried) - 1
        tried.append(multikeys[len(tried)])
        return tried[-1]

    while left > 0:
        left = 0
        try:
            return verify(lookup), tried[-1]
        except SignatureError as error:
            problem = problem or error
    raise problem or SignatureError("no key")

"""Who may make blocks, and who made one, as chains of a closed circle of makers write it into a header's extra data.

Nothing in a header says which rules it was written by, so what fits several is left unsaid rather than guessed.
"""

from __future__ import annotations

from typing import Final

from passport.errors import LedgerError
from passport.ledger.account import signer_of
from passport.ledger.chain_id import Address, format_address
from passport.model.keccak import keccak

MAX_EXTRA_BYTES: Final = 1 << 16
MAX_VALIDATORS: Final = 2000

_EXTRA: Final = 12
_ADDRESS_BYTES, _VANITY_BYTES, _SEAL_BYTES = 20, 32, 65


def validators_of(extra: bytes, *, number: int) -> tuple[Address, ...] | None:
    """Who may make blocks, as a header's extra data lists them; None where they do not.

    QBFT and IBFT 2.0 (Besu): a list of vanity, validators, vote, round and seals; QBFT in GoQuorum is the same.
    Istanbul (GoQuorum's IBFT): 32 bytes and a list of validators, the proposer's seal, the commit's seals. Clique
    (EIP-225): 32 bytes, the signers in ascending order (in every epoch's first block alone, and in the chain's first
    in any order), a seal of 65 bytes.

    Others put something else between 32 bytes and a seal, and its length may happen to be one of addresses: Bor writes
    each validator's address and power, and Parlia since its Luban fork a count, keys and votes. None of it ascends.

    Args:
        extra: The extra data.
        number: The block's number.
    """
    import rlp  # type: ignore[import-untyped]  # the library ships no types

    if len(extra) > MAX_EXTRA_BYTES:
        return None
    listed: object = None
    for start, position, length in ((0, 1, 5), (_VANITY_BYTES, 0, 3)):
        try:
            parts = rlp.decode(extra[start:])
        except (rlp.RLPException, RecursionError):
            continue
        if isinstance(parts, list) and len(parts) == length and isinstance(parts[position], list):
            listed = parts[position]
            break
    if listed is None:
        listed = _clique_signers(extra, is_first=number == 0)
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_VALIDATORS:
        return None
    if not all(isinstance(each, bytes) and len(each) == _ADDRESS_BYTES for each in listed):
        return None
    return tuple(format_address(each) for each in listed)


def is_clique(extra: bytes, *, number: int) -> bool:
    """Whether extra data has Clique's shape: 32 bytes, its signers or none of them, a seal of 65 bytes."""
    return len(extra) == _VANITY_BYTES + _SEAL_BYTES or _clique_signers(extra, is_first=number == 0) is not None


def clique_maker(header_rlp: bytes) -> Address | None:
    """Whose seal a Clique header has: its own words never say it (EIP-225); None where the seal is nobody's.

    Args:
        header_rlp: The header.
    """
    import rlp

    fields = rlp.decode(header_rlp)
    extra = fields[_EXTRA]
    if len(extra) < _VANITY_BYTES + _SEAL_BYTES:
        return None
    sealed = [*fields[:_EXTRA], extra[:-_SEAL_BYTES], *fields[_EXTRA + 1 :]]
    try:
        return signer_of(keccak(rlp.encode(sealed)), extra[-_SEAL_BYTES:])
    except (ValueError, LedgerError):
        return None


def _clique_signers(extra: bytes, *, is_first: bool) -> list[bytes] | None:
    signers = extra[_VANITY_BYTES:-_SEAL_BYTES]
    if not signers or len(extra) > MAX_EXTRA_BYTES or len(signers) % _ADDRESS_BYTES:
        return None
    listed = [signers[at : at + _ADDRESS_BYTES] for at in range(0, len(signers), _ADDRESS_BYTES)]
    ascending = sorted(set(listed))
    return listed if listed == ascending or (is_first and len(ascending) == len(listed)) else None

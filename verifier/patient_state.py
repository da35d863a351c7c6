"""A state that is asked no more once it has given no answer several times running, so that an audit comes to an end."""

from __future__ import annotations

from passport.errors import LedgerUnavailableError
from passport.ledger.chain_id import Address
from passport.ledger.protocol import BlockRef, StateView

MAX_UNANSWERED = 3
"""A node that is gone answers none of a hundred thousand passports' questions, and each may wait half a minute."""


class PatientState:
    """A `StateView` that counts on an answer again after one that failed, but not for ever.

    Args:
        inner: The state that answers, or does not.
    """

    def __init__(self, inner: StateView) -> None:
        self._inner = inner
        self._unanswered = 0
        self._last: LedgerUnavailableError | None = None

    @property
    def block(self) -> BlockRef:
        """The block of the inner state."""
        return self._inner.block

    def storage(self, contract: Address, slot: int) -> int:
        """The inner state's word.

        Raises:
            LedgerUnavailableError: there is no answer, or there was none `MAX_UNANSWERED` times running.
            LedgerError: as the inner state says.
        """
        if self._last is not None and self._unanswered >= MAX_UNANSWERED:
            raise LedgerUnavailableError(
                f"the chain is asked no more: {MAX_UNANSWERED} questions running got no answer",
                where=self._last.where,
                found=str(self._last),
            )
        try:
            word = self._inner.storage(contract, slot)
        except LedgerUnavailableError as error:
            self._unanswered += 1
            self._last = error
            raise
        self._unanswered = 0
        return word

"""One provider of a chain among several: asked, and left alone for a while when it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from passport.errors import LedgerError, LedgerUnavailableError, WrongChainError
from passport.ledger.chain_id import Address
from passport.ledger.protocol import BlockRef, Ledger, StateView

T = TypeVar("T")

MAX_UNANSWERED = 3
"""So many questions running that a provider does not answer, and it is left alone for a while."""

REST_S = 60.0
"""That while: one that hangs would hold up each of thousands of questions by the time it is waited for."""

_MAX_WORDS = 1024
"""Words of a state that are remembered."""


class Provider:
    """A chain as one provider has it, with whether that has been answering.

    Args:
        ledger: Answers.
        monotonic: A clock that only goes forward, seconds.
    """

    def __init__(self, ledger: Ledger, monotonic: Callable[[], float]) -> None:
        self.ledger = ledger
        self._monotonic = monotonic
        self._unanswered = 0
        self._rests_until = 0.0
        self._problem: LedgerError | None = None

    @property
    def problem(self) -> str | None:
        """Why its last question has no answer; None if it has one."""
        return None if self._problem is None else str(self._problem)

    def ask(self, question: Callable[[], T]) -> T:
        """Ask it, unless it rests: then it is as if it had said again what it said last.

        Raises:
            LedgerError: as the provider says.
        """
        if self._problem is not None and self._unanswered >= MAX_UNANSWERED and self._monotonic() < self._rests_until:
            raise self._problem
        try:
            answer = question()
        except (LedgerUnavailableError, WrongChainError) as error:
            self._unanswered += 1
            self._rests_until = self._monotonic() + REST_S
            self._problem = error
            raise
        self._unanswered, self._problem = 0, None
        return answer


class QuorumState:
    """A `StateView` over several, all of the state after one block.

    Args:
        block: That block.
        views: What asks each provider for a word: (contract, slot).
        agree: Makes one answer of several: (question, answers, reasons for none, how an answer is written).
    """

    def __init__(
        self, block: BlockRef, views: Mapping[str, Callable[[Address, int], int]], agree: Callable[..., int]
    ) -> None:
        self._block = block
        self._views = views
        self._agree = agree
        self._words: dict[tuple[Address, int], int] = {}

    @property
    def block(self) -> BlockRef:
        """The block whose state this is."""
        return self._block

    def storage(self, contract: Address, slot: int) -> int:
        """The word that enough providers have there.

        Raises:
            LedgerUnavailableError: too few agree; the message names who said what.
        """
        key = (contract, slot)
        if key not in self._words:
            found, silent = answers_to({name: partial(view, contract, slot) for name, view in self._views.items()})
            if len(self._words) >= _MAX_WORDS:
                self._words.clear()
            self._words[key] = self._agree(f"slot {slot:#x} of {contract}", found, silent, hex)
        return self._words[key]


def words_of(provider: Provider, block: BlockRef) -> Callable[[Address, int], int]:
    """What asks one provider for words of its state after a block; the state is asked for when it is needed first."""
    known: list[StateView] = []

    def word(contract: Address, slot: int) -> int:
        if not known:
            state = provider.ledger.state(block)
            if state.block != block:
                raise LedgerError("the state of another block was handed out", found=f"block {state.block.number}")
            known.append(state)
        return known[0].storage(contract, slot)

    return lambda contract, slot: provider.ask(partial(word, contract, slot))


def question_of(provider: Provider, ask: Callable[[Ledger], T]) -> Callable[[], T]:
    """A question to one provider, to be put later."""
    return lambda: provider.ask(lambda: ask(provider.ledger))


def answers_to(questions: Mapping[str, Callable[[], T]]) -> tuple[dict[str, T], dict[str, LedgerError]]:
    """Everybody's answer, and why there is none from the others."""
    found: dict[str, T] = {}
    silent: dict[str, LedgerError] = {}
    for name, ask in questions.items():
        try:
            found[name] = ask()
        except LedgerError as error:
            silent[name] = error
    return found, silent

"""Several providers of one chain asked at once: what enough of them agree on counts, and who said otherwise is told.

A provider is anything that answers `Ledger`. No answer and no agreement are both `LedgerUnavailableError`: not known,
never "nothing there". Evidence alone needs no agreement, because it proves itself against a block hash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError, WrongChainError
from passport.ledger.chain_id import Address, ChainRef
from passport.ledger.proofs import ProvenState, StateEvidence
from passport.ledger.protocol import BlockRef, Execution, Fees, Ledger, Reads, Receipt, StateView

T = TypeVar("T")

MAX_DISAGREEMENTS = 1000
"""Further ones are not kept."""

MAX_SAID = 200
"""Characters of one provider's answer in a message."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A question to which providers gave different answers.

    Args:
        question: What was asked.
        answers: What each said that answered, by the provider's name.
        settled: Whether enough of them agreed all the same.
    """

    question: str
    answers: tuple[tuple[str, str], ...]
    settled: bool

    def __str__(self) -> str:
        """One line: who said what."""
        return f"{self.question}: " + "; ".join(f"{name} says {_cut(answer)}" for name, answer in self.answers)


class ProviderQuorum:
    """A `Ledger` over several.

    Args:
        providers: Each under the name it is reported by; they should be run by different people.
        threshold: How many must agree; more than half of them, so that no two answers can both count.

    Raises:
        LedgerError: a threshold that is none.
        WrongChainError: the providers serve different chains.
    """

    def __init__(self, providers: Mapping[str, Ledger], *, threshold: int) -> None:
        if not len(providers) // 2 < threshold <= len(providers):
            expected = f"{len(providers) // 2 + 1} to {len(providers)} of {len(providers)} providers"
            raise LedgerError("not a quorum of these providers", expected=expected, found=threshold)
        self._providers = dict(providers)
        self._threshold = threshold
        self._disagreements: list[Disagreement] = []
        chains = {name: ledger.chain for name, ledger in self._providers.items()}
        if len(set(chains.values())) != 1:
            said = "; ".join(f"{name}: {chain.caip2} from {chain.genesis_hash}" for name, chain in chains.items())
            raise WrongChainError("the providers serve different chains", expected="one chain", found=said)
        self._chain = next(iter(chains.values()))

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Whatever the providers said differently so far, settled or not."""
        return tuple(self._disagreements)

    @property
    def chain(self) -> ChainRef:
        """The chain that all of them serve."""
        return self._chain

    def head(self) -> BlockRef:
        """The newest block that enough providers have."""
        return self._newest("head", lambda ledger: ledger.head())

    def final_head(self) -> BlockRef:
        """The newest block that enough providers call final."""
        return self._newest("final head", lambda ledger: ledger.final_head())

    def _newest(self, what: str, ask: Callable[[Ledger], BlockRef]) -> BlockRef:
        """Providers are never at one height: the highest that enough have reached, and they must agree on its block."""
        heads, silent = self._ask(ask)
        numbers = sorted((block.number for block in heads.values()), reverse=True)
        if len(numbers) < self._threshold:
            raise self._undecided(what, {name: f"block {block.number}" for name, block in heads.items()}, silent)
        return self.block(numbers[self._threshold - 1])

    def block(self, number_or_hash: int | bytes) -> BlockRef:
        """One block, as enough providers have it."""
        named = f"block {number_or_hash if isinstance(number_or_hash, int) else '0x' + number_or_hash.hex()}"
        return self._agree(named, lambda ledger: ledger.block(number_or_hash), lambda block: "0x" + block.hash.hex())

    def state(self, block: BlockRef | None = None) -> StateView:
        """The state after a block, word by word as enough providers have it."""
        at = self.head() if block is None else block
        return QuorumState(at, {name: _asking(ledger, at) for name, ledger in self._providers.items()}, self._agreed)

    def known_until(self, block: BlockRef) -> int:
        """The latest moment that enough providers vouch for."""
        found, silent = self._ask(lambda ledger: ledger.known_until(block))
        moments = sorted(found.values(), reverse=True)
        if len(moments) < self._threshold:
            raise self._undecided("known until", {name: str(moment) for name, moment in found.items()}, silent)
        return moments[self._threshold - 1]

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """The code at an address."""
        at = self.head() if block is None else block
        return self._agree(f"code of {address}", lambda ledger: ledger.code(address, block=at), _bytes_text)

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """A read-only call as of one block."""
        at = self.head() if block is None else block
        return self._agree(f"call to {to}", lambda ledger: ledger.call(to, data, block=at), _bytes_text)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """A receipt, or its absence, that enough providers report."""
        return self._agree(f"receipt of 0x{tx_hash.hex()}", lambda ledger: ledger.receipt(tx_hash), str)

    def nonce(self, address: Address) -> int:
        """The nonce that enough providers expect next."""
        return self._agree(f"nonce of {address}", lambda ledger: ledger.nonce(address), str)

    def simulate(self, sender: Address, to: Address | None, data: bytes) -> Execution:
        """What a transaction would do, as enough providers say."""
        return self._agree(f"simulation for {sender}", lambda ledger: ledger.simulate(sender, to, data), str)

    def fees(self) -> Fees:
        """The middle one of what the providers advise: no single one can make us overpay."""
        found, silent = self._ask(lambda ledger: ledger.fees())
        if len(found) < self._threshold:
            raise self._undecided("fees", {name: str(fees) for name, fees in found.items()}, silent)
        ranked = sorted(found.values(), key=lambda fees: fees.max_fee_wei_per_gas)
        return ranked[(len(ranked) - 1) // 2]

    def send_raw(self, raw: bytes) -> bytes:
        """Hand a transaction to every provider; one that takes it is enough.

        Raises:
            TransactionError: all that answered refused it.
            LedgerUnavailableError: none answered.
        """
        refusals: list[TransactionError] = []
        silent: dict[str, str] = {}
        taken: bytes | None = None
        for name, ledger in self._providers.items():
            try:
                taken = ledger.send_raw(raw)
            except TransactionError as error:
                refusals.append(error)
            except LedgerError as error:
                silent[name] = str(error)
        if taken is not None:
            return taken
        if refusals and not silent:
            raise refusals[0]
        raise self._undecided("sending a transaction", {}, silent)

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Proof of storage from the first provider whose proof holds."""
        silent: dict[str, str] = {}
        for name, ledger in self._providers.items():
            try:
                found = ledger.evidence(block, reads)
                proven = ProvenState(found, block_hash=block.hash)
                for contract, slots in reads.items():
                    for slot in slots:
                        proven.storage(contract, slot)
            except LedgerError as error:
                silent[name] = str(error)
            else:
                return found
        raise self._undecided(f"evidence of block {block.number}", {}, silent)

    def _ask(self, ask: Callable[[Ledger], T]) -> tuple[dict[str, T], dict[str, str]]:
        """Everybody's answer, and why there is none from the others."""
        return _answers(self._providers, ask)

    def _agree(self, question: str, ask: Callable[[Ledger], T], say: Callable[[T], str]) -> T:
        return self._agreed(question, *self._ask(ask), say)

    def _agreed(self, question: str, found: Mapping[str, T], silent: Mapping[str, str], say: Callable[[T], str]) -> T:
        """The answer that enough gave; that others gave another is kept."""
        groups: list[tuple[T, int]] = []
        for answer in found.values():
            if not any(answer == known for known, _ in groups):
                groups.append((answer, sum(other == answer for other in found.values())))
        best = max(groups, key=lambda group: group[1], default=None)
        is_settled = best is not None and best[1] >= self._threshold
        said = {name: say(answer) for name, answer in found.items()}
        if len(groups) > 1 and len(self._disagreements) < MAX_DISAGREEMENTS:
            self._disagreements.append(Disagreement(question, tuple(said.items()), is_settled))
        if best is None or not is_settled:
            raise self._undecided(question, said, silent)
        return best[0]

    def _undecided(self, question: str, said: Mapping[str, str], silent: Mapping[str, str]) -> LedgerUnavailableError:
        parts = [f"{name} says {_cut(answer)}" for name, answer in said.items()]
        parts += [f"{name} gives no answer ({_cut(problem)})" for name, problem in silent.items()]
        return LedgerUnavailableError(
            f"too few providers agree: {'; '.join(parts)}",
            where=question,
            expected=f"{self._threshold} of {len(self._providers)}",
        )


class QuorumState:
    """A `StateView` over several, all of the state after one block.

    Args:
        block: That block.
        views: What gives each provider's view; asked for when it is needed first.
        agree: Makes one answer of several: (question, answers, reasons for none, how an answer is written).
    """

    def __init__(
        self, block: BlockRef, views: Mapping[str, Callable[[], StateView]], agree: Callable[..., int]
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
            found, silent = _answers(self._views, lambda view: view().storage(contract, slot))
            self._words[key] = self._agree(f"slot {slot:#x} of {contract}", found, silent, hex)
        return self._words[key]


def _asking(ledger: Ledger, block: BlockRef) -> Callable[[], StateView]:
    known: list[StateView] = []

    def view() -> StateView:
        if not known:
            state = ledger.state(block)
            if state.block != block:
                raise LedgerError("the state of another block was handed out", found=f"block {state.block.number}")
            known.append(state)
        return known[0]

    return view


S = TypeVar("S")


def _answers(asked: Mapping[str, S], ask: Callable[[S], T]) -> tuple[dict[str, T], dict[str, str]]:
    found: dict[str, T] = {}
    silent: dict[str, str] = {}
    for name, each in asked.items():
        try:
            found[name] = ask(each)
        except LedgerError as error:
            silent[name] = str(error)
    return found, silent


def _bytes_text(data: bytes) -> str:
    """Bytes in a line: as they are, or by length and hash."""
    if len(data) <= 32:
        return "0x" + data.hex()
    return f"{len(data)} bytes with SHA-256 0x{sha256(data).hexdigest()}"


def _cut(text: str) -> str:
    """A provider's words, cut: it may say what it likes, and should hide no other's."""
    return text if len(text) <= MAX_SAID else text[:MAX_SAID] + "..."

"""Several providers of one chain asked at once: what enough of them agree on counts, and who said otherwise is told.

A provider is anything that answers `Ledger`. No answer and no agreement are both `LedgerUnavailableError`: not known,
never "nothing there". Evidence alone needs no agreement, because it proves itself against a block hash.

Where honest providers differ by the moment (heads, nonces, balances, gas) what counts is the highest value that enough
of them reach: no single one can push it up, and none that lags holds it down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Self, TypeVar

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError, WrongChainError
from passport.ledger.chain_id import Address, ChainRef
from passport.ledger.proofs import ProvenState, StateEvidence
from passport.ledger.protocol import BlockRef, Execution, Fees, Ledger, Reads, Receipt, StateView, Topics
from passport.ledger.provider import Provider, QuorumState, answers_to, question_of, words_of
from passport.ledger.receipt_proof import ReceiptEvidence, prove_receipt
from passport.model.keccak import keccak

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
        monotonic: A clock that only goes forward, seconds.

    Raises:
        LedgerError: a threshold that is none.
        WrongChainError: the providers are for different chains.
    """

    def __init__(
        self,
        providers: Mapping[str, Ledger],
        *,
        threshold: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not len(providers) // 2 < threshold <= len(providers):
            expected = f"{len(providers) // 2 + 1} to {len(providers)} of {len(providers)} providers"
            raise LedgerError("not a quorum of these providers", expected=expected, found=threshold)
        self._providers = {name: Provider(ledger, monotonic) for name, ledger in providers.items()}
        self._threshold = threshold
        self._disagreements: list[Disagreement] = []
        chains = {name: ledger.chain for name, ledger in providers.items()}
        if len(set(chains.values())) != 1:
            said = "; ".join(f"{name}: {chain.caip2} from {chain.genesis_hash}" for name, chain in chains.items())
            raise WrongChainError("the providers serve different chains", expected="one chain", found=said)
        self._chain = next(iter(chains.values()))

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Whatever the providers said differently so far, settled or not."""
        return tuple(self._disagreements)

    @property
    def problems(self) -> dict[str, str]:
        """By name, why a provider gave no answer when it was asked last; those that answered are not in it."""
        found = {name: provider.problem for name, provider in self._providers.items()}
        return {name: problem for name, problem in found.items() if problem is not None}

    @property
    def place(self) -> str:
        """All of them in messages."""
        return f"{self._threshold} of {len(self._providers)}: {', '.join(self._providers)}"

    def close(self) -> None:
        """Let go of those that hold something."""
        for provider in self._providers.values():
            close = getattr(provider.ledger, "close", None)
            if close is not None:
                close()

    def __enter__(self) -> Self:
        """The chain itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

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
        heads, silent = self.ask_each(ask)
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
        views = {name: words_of(provider, at) for name, provider in self._providers.items()}
        return QuorumState(at, views, self._agreed)

    def known_until(self, block: BlockRef) -> int:
        """The latest moment that enough providers vouch for."""
        return self._reached("known until", lambda ledger: ledger.known_until(block))

    def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
        """The code at an address."""
        at = self.head() if block is None else block
        return self._agree(f"code of {address}", lambda ledger: ledger.code(address, block=at), _bytes_text)

    def call(self, to: Address, data: bytes, *, block: BlockRef | None = None) -> bytes:
        """A read-only call as of one block."""
        at = self.head() if block is None else block
        return self._agree(f"call to {to}", lambda ledger: ledger.call(to, data, block=at), _bytes_text)

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """A receipt that enough providers have; None while too few do, because not all hear of a block at once."""
        found, silent = self.ask_each(lambda ledger: ledger.receipt(tx_hash))
        if len(found) < self._threshold:
            said = {name: str(receipt) for name, receipt in found.items()}
            raise self._undecided(f"receipt of 0x{tx_hash.hex()}", said, silent)
        for receipt in found.values():
            if receipt is not None and sum(receipt == other for other in found.values()) >= self._threshold:
                return receipt
        return None

    def nonce(self, address: Address) -> int:
        """The nonce that the next transaction must carry, as far as enough providers have come."""
        return self._reached(f"nonce of {address}", lambda ledger: ledger.nonce(address))

    def sealed_nonce(self, address: Address) -> int:
        """How many transactions of `address` enough providers have in blocks."""
        return self._reached(f"sealed nonce of {address}", lambda ledger: ledger.sealed_nonce(address))

    def balance(self, address: Address) -> int:
        """What `address` has at the head, in wei, as enough providers say at least."""
        return self._reached(f"balance of {address}", lambda ledger: ledger.balance(address))

    def simulate(self, sender: Address, to: Address | None, data: bytes, *, gas: int | None = None) -> Execution:
        """What a transaction would do, as enough providers say; clients estimate its gas each in their own way."""
        found, silent = self.ask_each(lambda ledger: ledger.simulate(sender, to, data, gas=gas))
        outcomes = {name: replace(execution, gas_used=0) for name, execution in found.items()}
        agreed = self._agreed(f"simulation for {sender}", outcomes, silent, str)
        used = sorted((found[name].gas_used for name, outcome in outcomes.items() if outcome == agreed), reverse=True)
        return replace(agreed, gas_used=used[self._threshold - 1])

    def fees(self) -> Fees:
        """The middle one of what the providers advise, price and tip each: no single one can make us overpay."""
        found, silent = self.ask_each(lambda ledger: ledger.fees())
        if len(found) < self._threshold:
            raise self._undecided("fees", {name: str(fees) for name, fees in found.items()}, silent)
        middle = (len(found) - 1) // 2
        chosen = sorted(found.values(), key=lambda fees: fees.max_fee_wei_per_gas)[middle]
        if chosen.is_legacy:
            return chosen
        tip = sorted(fees.max_priority_fee_wei_per_gas for fees in found.values())[middle]
        return replace(chosen, max_priority_fee_wei_per_gas=min(tip, chosen.max_fee_wei_per_gas))

    @property
    def max_fee_wei_per_gas(self) -> int | None:
        """The lowest limit that any provider is used with; None where nobody set one."""
        limits = [provider.ledger.max_fee_wei_per_gas for provider in self._providers.values()]
        return min((limit for limit in limits if limit is not None), default=None)

    def send_raw(self, raw: bytes) -> bytes:
        """Hand a transaction to every provider; one that takes it is enough.

        Raises:
            TransactionError: all that answered refused it.
            LedgerUnavailableError: none answered.
        """
        refusals: list[TransactionError] = []
        silent: dict[str, LedgerError] = {}
        taken: bytes | None = None
        for name, provider in self._providers.items():
            try:
                taken = provider.ask(partial(provider.ledger.send_raw, raw))
            except TransactionError as error:
                refusals.append(error)
            except LedgerError as error:
                silent[name] = error
        if taken is not None:
            return taken
        if refusals and not silent:
            raise refusals[0]
        raise self._undecided("sending a transaction", {}, silent)

    def evidence(self, block: BlockRef, reads: Reads) -> StateEvidence:
        """Proof of storage from the first provider whose proof holds."""
        silent: dict[str, LedgerError] = {}
        for name, provider in self._providers.items():
            try:
                found = provider.ask(partial(provider.ledger.evidence, block, reads))
                proven = ProvenState(found, block_hash=block.hash)
                for contract, slots in reads.items():
                    for slot in slots:
                        proven.storage(contract, slot)
            except LedgerError as error:
                silent[name] = error
            else:
                return found
        raise self._undecided(f"evidence of block {block.number}", {}, silent)

    def header(self, number: int) -> bytes:
        """The header at a height from the first provider that has the one which enough of them agree on."""
        block = self.block(number)

        def of(ledger: Ledger) -> bytes:
            header_rlp = ledger.header(number)
            if keccak(header_rlp) != block.hash:
                raise LedgerError("the header of another block was handed out", where=f"block {number}")
            return header_rlp

        return self._first(f"header of block {number}", of)

    def receipts_touching(self, contract: Address, number: int) -> tuple[ReceiptEvidence, ...]:
        """Proofs of receipts from the first provider whose proofs hold in the block that enough agree on."""
        block = self.block(number)

        def of(ledger: Ledger) -> tuple[ReceiptEvidence, ...]:
            found = ledger.receipts_touching(contract, number)
            if any(prove_receipt(each).block.hash != block.hash for each in found):
                raise LedgerError("receipts of another block were handed out", where=f"block {number}")
            return found

        return self._first(f"receipts of block {number}", of)

    def blocks_with_events(self, contract: Address, topics: Topics, *, first: int, last: int) -> tuple[int, ...]:
        """What any of them names: what is there can be proven, and what one leaves out another may have."""
        found, silent = self.ask_each(
            lambda ledger: ledger.blocks_with_events(contract, topics, first=first, last=last)
        )
        if not found:
            raise self._undecided(f"events of {contract}", {}, silent)
        return tuple(sorted(set().union(*found.values())))

    def _first(self, question: str, ask: Callable[[Ledger], T]) -> T:
        """The answer of the first provider that has one, which must prove itself."""
        silent: dict[str, LedgerError] = {}
        for name, provider in self._providers.items():
            try:
                return provider.ask(partial(ask, provider.ledger))
            except LedgerError as error:
                silent[name] = error
        raise self._undecided(question, {}, silent)

    def ask_each(self, ask: Callable[[Ledger], T]) -> tuple[dict[str, T], dict[str, LedgerError]]:
        """Everybody's answer, and why there is none from the others."""
        return answers_to({name: question_of(provider, ask) for name, provider in self._providers.items()})

    def _reached(self, question: str, ask: Callable[[Ledger], int]) -> int:
        """The highest number that enough providers reach."""
        found, silent = self.ask_each(ask)
        if len(found) < self._threshold:
            said = {name: str(number) for name, number in found.items()}
            raise self._refused(silent) or self._undecided(question, said, silent)
        return sorted(found.values(), reverse=True)[self._threshold - 1]

    def _agree(self, question: str, ask: Callable[[Ledger], T], say: Callable[[T], str]) -> T:
        return self._agreed(question, *self.ask_each(ask), say)

    def _agreed(
        self, question: str, found: Mapping[str, T], silent: Mapping[str, LedgerError], say: Callable[[T], str]
    ) -> T:
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
            raise self._refused(silent) or self._undecided(question, said, silent)
        return best[0]

    def _refused(self, silent: Mapping[str, LedgerError]) -> LedgerError | None:
        """What enough providers refuse in the same words, which is an answer as well; None where they do not."""
        for error in silent.values():
            same = [other for other in silent.values() if (type(other), other.message) == (type(error), error.message)]
            if not isinstance(error, LedgerUnavailableError) and len(same) >= self._threshold:
                return error
        return None

    def _undecided(
        self, question: str, said: Mapping[str, str], silent: Mapping[str, LedgerError]
    ) -> LedgerUnavailableError:
        parts = [f"{name} says {_cut(answer)}" for name, answer in said.items()]
        parts += [f"{name} gives no answer ({_cut(str(problem))})" for name, problem in silent.items()]
        return LedgerUnavailableError(
            f"too few providers agree: {'; '.join(parts)}",
            where=question,
            expected=f"{self._threshold} of {len(self._providers)}",
        )


def _bytes_text(data: bytes) -> str:
    """Bytes in a line: as they are, or by length and hash."""
    if len(data) <= 32:
        return "0x" + data.hex()
    return f"{len(data)} bytes with SHA-256 0x{sha256(data).hexdigest()}"


def _cut(text: str) -> str:
    """A provider's words, cut: it may say what it likes, and should hide no other's."""
    return text if len(text) <= MAX_SAID else text[:MAX_SAID] + "..."

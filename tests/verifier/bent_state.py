"""A chain whose rules somebody bent: one word of its state is another than the contracts would ever write."""

from __future__ import annotations

from collections.abc import Callable

from memory_source import MemorySource
from verifier_world import World

from passport.ledger import Address, BlockRef, RecordingState, StateView


class BentState:
    """A state with some words replaced."""

    def __init__(self, inner: StateView, words: dict[tuple[str, int], int]) -> None:
        self.inner = inner
        self.words = words

    @property
    def block(self) -> BlockRef:
        """The block of the inner state."""
        return self.inner.block

    def storage(self, contract: Address, slot: int) -> int:
        """The replaced word, or the inner one."""
        word = self.words.get((contract, slot))
        return self.inner.storage(contract, slot) if word is None else word


def bend(
    world: World, read: Callable[[StateView], object], change: Callable[[int], int], *, after: int = 0
) -> MemorySource:
    """A source whose state holds another word at the first slot that `read` reads, or so many `after` it."""
    recording = RecordingState(world.chain.state())
    read(recording)
    ((contract, slots),) = recording.reads.items()
    slot = min(slots) + after
    state = BentState(world.chain.state(), {(contract, slot): change(recording.storage(contract, slot))})
    source = world.source.clone()
    source.state = lambda chain: state  # type: ignore[method-assign]
    return source


def put_bits(word: int, start: int, width: int, value: int) -> int:
    """The word with other bits from `start` on."""
    return word & ~(((1 << width) - 1) << start) | value << start

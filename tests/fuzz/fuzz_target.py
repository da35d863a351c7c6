"""What a fuzz target is, and the promise that every one of them is held to: a value, or a `PassportError`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from passport.errors import PassportError

CORPUS = Path(__file__).resolve().parent / "corpus"
MAX_MESSAGE_CHARACTERS = 4000
"""An error is a line or a few; one that repeats what came in would let the sender write our logs."""


class Target(NamedTuple):
    """A reader of outsiders' bytes.

    Attributes:
        name: Its name, and that of its folder in `corpus/`.
        read: Reads bytes and holds what was read against other roads to the same; asserts where they part.
        max_bytes: Longer inputs teach nothing.
        cost: How many inputs of an average target one input costs, about.
        is_timed: Whether an input must be read within seconds. What a passphrase costs to try is bounded, and may be
            some seconds all the same.
    """

    name: str
    read: Callable[[bytes], object]
    max_bytes: int = 4096
    cost: int = 1
    is_timed: bool = True

    def seeds(self) -> list[bytes]:
        """What it reads without complaint."""
        return [path.read_bytes() for path in sorted((CORPUS / self.name).iterdir())]

    def outcome(self, data: bytes) -> str:
        """`read`, or the name of the error; whatever else is raised is a fault of ours."""
        try:
            self.read(data)
        except PassportError as error:
            said = str(error)
            said.encode()  # what cannot be printed would raise where the error is shown
            assert len(said) <= MAX_MESSAGE_CHARACTERS, f"{len(said)} characters: {said[:200]}"
            return type(error).__name__
        return "read"

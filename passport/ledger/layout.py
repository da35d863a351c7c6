"""Where Solidity keeps a variable: slots of mappings, arrays and packed structs, from the compiler's own layout.

Names, offsets and sizes come from the `storageLayout` of a compiled contract, so that a reader cannot drift from the
code (Solidity documentation, "Layout of State Variables in Storage").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

from passport.errors import LedgerError
from passport.ledger.chain_id import Address, format_address, parse_address
from passport.ledger.protocol import StateView
from passport.model.keccak import keccak

_MAX_OUTER = 1024
"""Places of outer keys that are remembered."""

Key = int | str | bytes
"""A mapping key (bytes32 as bytes, an address as its text, a number) or an array index."""

Word = int | bool | str | bytes
"""A value read: a number, a flag, an address, or fixed-size bytes."""

Kind = TypeVar("Kind", bound=IntEnum)


def read_kind(kinds: type[Kind], number: int, *, what: str) -> Kind:
    """The kind that a stored number stands for.

    Args:
        kinds: All there are.
        number: As it is stored.
        what: What it is a kind of, for the error.

    Raises:
        LedgerError: the contract never writes that number.
    """
    try:
        return kinds(number)
    except ValueError:
        known = ", ".join(str(int(kind)) for kind in kinds)
        hint = "the node is faulty or lies, or another contract stands there: ask another node"
        raise LedgerError(
            f"the state holds no {what} that the contract writes", expected=known, found=number, hint=hint
        ) from None


def mapping_slot(slot: int, key: bytes) -> int:
    """The slot of `mapping[key]`: keccak256(key . slot), both 32 bytes."""
    return int.from_bytes(keccak(key.rjust(32, b"\x00") + slot.to_bytes(32, "big")), "big")


def array_slot(slot: int) -> int:
    """The slot of a dynamic array's first element: keccak256(slot); `slot` itself holds its length."""
    return int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")


@dataclass(frozen=True, slots=True)
class _Place:
    slot: int
    offset: int
    type_id: str


class StorageLayout:
    """The storage of one contract, by the names its source gives.

    Args:
        storage_layout: The compiler's `storageLayout` object: `{"storage": [...], "types": {...}}`.
    """

    def __init__(self, storage_layout: Mapping[str, Any]) -> None:
        self._types: Mapping[str, Any] = storage_layout["types"] or {}
        self._variables = {
            entry["label"]: _Place(int(entry["slot"]), int(entry["offset"]), str(entry["type"]))
            for entry in storage_layout["storage"]
        }
        self._outer: dict[tuple[str, tuple[Key, ...]], _Place] = {}
        self._members: dict[str, tuple[tuple[str, _Place], ...]] = {}

    def read(self, state: StateView, contract: Address, variable: str, *keys: Key) -> Word:
        """Read one value.

        Args:
            state: The state to read.
            contract: Where the contract lives.
            variable: Its name in the source.
            keys: Mapping keys and array indexes, outermost first.

        Raises:
            ProofError: the state does not prove the slot.
            LedgerError: no such variable, or keys that do not fit it.
        """
        return self._word(state, contract, self._place(variable, keys))

    def read_struct(self, state: StateView, contract: Address, variable: str, *keys: Key) -> dict[str, Word]:
        """Read every member of a struct, by name; each slot is fetched once.

        Raises:
            ProofError: the state does not prove a slot.
            LedgerError: no such variable, keys that do not fit it, or not a struct.
        """
        place = self._place(variable, keys)
        return {
            label: self._word(
                state, contract, _Place((place.slot + member.slot) % (1 << 256), member.offset, member.type_id)
            )
            for label, member in self._members_of(place.type_id, variable)
        }

    def _members_of(self, type_id: str, variable: str) -> tuple[tuple[str, _Place], ...]:
        members = self._members.get(type_id)
        if members is None:
            listed = self._types[type_id].get("members")
            if not listed:
                raise LedgerError("not a struct", where=variable, found=type_id)
            members = tuple((m["label"], _Place(int(m["slot"]), int(m["offset"]), str(m["type"]))) for m in listed)
            self._members[type_id] = members
        return members

    def length(self, state: StateView, contract: Address, variable: str, *keys: Key) -> int:
        """The number of elements of a dynamic array.

        Raises:
            ProofError: the state does not prove the slot.
            LedgerError: no such variable, keys that do not fit it, or not a dynamic array.
        """
        place = self._place(variable, keys)
        if self._types[place.type_id]["encoding"] != "dynamic_array":
            raise LedgerError("not a dynamic array", where=variable, found=place.type_id)
        return state.storage(contract, place.slot)

    def slots(self, variable: str, *keys: Key) -> range:
        """The slots that the value at `keys` occupies, for asking for their proof."""
        place = self._place(variable, keys)
        size_bytes = int(self._types[place.type_id]["numberOfBytes"])
        return range(place.slot, place.slot + max(1, -(-size_bytes // 32)))

    def numbered_mapping(self, variable: str, *keys: Key) -> int:
        """The slot of a mapping with whole numbers for keys; `mapping_slot` leads from there to each value.

        Raises:
            LedgerError: no such variable, keys that do not fit it, or not such a mapping.
        """
        place = self._place(variable, keys)
        kind = self._types[place.type_id]
        if kind["encoding"] != "mapping" or not self._types[kind["key"]]["label"].startswith("uint"):
            raise LedgerError("not a mapping with whole numbers for keys", where=variable, found=place.type_id)
        return place.slot

    def _place(self, variable: str, keys: tuple[Key, ...]) -> _Place:
        if not keys:
            place = self._variables.get(variable)
            if place is None:
                raise LedgerError("no such variable in the contract's storage", found=variable)
            return place
        # All that is said of one issuer lies under the same outer key: hashed once, not for each entry.
        outer = self._outer.get((variable, keys[:-1]))
        if outer is None:
            outer = self._place(variable, keys[:-1])
            if len(self._outer) >= _MAX_OUTER:
                self._outer.clear()
            self._outer[variable, keys[:-1]] = outer
        return self._step(outer, keys[-1], variable)

    def _step(self, place: _Place, key: Key, variable: str) -> _Place:
        kind = self._types[place.type_id]
        if kind["encoding"] == "mapping":
            return _Place(mapping_slot(place.slot, self._key_bytes(kind["key"], key, variable)), 0, str(kind["value"]))
        if kind["encoding"] == "dynamic_array":
            if not isinstance(key, int) or key < 0:
                raise LedgerError("not an array index", where=variable, found=key)
            size_bytes = int(self._types[kind["base"]]["numberOfBytes"])
            packed = 32 // size_bytes if size_bytes <= 16 and not self._types[kind["base"]].get("members") else 1
            words = 1 if packed > 1 else -(-size_bytes // 32)
            slot = array_slot(place.slot) + key // packed * words
            return _Place(slot % (1 << 256), key % packed * size_bytes, str(kind["base"]))
        raise LedgerError("neither a mapping nor an array", where=variable, found=place.type_id)

    def _key_bytes(self, type_id: str, key: Key, variable: str) -> bytes:
        label = self._types[type_id]["label"]
        if label.startswith("uint") and isinstance(key, int) and 0 <= key < 1 << int(label[4:] or 256):
            return key.to_bytes(32, "big")
        if label == "address" and isinstance(key, str):
            return parse_address(key, where=variable)
        if label == "bytes32" and isinstance(key, bytes) and len(key) == 32:
            return key
        raise LedgerError("key does not fit the mapping", where=variable, expected=label, found=repr(key))

    def _word(self, state: StateView, contract: Address, place: _Place) -> Word:
        kind = self._types[place.type_id]
        if kind["encoding"] != "inplace" or kind.get("members"):
            raise LedgerError("not a single value", found=place.type_id)
        size_bytes = int(kind["numberOfBytes"])
        value = state.storage(contract, place.slot) >> (8 * place.offset) & ((1 << 8 * size_bytes) - 1)
        label = str(kind["label"])
        if label == "bool":
            return value != 0
        if label == "address" or label.startswith("contract "):
            return format_address(value.to_bytes(20, "big"))
        if label.startswith("bytes"):
            return value.to_bytes(size_bytes, "big")
        if label.startswith(("uint", "enum ")):
            return value
        raise LedgerError("a type this reader does not know", found=label)

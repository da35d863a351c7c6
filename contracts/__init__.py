"""The contracts as they are deployed: code, ABI and storage layout, without a compiler.

>>> from contracts import load
>>> load("PassportLog").slot_of("_heads")
3
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

__all__ = ["CONTRACT_NAMES", "Artifact", "Member", "load"]

CONTRACT_NAMES = ("IssuerRegistry", "OrganisationKeys", "PassportLog", "Batcher")


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member of a struct lies.

    Attributes:
        label: Its name in the source.
        slot: Slots after the struct's first.
        offset_bytes: Bytes from the slot's low end: the value is ``word >> (8 * offset_bytes)``, cut to its size.
        size_bytes: Its size.
        type_name: Its Solidity type.
    """

    label: str
    slot: int
    offset_bytes: int
    size_bytes: int
    type_name: str


@dataclass(frozen=True, slots=True, eq=False)
class Artifact(Mapping[str, Any]):
    """A compiled contract: its JSON document as a mapping (``artifact["storageLayout"]``), and its parts read.

    Attributes:
        document: The artefact as it was read; do not change it, it is shared.
        contract_name: Its name.
        abi: Its interface; do not change it, it is shared.
        bytecode: What is deployed, followed by the constructor's arguments.
        deployed_bytecode: What stands on the chain, with zeros where the immutables go.
        immutable_ranges: Start and length in bytes of those places.
        storage_layout: As the compiler gives it; do not change it, it is shared.
        method_identifiers: Selector (8 hex digits) by signature.
        compiler_version: The compiler's long version.
        compiler_settings: The settings it had.
        source_sha256: SHA-256 of each source file, as hex.
    """

    document: Mapping[str, Any]
    contract_name: str
    abi: tuple[Mapping[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    immutable_ranges: tuple[tuple[int, int], ...]
    storage_layout: Mapping[str, Any]
    method_identifiers: Mapping[str, str]
    compiler_version: str
    compiler_settings: Mapping[str, Any]
    source_sha256: Mapping[str, str]

    def __getitem__(self, key: str) -> Any:
        return self.document[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.document)

    def __len__(self) -> int:
        return len(self.document)

    def slot_of(self, label: str) -> int:
        """The storage slot of a state variable.

        Args:
            label: Its name in the source, such as ``_heads``.

        Returns:
            The slot; of a mapping, the one its keys are hashed with.

        Raises:
            LookupError: The contract has no such variable.
        """
        for variable in self.storage_layout["storage"]:
            if variable["label"] == label:
                return int(variable["slot"])
        known = ", ".join(v["label"] for v in self.storage_layout["storage"])
        raise LookupError(f"{self.contract_name} has no state variable {label!r}; it has {known}")

    def members_of(self, struct: str) -> tuple[Member, ...]:
        """How a struct is laid out.

        Args:
            struct: Its name in the source, such as ``Checkpoint``.

        Returns:
            Its members in order.

        Raises:
            LookupError: Nothing the contract stores has that struct.
        """
        types = self.storage_layout["types"]
        for description in types.values():
            if description["label"].rpartition(".")[2] == struct and "members" in description:
                return tuple(
                    Member(
                        label=member["label"],
                        slot=int(member["slot"]),
                        offset_bytes=int(member["offset"]),
                        size_bytes=int(types[member["type"]]["numberOfBytes"]),
                        type_name=types[member["type"]]["label"],
                    )
                    for member in description["members"]
                )
        known = ", ".join(sorted(d["label"] for d in types.values() if "members" in d))
        raise LookupError(f"{self.contract_name} stores no struct {struct!r}; it stores {known}")

    def is_code(self, code: bytes) -> bool:
        """Whether the code at an address is this contract's, whatever its immutables are.

        Args:
            code: What the chain gives for the address.

        Returns:
            True if every byte outside the immutables is equal.
        """
        masked = bytearray(code)
        if len(masked) != len(self.deployed_bytecode):
            return False
        for start, length in self.immutable_ranges:
            masked[start : start + length] = bytes(length)
        return bytes(masked) == self.deployed_bytecode


@cache
def load(name: str) -> Artifact:
    """Reads a compiled contract.

    Args:
        name: One of :data:`CONTRACT_NAMES`.

    Returns:
        The contract, shared by all callers.

    Raises:
        LookupError: There is no such contract.
        ValueError: The artefact in this installation is damaged.
    """
    if name not in CONTRACT_NAMES:
        raise LookupError(f"there is no contract {name!r}; there are {', '.join(CONTRACT_NAMES)}")
    text = resources.files(__name__).joinpath("artifacts", f"{name}.json").read_text("utf-8")
    try:
        return _from_json(json.loads(text))
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"contracts/artifacts/{name}.json is damaged: reinstall the package") from problem


def _from_json(document: dict[str, Any]) -> Artifact:
    references = document["immutableReferences"].values()
    return Artifact(
        document=MappingProxyType(document),
        contract_name=document["contractName"],
        abi=tuple(document["abi"]),
        bytecode=bytes.fromhex(document["bytecode"].removeprefix("0x")),
        deployed_bytecode=bytes.fromhex(document["deployedBytecode"].removeprefix("0x")),
        immutable_ranges=tuple(sorted((place["start"], place["length"]) for places in references for place in places)),
        storage_layout=MappingProxyType(document["storageLayout"]),
        method_identifiers=MappingProxyType(document["methodIdentifiers"]),
        compiler_version=document["compiler"]["version"],
        compiler_settings=MappingProxyType(document["compiler"]["settings"]),
        source_sha256=MappingProxyType(document["sources"]),
    )

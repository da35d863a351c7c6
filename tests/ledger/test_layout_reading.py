"""Where variables lie: hand-computed slots, every kind of variable, and refusals."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak

from contracts import load
from passport.errors import LedgerError
from passport.ledger import Address, BlockRef
from passport.ledger.layout import StorageLayout, array_slot, mapping_slot

CONTRACT = Address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
OTHER = Address("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")


class Words:
    """A state of known words."""

    block = BlockRef(0, bytes(32), 0, bytes(32))

    def __init__(self, words: dict[int, int]) -> None:
        self.words = words

    def storage(self, contract: Address, slot: int) -> int:
        """The word."""
        assert contract == CONTRACT
        return self.words.get(slot, 0)


def plain(label: str, size_bytes: int) -> dict[str, str]:
    """A type that fits into one slot."""
    return {"encoding": "inplace", "label": label, "numberOfBytes": str(size_bytes)}


LAYOUT = StorageLayout(
    {
        "storage": [
            {"label": "flag", "slot": "0", "offset": 0, "type": "t_bool"},
            {"label": "small", "slot": "0", "offset": 1, "type": "t_uint40"},
            {"label": "owner", "slot": "0", "offset": 6, "type": "t_address"},
            {"label": "tag", "slot": "0", "offset": 26, "type": "t_bytes4"},
            {"label": "kind", "slot": "0", "offset": 30, "type": "t_enum"},
            {"label": "packed", "slot": "1", "offset": 0, "type": "t_array_uint40"},
            {"label": "pairs", "slot": "2", "offset": 0, "type": "t_array_pair"},
            {"label": "byAddress", "slot": "3", "offset": 0, "type": "t_map_address"},
            {"label": "name", "slot": "4", "offset": 0, "type": "t_string"},
            {"label": "signed", "slot": "5", "offset": 0, "type": "t_int8"},
        ],
        "types": {
            "t_bool": plain("bool", 1),
            "t_uint40": plain("uint40", 5),
            "t_uint256": plain("uint256", 32),
            "t_int8": plain("int8", 1),
            "t_address": plain("address", 20),
            "t_bytes4": plain("bytes4", 4),
            "t_bytes32": plain("bytes32", 32),
            "t_enum": plain("enum Kind", 1),
            "t_string": {"encoding": "bytes", "label": "string", "numberOfBytes": "32"},
            "t_array_uint40": {"encoding": "dynamic_array", "base": "t_uint40", "label": "", "numberOfBytes": "32"},
            "t_array_pair": {"encoding": "dynamic_array", "base": "t_pair", "label": "", "numberOfBytes": "32"},
            "t_map_address": {
                "encoding": "mapping",
                "key": "t_address",
                "value": "t_map_number",
                "label": "",
                "numberOfBytes": "32",
            },
            "t_map_number": {
                "encoding": "mapping",
                "key": "t_uint40",
                "value": "t_pair",
                "label": "",
                "numberOfBytes": "32",
            },
            "t_pair": {
                "encoding": "inplace",
                "label": "struct Pair",
                "numberOfBytes": "64",
                "members": [
                    {"label": "hash", "slot": "0", "offset": 0, "type": "t_bytes32"},
                    {"label": "low", "slot": "1", "offset": 0, "type": "t_uint40"},
                    {"label": "high", "slot": "1", "offset": 5, "type": "t_uint40"},
                ],
            },
        },
    }
)


def test_the_first_mapping_slot_is_the_published_one() -> None:
    """keccak256(64 zero bytes), the slot of `map[0]` in a contract whose first variable is a mapping."""
    found = mapping_slot(0, bytes(32))
    assert found == 0xAD3228B676F7D3CD4284A5443F17F1962B36E491B30A40B2405849E597BA5FB5


def test_the_first_array_slot_is_the_published_one() -> None:
    """keccak256(uint256(0)), as the Solidity documentation's example of dynamic arrays has it."""
    assert array_slot(0) == 0x290DECD9548B62A8D60345A988386FC84BA6BC95484008F6362F93160EF3E563


def test_packed_variables_are_cut_out_of_their_slot() -> None:
    word = 1 | 0xAABBCCDDEE << 8 | int(OTHER, 16) << 48 | 0x01020304 << 208 | 2 << 240
    state = Words({0: word})
    assert LAYOUT.read(state, CONTRACT, "flag") is True
    assert LAYOUT.read(state, CONTRACT, "small") == 0xAABBCCDDEE
    assert LAYOUT.read(state, CONTRACT, "owner") == OTHER
    assert LAYOUT.read(state, CONTRACT, "tag") == b"\x01\x02\x03\x04"
    assert LAYOUT.read(state, CONTRACT, "kind") == 2
    assert LAYOUT.read(Words({}), CONTRACT, "flag") is False


def test_small_array_elements_share_slots() -> None:
    """Six uint40 fit into 32 bytes; the seventh begins the next slot."""
    first = array_slot(1)
    state = Words({1: 8, first: sum((at + 1) << 40 * at for at in range(6)), first + 1: 7 | 8 << 40})
    assert LAYOUT.length(state, CONTRACT, "packed") == 8
    assert [LAYOUT.read(state, CONTRACT, "packed", at) for at in range(9)] == [1, 2, 3, 4, 5, 6, 7, 8, 0]


def test_struct_elements_take_whole_slots() -> None:
    first = array_slot(2)
    state = Words({first + 2: int.from_bytes(b"h" * 32, "big"), first + 3: 5 | 6 << 40})
    assert LAYOUT.read_struct(state, CONTRACT, "pairs", 1) == {"hash": b"h" * 32, "low": 5, "high": 6}
    assert LAYOUT.slots("pairs", 1) == range(first + 2, first + 4)


def test_mappings_of_mappings() -> None:
    inner = int.from_bytes(keccak(bytes(12) + bytes.fromhex(OTHER[2:]) + (3).to_bytes(32, "big")), "big")
    slot = int.from_bytes(keccak((9).to_bytes(32, "big") + inner.to_bytes(32, "big")), "big")
    state = Words({slot + 1: 77})
    assert LAYOUT.read_struct(state, CONTRACT, "byAddress", OTHER, 9)["low"] == 77
    assert LAYOUT.slots("byAddress", OTHER, 9) == range(slot, slot + 2)


@pytest.mark.parametrize(
    ("method", "arguments", "reason"),
    [
        ("read", ("nothing",), "no such variable"),
        ("read", ("flag", 1), "neither a mapping nor an array"),
        ("read", ("byAddress", OTHER, 1), "not a single value"),
        ("read", ("byAddress",), "not a single value"),
        ("read", ("packed", -1), "not an array index"),
        ("read", ("packed", "1"), "not an array index"),
        ("read", ("name",), "not a single value"),
        ("read", ("signed",), "a type this reader does not know"),
        ("read_struct", ("flag",), "not a struct"),
        ("read_struct", ("byAddress", b"x", 1), "key does not fit the mapping; expected address"),
        ("read_struct", ("byAddress", OTHER.lower(), 1), "EIP-55 checksum"),
        ("read_struct", ("byAddress", OTHER, 1 << 40), "key does not fit the mapping; expected uint40"),
        ("read_struct", ("byAddress", OTHER, -1), "key does not fit the mapping; expected uint40"),
        ("length", ("flag",), "not a dynamic array"),
    ],
)
def test_what_does_not_fit_is_refused(method: str, arguments: tuple[object, ...], reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        getattr(LAYOUT, method)(Words({}), CONTRACT, *arguments)


@pytest.mark.parametrize(
    ("contract", "variable", "keys"),
    [
        ("IssuerRegistry", "_registrars", (OTHER,)),
        ("IssuerRegistry", "_issuers", (bytes(32),)),
        ("IssuerRegistry", "_accountKeys", (OTHER,)),
        ("IssuerRegistry", "_credentialKeys", (bytes(32), bytes(32))),
        ("PassportLog", "_heads", (bytes(32),)),
        ("PassportLog", "_checkpoints", (bytes(32), bytes(32))),
        ("PassportLog", "_successors", (bytes(32), 5)),
    ],
)
def test_records_of_the_contracts_are_as_small_as_promised(
    contract: str, variable: str, keys: tuple[bytes | str | int, ...]
) -> None:
    """One slot each, but registrars two and issuers three."""
    slots = StorageLayout(load(contract).storage_layout).slots(variable, *keys)
    assert len(slots) == {"_registrars": 2, "_issuers": 3}.get(variable, 1)

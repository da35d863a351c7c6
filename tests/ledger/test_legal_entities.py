"""Identifiers of legal entities: check digits, one spelling, and the id made of them."""

from __future__ import annotations

import pytest
from consortium_setup import Consortium
from eth_abi.abi import encode
from eth_hash.auto import keccak

from contracts import load
from passport.errors import LedgerError
from passport.ledger import SCHEMES, issuer_id, issuer_id_bytes, issuer_id_text, normal_identifier
from passport.ledger.transactions import read_contract
from passport.model.party import Scheme

# Real ones: GLEIF, Bloomberg, a German bank's company number and VAT id, GS1's example of a GLN (General
# Specifications, figure 2.4.4-1 shows 4012345000009), Alibaba (China) and Huawei, as their registers publish them.
REAL = [
    ("LEI", "506700GE1G29325QX363"),
    ("LEI", "5493001KJTIIGC8Y1R12"),
    ("LEI", "529900T8BM49AURSDO55"),
    ("EUID", "DEK1101R.HRB116737"),
    ("EUID", "LURCSL.B123456"),
    ("VAT", "DE136695976"),
    ("GLN", "4012345000009"),
    ("GLN", "0614141000012"),
    ("USCC", "91330100799655058B"),
    ("USCC", "914403001922038216"),
    ("USCC", "9144030071526726XG"),
]
CHECKED = [(scheme, identifier) for scheme, identifier in REAL if scheme in {"LEI", "GLN", "USCC"}]


@pytest.mark.parametrize(("scheme", "identifier"), REAL)
def test_real_identifiers_are_right(scheme: str, identifier: str) -> None:
    assert normal_identifier(scheme, identifier) == identifier
    spaced = " ".join(identifier[at : at + 4] for at in range(0, len(identifier), 4)).lower()
    assert normal_identifier(scheme, spaced) == identifier


def same_kind(scheme: str, a: str, b: str) -> bool:
    """Whether the check digits promise to tell `a` from `b`: MOD 97-10 writes letters as two digits, digits as one."""
    return scheme != "LEI" or a.isdigit() == b.isdigit()


@pytest.mark.parametrize(("scheme", "identifier"), CHECKED)
def test_every_single_typing_error_is_noticed(scheme: str, identifier: str) -> None:
    alphabet = "0123456789" if scheme == "GLN" else "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for at, right in enumerate(identifier):
        for wrong in alphabet:
            if wrong != right and same_kind(scheme, wrong, right):
                with pytest.raises(LedgerError, match=r"fails its check digits|not a \w+ identifier"):
                    normal_identifier(scheme, identifier[:at] + wrong + identifier[at + 1 :])


@pytest.mark.parametrize(("scheme", "identifier"), [pair for pair in CHECKED if pair[0] != "GLN"])
def test_every_swap_of_neighbours_is_noticed(scheme: str, identifier: str) -> None:
    for at in range(len(identifier) - 1):
        a, b = identifier[at : at + 2]
        if a != b and same_kind(scheme, a, b):
            with pytest.raises(LedgerError, match=r"fails its check digits|not a \w+ identifier"):
                normal_identifier(scheme, identifier[:at] + b + a + identifier[at + 2 :])


@pytest.mark.parametrize(
    ("scheme", "identifier", "reason"),
    [
        ("DUNS", "123456789", "unknown scheme of legal entities"),
        ("lei", "506700GE1G29325QX363", "unknown scheme of legal entities"),
        ("LEI", "506700GE1G29325QX36", "not a LEI identifier; expected 20 characters"),
        ("LEI", "506700GE1G29325QX364", "the LEI identifier fails its check digits"),
        ("LEI", "506700GE1G29325QX363\n", "not a LEI identifier"),
        ("LEI", "５06700GE1G29325QX363", "not a LEI identifier"),
        ("GLN", "4012345000008", "the GLN identifier fails its check digits"),
        ("GLN", "401234500000", "not a GLN identifier; expected 13 digits"),
        ("USCC", "91330100799655058A", "the USCC identifier fails its check digits"),
        ("USCC", "9133O100799655058B", "not a USCC identifier"),
        ("VAT", "136695976", "not a VAT identifier"),
        ("VAT", "DE", "not a VAT identifier"),
        ("EUID", "DEK1101RHRB116737", "not a EUID identifier"),
        ("EUID", "DEK1101R.", "not a EUID identifier"),
        ("EUID", "", "not a EUID identifier"),
    ],
)
def test_malformed_identifiers_are_refused(scheme: str, identifier: str, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        issuer_id(scheme, identifier)


def test_the_schemes_are_those_of_the_documents() -> None:
    assert set(SCHEMES) == {scheme.value for scheme in Scheme}


@pytest.mark.parametrize(("scheme", "identifier"), REAL)
def test_the_id_is_the_hash_of_the_abi_encoding(scheme: str, identifier: str) -> None:
    """Another implementation of the ABI gives the same bytes."""
    expected = "0x" + keccak(encode(["string", "string"], [scheme, identifier])).hex()
    assert issuer_id(scheme, identifier) == expected


@pytest.mark.parametrize(("scheme", "identifier"), REAL[::4])
def test_the_contract_computes_the_same_id(consortium: Consortium, scheme: str, identifier: str) -> None:
    registry = load("IssuerRegistry")
    found = read_contract(
        consortium.chain, registry, consortium.place.registry, "computeIssuerId", scheme, identifier, 0
    )
    assert issuer_id_text(found) == issuer_id(scheme, identifier)


@pytest.mark.parametrize("text", ["0x" + "AB" * 32, "ab" * 32, "0x" + "ab" * 31, "0x" + "ab" * 32 + "\n"])
def test_other_spellings_of_ids_are_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="not an issuer id"):
        issuer_id_bytes(text)


def test_an_id_has_32_bytes() -> None:
    with pytest.raises(LedgerError, match="expected 32 bytes; found 31 bytes"):
        issuer_id_text(bytes(31))

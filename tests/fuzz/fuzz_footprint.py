"""Targets: signed statements about a ledger, and the files of the ledger's own footprint."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import rlp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fuzz_target import Target

from passport.credentials.keys import Ed25519Signer
from passport.errors import PassportError
from passport.exchange.plain_values import read_plain_values
from passport.ledger.extra_data import clique_maker, is_clique, validators_of
from passport.ledger_footprint import Catalogue
from passport.ledger_footprint.anchoring_profiles import parse_profiles
from passport.ledger_footprint.data_file import parse_data_file
from passport.ledger_footprint.paradox import judge_announcement, parse_announcement
from passport.ledger_footprint.rebound import split_change
from passport.ledger_footprint.use_periods import parse_use_periods
from passport.ledger_reports import (
    KINDS,
    Evidence,
    HardwareHandover,
    HardwareReceipt,
    LedgerFootprintReport,
    MeterReading,
    SignedStatement,
    check_report,
    follow_custody,
    node_reading,
    peek_statement,
    read_statement,
)
from passport.model.base import DocumentModel

VANITY_AND_SEAL_BYTES = 32 + 65
STRANGER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")).multikey
AT = datetime(2026, 11, 22, 11, tzinfo=UTC)


def read_signed_statement(data: bytes) -> object:
    """What is peeked at is what is read, and a stranger's key signed none; the numbers are redone as far as they go."""
    found = peek_statement(data, KINDS)
    try:
        read_statement(data, KINDS, key_lookup=lambda _: STRANGER)
    except PassportError:
        pass
    else:
        raise AssertionError("a stranger's key signed it")
    judge(found.statement, found.digest)
    return found


def read_claim(data: bytes) -> object:
    """The statement alone, as JSON: mutations behind a signature's canonical form seldom reach the arithmetic."""
    document = read_plain_values(data, name="x.json")
    kind = KINDS.get(str(document.get("format"))) if isinstance(document, dict) else None
    if kind is None:
        raise PassportError("another kind of statement")
    try:
        statement = kind.model_validate(json.loads(data))
    except ValueError as error:  # pydantic's own, or no JSON
        raise PassportError("not of its shape") from error
    judge(statement, "uEiAA")
    return statement


def judge(statement: DocumentModel, digest: str) -> None:
    """Whatever a statement says, its arithmetic ends in a value or in an error of ours."""
    signed = SignedStatement(statement, digest, "did:web:a.example", STRANGER, AT, "urn:x")  # type: ignore[arg-type]
    try:
        if isinstance(statement, MeterReading):
            node_reading(replace(signed, statement=statement))
        elif isinstance(statement, HardwareHandover):
            follow_custody([replace(signed, statement=statement)], [])
        elif isinstance(statement, HardwareReceipt):
            follow_custody([], [replace(signed, statement=statement)])
        elif isinstance(statement, LedgerFootprintReport):
            check_report(statement, Evidence(catalogue=Catalogue.shipped()))
    except PassportError:
        pass


def read_anchoring_profiles(data: bytes) -> object:
    """Written again a profile is the same, and so is its hash."""
    found = parse_profiles(data, where="x")
    for each in found:
        assert parse_profiles(each.to_bytes(), where="x")[0].sha256 == each.sha256
    return found


def read_use(data: bytes) -> object:
    said = parse_use_periods(read_plain_values(data, name="x.json"), name="x")
    return split_change(said.before.uses, after=said.after.uses)


def read_announcement(data: bytes) -> object:
    return judge_announcement(parse_announcement(read_plain_values(data, name="x.json"), name="x"))


def read_extra_data(data: bytes) -> object:
    """Validators are addresses, each once where they are Clique's; and whatever it is, it is read without a fault."""
    header = rlp.encode([*[b""] * 12, data, b"", b""])  # `extraData` is the thirteenth field
    maker = clique_maker(header)
    assert maker is None or len(data) >= VANITY_AND_SEAL_BYTES
    found = validators_of(data, number=len(data) % 2)
    if found is not None and is_clique(data, number=len(data) % 2):
        assert len(set(found)) == len(found)
    if found is None:
        raise PassportError("no validators")
    return found


TARGETS = [
    Target("ledger_statement", read_signed_statement, 16384, 4),
    Target("ledger_claim", read_claim, 16384, 4),
    Target("anchoring_profile", read_anchoring_profiles),
    Target("ledger_data", lambda data: parse_data_file(data, name="x.json"), 8192),
    Target("ledger_use", read_use),
    Target("announcement", read_announcement),
    Target("extra_data", read_extra_data, 2048),
]

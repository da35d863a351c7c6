"""Signed accounts of a ledger: what its nodes drew, where its hardware went, and what all of it comes to.

reading = sign_statement(MeterReading(...), signer=signer, did=did, party=party, now=now).body
report = build_report(estimate, participants=..., custody=...)
"""

from passport.ledger_reports.anchoring import sign_and_reserve
from passport.ledger_reports.custody import Custody, follow_custody
from passport.ledger_reports.keeping import file_ledger_statement, kept_statements
from passport.ledger_reports.kinds import KINDS
from passport.ledger_reports.readings import contradicting, node_reading
from passport.ledger_reports.redone import Evidence, Redone, check_report
from passport.ledger_reports.registered import check_registered, why_not_now
from passport.ledger_reports.report import LedgerFootprintReport, Metering, build_report
from passport.ledger_reports.signing import (
    SignedStatement,
    StatementFacts,
    Unsigned,
    is_statement,
    peek_statement,
    read_statement,
    sign_statement,
    statement_facts,
)
from passport.ledger_reports.statements import Entity, HardwareHandover, HardwareReceipt, MeterReading

__all__ = [
    "KINDS",
    "Custody",
    "Entity",
    "Evidence",
    "HardwareHandover",
    "HardwareReceipt",
    "LedgerFootprintReport",
    "MeterReading",
    "Metering",
    "Redone",
    "SignedStatement",
    "StatementFacts",
    "Unsigned",
    "build_report",
    "check_registered",
    "check_report",
    "contradicting",
    "file_ledger_statement",
    "follow_custody",
    "is_statement",
    "kept_statements",
    "node_reading",
    "peek_statement",
    "read_statement",
    "sign_and_reserve",
    "sign_statement",
    "statement_facts",
    "why_not_now",
]

"""Attest what an audit came to: a Digital Conformity Credential made of a report and of the passport it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from passport.credentials import jcs, read_secured
from passport.errors import UsageError
from passport.model.conformity_credential import LINK_REPORT, AssessorLevel, build_conformity_credential
from passport.model.credential import Link
from passport.model.digest import digest_of
from passport.model.traceability_event import LINK_PASSPORT
from passport.model.untp import Issued
from verifier.report import Report


class Attestation(NamedTuple):
    """A credential without proof, and the bytes of the report that it pins.

    Attributes:
        document: The conformity credential.
        report: The report as canonical JSON, to be kept with it.
    """

    document: dict[str, Any]
    report: bytes


def attestation_of(
    report: Report,
    passport: bytes,
    issued: Issued,
    *,
    report_url: str,
    assessed: datetime,
    assessor_level: AssessorLevel = "3rdParty",
) -> Attestation:
    """Write down what an audit came to.

    Args:
        report: Of the audit, with its verdict.
        passport: The signed bytes of the audited passport.
        issued: The credential's envelope; the auditor issues it.
        report_url: Where the report will be found.
        assessed: When the audit was made, aware.
        assessor_level: How the auditor stands to the passport's issuer.

    Raises:
        UsageError: The report is of another passport, or decided nothing.
        PassportError: The passport cannot be read.
    """
    secured = read_secured(passport, canonical=True)
    if secured.doc_hash != report.top:
        raise UsageError("the report is of another passport", expected=report.top, found=secured.doc_hash)
    body = jcs(report.to_json())
    passport_id = secured.document["id"]
    document = build_conformity_credential(
        issued,
        passport=secured.document,
        evidence=Link(passport_id, "Audited passport", secured.doc_hash, "application/vc", LINK_PASSPORT),
        verdict=str(report.verdict),
        report=Link(report_url, "Audit report", digest_of(body), "application/json", LINK_REPORT),
        assessed=assessed,
        assessor_level=assessor_level,
    )
    return Attestation(document, body)

"""The Digital Conformity Credential (UNTP 0.7.0): an auditor attests what an audit of a footprint came to.

Product id, topic and criterion id are the claim's own, word for word: by these UNTP matches claim and attestation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from passport.errors import UsageError
from passport.model.base import time_text
from passport.model.credential import Link
from passport.model.untp import Issued, untp_credential

KIND: Final = "DigitalConformityCredential"
SCHEMA: Final = "untp-dcc-0.7.0-issuing"
SCHEME_ID: Final = "urn:carbon-passport:scheme:audit:1"
LINK_REPORT: Final = "urn:carbon-passport:link:audit-report"

AssessorLevel = Literal["self", "buyer", "commercial", "3rdParty", "unspecified"]


def build_conformity_credential(
    issued: Issued,
    *,
    passport: Mapping[str, Any],
    evidence: Link,
    verdict: str,
    report: Link,
    assessed: datetime,
    assessor_level: AssessorLevel = "3rdParty",
) -> dict[str, Any]:
    """Write the credential, without proof.

    Args:
        issued: Its envelope; the auditor issues it.
        passport: The audited passport without proof.
        evidence: Pin of that passport.
        verdict: The audit's: `passed` or `failed`.
        report: Pin of the audit's report.
        assessed: When the audit was made, aware.
        assessor_level: How the auditor stands to the passport's issuer.

    Raises:
        UsageError: An audit that decided nothing, which is no ground to attest anything, or an auditor that attests
            its own passport as a third party.
    """
    if verdict not in {"passed", "failed"}:
        raise UsageError(
            "an audit that decided nothing attests nothing", where="verdict", expected="passed or failed", found=verdict
        )
    if passport["issuer"]["id"] == issued.did and assessor_level != "self":
        raise UsageError("who attests its own passport is no other party", expected="self", found=assessor_level)
    subject, claim = passport["credentialSubject"], passport["credentialSubject"]["performanceClaim"][0]
    issuer = passport["issuer"]
    product = {
        "type": ["Product"],
        "id": subject["id"],
        "name": subject["name"],
        "idGranularity": subject["idGranularity"],
        **{name: subject[name] for name in ("modelNumber", "batchNumber", "itemNumber") if name in subject},
    }
    attestation = {
        "type": ["ConformityAttestation"],
        "id": f"{issued.id}#attestation",
        "name": f"Audit of {claim['name']}",
        "assessorLevel": assessor_level,
        "assessmentLevel": "no-endorsement",
        "attestationType": "verification",
        "issuedToParty": {
            "type": ["Party"],
            "id": issuer["id"],
            "name": issuer["name"],
            "registeredId": issuer["issuerAlsoKnownAs"][0]["registeredId"],
        },
        "referenceScheme": {
            "type": ["ConformityScheme"],
            "id": SCHEME_ID,
            "name": "Audit of a passport and everything below it",
        },
        "auditableEvidence": report.to_json(),
        "conformityAssessment": [
            {
                "type": ["ConformityAssessment"],
                "id": f"{issued.id}#assessment",
                "name": claim["name"],
                "assessmentCriteria": claim["referenceCriteria"],
                "assessmentDate": time_text(assessed)[:10],
                "assessedPerformance": claim["claimedPerformance"],
                "assessedProduct": [{"product": product, "idVerifiedByCAB": False}],
                "referenceStandard": claim["referenceStandard"],
                "evidence": [evidence.to_json()],
                "conformityTopic": claim["conformityTopic"],
                "conformance": verdict == "passed",
            }
        ],
    }
    return untp_credential(KIND, issued, f"Conformity credential: {subject['name']}", attestation)


def attests(attestation: Mapping[str, Any], passport: Mapping[str, Any], digest: str) -> bool:
    """Whether a conformity credential attests the claim of a passport: this version of it, and these figures.

    UNTP matches the two by product, topic and criterion. That alone would let an attestation of one version vouch for
    the next one of the same product, whatever it claims; so the passport must be the one that the assessment pins as
    its evidence, and the figures assessed must be those claimed.

    Args:
        attestation: The credential, already judged by its schema; whether its issuer is to be believed is left open.
        passport: The passport without proof, likewise.
        digest: The passport's digest.
    """
    subject, claim = passport["credentialSubject"], passport["credentialSubject"]["performanceClaim"][0]
    wanted = {each["id"] for each in claim["referenceCriteria"]}, {each["id"] for each in claim["conformityTopic"]}
    return any(
        assessment["conformance"] is True
        and any(each["product"]["id"] == subject["id"] for each in assessment["assessedProduct"])
        and wanted[0] <= {each["id"] for each in assessment["assessmentCriteria"]}
        and wanted[1] <= {each["id"] for each in assessment["conformityTopic"]}
        and any(each["digestMultibase"] == digest for each in assessment["evidence"])
        and assessment["assessedPerformance"] == claim["claimedPerformance"]
        for assessment in attestation["credentialSubject"]["conformityAssessment"]
    )

"""`passport attest`: audit a passport and sign what came of it, as a UNTP Digital Conformity Credential."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from cli.judging import (
    Demands,
    LedgerProfileOption,
    exit_code_of_verdict,
    find_passport,
    ledger_profiles,
    source_of,
)
from cli.session import Session, TrustOption, command
from passport.errors import UsageError

EXAMPLES = """\
passport attest https://acme.example/passports/0b6e... --trust trust.json -o dcc.json --report report.json
passport attest ID --trust trust.json --assessor buyer --jwt -o dcc.jwt --report report.json
"""


class Assessor(StrEnum):
    """How an auditor stands to the issuer of what it audits."""

    SELF = "self"
    BUYER = "buyer"
    COMMERCIAL = "commercial"
    THIRD_PARTY = "3rdParty"


@command(passphrase=True)
def attest(
    session: Session,
    name: Annotated[str, typer.Argument(help="A passport's id or digest, or a product's id.", metavar="ID")],
    *,
    out: Annotated[Path, typer.Option("--output", "-o", help="The credential to write.", metavar="FILE")],
    report_file: Annotated[
        Path, typer.Option("--report", help="The report to write; the credential pins it.", metavar="FILE")
    ],
    assessor: Annotated[
        Assessor, typer.Option("--assessor", help="How this company stands to the passport's issuer.")
    ] = Assessor.THIRD_PARTY,
    as_jwt: Annotated[bool, typer.Option("--jwt", help="Write a vc+jwt instead of an embedded proof.")] = False,
    trust: TrustOption = None,
    ledger_profile: LedgerProfileOption = None,
) -> None:
    """Passed and failed are attested, an audit that decided nothing is not. Exit codes as of `passport audit`."""
    from passport.credentials.untp_credential import Envelope, sign_credential
    from passport.model.conformity_credential import SCHEMA
    from passport.model.digest import Digest
    from passport.model.untp import Issued
    from passport.store import DocumentKind
    from verifier.attestation import attestation_of
    from verifier.audit import Settings
    from verifier.audit import audit as run_audit
    from verifier.report import Verdict

    now = session.clock()
    with session.open_company() as workspace:
        digest = Digest(find_passport(workspace.store, name))
        report = run_audit(
            source_of(workspace),
            digest,
            policy=Demands().policy(),
            trust=session.trust(trust),
            settings=Settings(at=now, is_now=True, ledger_profiles=ledger_profiles(ledger_profile)),
        )
        if report.verdict is Verdict.UNDECIDED:
            session.output.remark("; ".join(report.reasons))
            raise typer.Exit(exit_code_of_verdict(report))
        base = f"https://{workspace.settings.host}"
        made = attestation_of(
            report,
            workspace.store.get_document(DocumentKind.PASSPORT, digest),
            Issued(f"{base}/attestations/{uuid4()}", workspace.settings.did or "", workspace.party, now),
            report_url=f"{base}/reports/{uuid4()}",
            assessed=now,
            assessor_level=assessor.value,
        )
        signer = workspace.signer(session.passphrase())
        envelope = Envelope.JWT if as_jwt else Envelope.EMBEDDED
        signed = sign_credential(made.document, SCHEMA, signer, now, envelope=envelope)
    if out.resolve() == report_file.resolve():
        raise UsageError("one file for two documents", where="--report", expected="another file than --output")
    report_file.write_bytes(made.report)
    out.write_bytes(signed.body)
    output = session.output
    output.result(output.word("attest.done", verdict=output.word(f"verdict.{report.verdict}"), file=out))
    output.document(
        {
            "file": str(out),
            "report": str(report_file),
            "digest": signed.doc_hash,
            "passport": digest,
            "verdict": str(report.verdict),
        }
    )
    raise typer.Exit(exit_code_of_verdict(report))

"""`passport registry organisation-message`, `prove-organisation-key`: an X.509 key signs for the controller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.registry_call import CalldataOption, Sending, registry_at_head, send_call
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import DocumentError, NotFoundError

if TYPE_CHECKING:
    from passport.ledger import Address, Call, RegistryView, RegistryWriter
    from passport.workspace import Workspace

MESSAGE_EXAMPLES = """\
passport registry organisation-message -o message.bin
openssl dgst -sha256 -sign organisation.pem -out signature.bin message.bin
"""
PROVE_EXAMPLES = """\
passport registry prove-organisation-key --key certificate.pem --signature signature.bin --dry-run
passport registry prove-organisation-key --key certificate.pem --signature signature.bin
"""


@command()
def organisation_message(
    session: Session,
    *,
    out: Annotated[Path, typer.Option("--output", "-o", help="Where it is written; - is stdout.", metavar="FILE")],
) -> None:
    """The 66 bytes that an organisation's RSA or P-256 key signs with SHA-256: company, controller and registry."""
    from passport.ledger import Address, RegistryWriter

    output = session.output
    with session.open_company() as workspace:
        writer = RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
        controller = _controller(workspace)
        message = writer.organisation_message(workspace.place.issuer_id, controller)
    if str(out) == "-":
        output.raw(message)
        return
    try:
        out.write_bytes(message)
    except OSError as error:
        raise DocumentError("cannot be written", where=str(out), found=error.strerror) from error
    output.result(str(out))
    output.document({"file": str(out), "message": "0x" + message.hex(), "controller": controller})


@command(passphrase=True)
def prove_organisation_key(
    session: Session,
    *,
    key: Annotated[Path, typer.Option("--key", help="The public key or certificate, PEM.", metavar="FILE")],
    signature: Annotated[
        Path, typer.Option("--signature", help="What it signed: PKCS#1 v1.5, or ECDSA in DER.", metavar="FILE")
    ],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As this company's controller. Audits note which key signed; whose it is, only its certificate shows."""
    from passport.credentials.plain_file import read_plain_file
    from passport.ledger.organisation_key import MAX_KEY_BYTES, MAX_SIGNATURE_BYTES, organisation_key_call

    pem = read_plain_file(key, max_bytes=MAX_KEY_BYTES, what="key")
    signed = read_plain_file(signature, max_bytes=MAX_SIGNATURE_BYTES, what="signature")

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        return organisation_key_call(
            writer, workspace.place.issuer_id, _controller(workspace), key_pem=pem, signature=signed
        )

    def tell(workspace: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        proven = registry.organisation_key(workspace.place.issuer_id)
        found = None if proven is None else "0x" + proven.key_hash.hex()
        return [str(found)], {"key_hash": found}

    send_call(session, "prove the organisation key", build, Sending(dry_run, yes, calldata), tell=tell)


def _controller(workspace: Workspace) -> Address:
    """The controller as the registry has it: the one that a signature has to name.

    Raises:
        NotFoundError: The company is not registered.
    """
    issuer = registry_at_head(workspace).issuer(workspace.place.issuer_id)
    if issuer is None:
        raise NotFoundError("the company is not registered yet", where=workspace.place.issuer_id)
    return issuer.controller

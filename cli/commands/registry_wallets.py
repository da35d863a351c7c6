"""`passport registry account-message`, `bind-account`: bind an account whose key is not in this workspace.

Such as the wallet of several people that anchors: it signs the message in its own program, and the company's
controller sends the signature.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.registry_call import CalldataOption, Sending, account_of, send_call
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger import AccountPurpose, Call, RegistryView, RegistryWriter
    from passport.workspace import Workspace

MESSAGE_EXAMPLES = """\
passport registry account-message 0x8ba1f109551bD432803012645Ac136ddd64DBA72 > message.json
passport registry account-message 0x8ba1f109551bD432803012645Ac136ddd64DBA72 --purpose anchor
"""
BIND_EXAMPLES = """\
passport registry bind-account 0x8ba1f109551bD432803012645Ac136ddd64DBA72 --signature 0x1c9f... --dry-run
passport registry bind-account 0x8ba1f109551bD432803012645Ac136ddd64DBA72 --signature-file signature.hex
"""
MAX_SIGNATURE_BYTES: Final = 4096
PURPOSES: Final = ("anchor", "status")

AccountArgument = Annotated[
    str, typer.Argument(help="The account (0x..., in its EIP-55 spelling).", metavar="ACCOUNT", show_default=False)
]
PurposeOption = Annotated[
    list[str] | None, typer.Option("--purpose", help="anchor or status; may be repeated; both without.")
]


@command()
def account_message(session: Session, account: AccountArgument, *, purpose: PurposeOption = None) -> None:
    """The EIP-712 message (`eth_signTypedData_v4`) by which that account agrees to speak for this company for ever."""
    from passport.ledger import Address, RegistryWriter

    address, purposes = account_of(account, where="ACCOUNT"), _purposes(purpose)
    with session.open_company() as workspace:
        writer = RegistryWriter(Address(workspace.chain.registry), workspace.ledger.chain)
        message = writer.binding_typed_data(workspace.place.issuer_id, address, purposes=purposes)
    session.output.result(json.dumps(message, indent=2))
    session.output.document({"typed_data": message})


@command(passphrase=True)
def bind_account(
    session: Session,
    account: AccountArgument,
    *,
    signature: Annotated[
        str | None, typer.Option("--signature", help="What it signed, 0x and hexadecimal digits.", metavar="HEX")
    ] = None,
    signature_file: Annotated[
        Path | None, typer.Option("--signature-file", help="A file that holds the same.", metavar="FILE")
    ] = None,
    purpose: PurposeOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    calldata: CalldataOption = False,
) -> None:
    """As its controller: the account speaks for this company from now on, once and for ever; `retire-key` ends it.

    A wallet that is a contract is asked by the registry itself (ERC-1271).
    """
    address, purposes = account_of(account, where="ACCOUNT"), _purposes(purpose)
    signed = _signature(signature, signature_file)

    def build(workspace: Workspace, writer: RegistryWriter) -> Call:
        return writer.bind_account_key(workspace.place.issuer_id, address, purposes=purposes, signature=signed)

    def tell(_: Workspace, registry: RegistryView) -> tuple[list[str], dict[str, Any]]:
        record = registry.account_key(address)
        if record is None:
            return [], {"account": None}
        named = [purpose.name for purpose in record.purposes]
        return [], {"account": address, "purposes": named, "valid_from": record.window.valid_from}

    send_call(session, f"bind {address}", build, Sending(dry_run, yes, calldata), tell=tell)


def _purposes(names: list[str] | None) -> AccountPurpose:
    """Purposes by name.

    Raises:
        UsageError: One is unknown.
    """
    from passport.ledger import AccountPurpose

    found = AccountPurpose(0)
    for name in names or PURPOSES:
        if name not in PURPOSES:
            raise UsageError("no such purpose", where="--purpose", expected=" or ".join(PURPOSES), found=name)
        found |= AccountPurpose[name.upper()]
    return found


def _signature(given: str | None, file: Path | None) -> bytes:
    """The bytes of a signature; a wallet may have signed by other means and give none (`0x`).

    Raises:
        UsageError: Both, none, or no hexadecimal digits.
        DocumentError: The file cannot be read.
    """
    from passport.credentials.plain_file import read_plain_file

    if (given is None) == (file is None):
        raise UsageError("one signature is needed", expected="--signature or --signature-file")
    text = given or ""
    if file is not None:
        text = read_plain_file(file, max_bytes=2 * MAX_SIGNATURE_BYTES + 16, what="signature").decode(
            "ascii", "replace"
        )
    text = text.strip()
    try:
        found = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        found = None
    if found is None or not text.startswith("0x") or len(found) > MAX_SIGNATURE_BYTES:
        raise UsageError(
            "not a signature",
            expected=f"0x and hexadecimal digits, at most {MAX_SIGNATURE_BYTES} bytes",
            found=text[:80],
        )
    return found

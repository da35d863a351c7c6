"""`passport present`: what a role may see of a passport, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.judging import find_passport
from cli.session import Session, command
from passport.errors import UsageError
from passport.model.role_map import Audience

EXAMPLES = """\
passport present https://acme.example/passports/0b6e... --role public -o public.json
passport present ID --role legitimate --sign -o workshop.json
passport present ID --role authority --sd-jwt -o authority.sd-jwt      for readers of SD-JWT
"""


@command(passphrase=True)
def present(
    session: Session,
    name: Annotated[str, typer.Argument(help="A passport's id or digest, or a product's id.", metavar="ID")],
    *,
    role: Annotated[Audience, typer.Option("--role", help="Who is to see it.")],
    out: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")],
    sign: Annotated[bool, typer.Option("--sign", help="Sign the presentation with the credential key in use.")] = False,
    sd_jwt: Annotated[
        bool, typer.Option("--sd-jwt", help="Write an SD-JWT of W3C (vc+sd-jwt), which is always signed.")
    ] = False,
    dc_sd_jwt: Annotated[
        bool, typer.Option("--dc-sd-jwt", help="Write an SD-JWT VC of IETF (dc+sd-jwt), which is always signed.")
    ] = False,
) -> None:
    """All of the role's content sets and rows, and nothing else. No chain is asked: the passport has commitments."""
    from passport.credentials.presentation import read_presentation
    from passport.credentials.sd_jwt_parts import SdJwtType
    from passport.issuer.presenting import present as present_passport
    from passport.issuer.presenting import present_sd_jwt
    from passport.model.digest import Digest

    if sd_jwt and dc_sd_jwt:
        raise UsageError("two types for one SD-JWT", expected="--sd-jwt or --dc-sd-jwt")
    with session.open_company() as workspace:
        digest = Digest(find_passport(workspace.store, name))
        signer = workspace.signer(session.passphrase()) if sign or sd_jwt or dc_sd_jwt else None
        data = present_passport(
            workspace.store, digest, str(role), signer=signer, created=session.clock() if signer else None
        )
        disclosure = read_presentation(data).disclosure
        if signer is not None and (sd_jwt or dc_sd_jwt):
            kind = SdJwtType.DC if dc_sd_jwt else SdJwtType.VC
            data = present_sd_jwt(workspace.store, digest, str(role), signer=signer, sd_jwt_type=kind)
        out.write_bytes(data)
        did = workspace.settings.did if signer else None
    output = session.output
    sets, rows = [each["set"] for each in disclosure["sets"]], len(disclosure["rows"]["opened"])
    signed = output.word("present.signed", did=did) if did else output.word("present.unsigned")
    output.result(output.word("present.done", file=out, sets=", ".join(sets), rows=rows, role=role, signed=signed))
    output.document({"file": str(out), "role": str(role), "sets": sets, "rows": rows, "holder": did})

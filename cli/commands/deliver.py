"""`passport deliver`: sign what was delivered to a buyer, as a UNTP Digital Traceability Event."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from cli.judging import find_passport
from cli.session import Session, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.model.party import Party

EXAMPLES = """\
passport deliver ID --quantity 9.5 --unit tonne --to EUID:FIFPRO.9999903-1 --to-did did:web:smelter.example \\
    --to-name "Koesulatto Oy" --to-country FI --site https://smelter.example/gates/1 \\
    --consignment urn:example:shipment:77 -o delivery.json
passport deliver ID ... --jwt -o delivery.jwt
"""


@command(passphrase=True)
def deliver(
    session: Session,
    name: Annotated[str, typer.Argument(help="A passport's id or digest, or a product's id.", metavar="ID")],
    *,
    quantity: Annotated[str, typer.Option("--quantity", help="How much was delivered, exactly.", metavar="AMOUNT")],
    unit: Annotated[str, typer.Option("--unit", help="Of what, as in inventories: kilogram, tonne, piece ...")],
    buyer: Annotated[str, typer.Option("--to", help="The buyer's legal entity.", metavar="SCHEME:IDENTIFIER")],
    buyer_did: Annotated[str, typer.Option("--to-did", help="The buyer's DID.", metavar="DID")],
    buyer_name: Annotated[str, typer.Option("--to-name", help="The buyer's name.", metavar="NAME")],
    buyer_country: Annotated[str, typer.Option("--to-country", help="The buyer's country.", metavar="CC")],
    site: Annotated[str, typer.Option("--site", help="Where it was delivered to, a URI.", metavar="URI")],
    consignment: Annotated[
        str, typer.Option("--consignment", help="The consignment's id, a URI; never used twice.", metavar="URI")
    ],
    out: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")],
    site_name: Annotated[str | None, typer.Option("--site-name", help="That place's name.", metavar="NAME")] = None,
    at: Annotated[
        datetime | None,
        typer.Option("--at", help="When it was delivered, in UTC; now by default.", formats=["%Y-%m-%dT%H:%M:%SZ"]),
    ] = None,
    as_jwt: Annotated[bool, typer.Option("--jwt", help="Write a vc+jwt instead of an embedded proof.")] = False,
) -> None:
    """The buyer takes it in with `passport import delivery FILE` and names its digest as `delivery` in an inventory.

    One product in each, so that whoever is shown a row of the buyer's is shown no other purchase with it.
    """
    from datetime import UTC

    from passport.credentials.untp_credential import Envelope, sign_credential
    from passport.filing import file_event
    from passport.issuer.upstream import facts_in
    from passport.model.digest import Digest
    from passport.model.traceability_event import SCHEMA, Counterparty, EventProduct, Site, build_move_event
    from passport.model.units import read_unit
    from passport.model.untp import Issued

    now = session.clock()
    delivered = now if at is None else at.replace(tzinfo=UTC)
    if delivered > now:
        raise UsageError("a delivery that is still to come", where="--at", expected=f"at most {now}", found=delivered)
    to = _party(buyer, buyer_name, buyer_country)
    with session.open_company() as workspace:
        facts = facts_in(workspace.store, Digest(find_passport(workspace.store, name)))
        if facts.issuer_did != workspace.settings.did:
            raise UsageError(
                "only who made a product signs that it was delivered", where=facts.id, found=facts.issuer_name
            )
        moved = EventProduct(
            facts.subject_id,
            facts.subject_name,
            facts.granularity,
            quantity,
            read_unit(unit, where="--unit"),
            facts.id,
            facts.digest,
        )
        document = build_move_event(
            Issued(f"https://{workspace.settings.host}/deliveries/{uuid4()}", facts.issuer_did, workspace.party, now),
            moved=[moved],
            at=delivered,
            buyer=Counterparty(buyer_did, to),
            origin=Site(facts.facility_id, facts.facility_id),
            destination=Site(site, site_name or site),
            consignment=consignment,
        )
        envelope = Envelope.JWT if as_jwt else Envelope.EMBEDDED
        signed = sign_credential(document, SCHEMA, workspace.signer(session.passphrase()), now, envelope=envelope)
        file_event(workspace.store, signed.body, own=True)
    out.write_bytes(signed.body)
    output = session.output
    output.result(
        output.word(
            "deliver.done",
            quantity=quantity,
            unit=unit,
            name=facts.subject_name,
            buyer=buyer_name,
            digest=signed.doc_hash,
            file=out,
        )
    )
    output.document(
        {
            "file": str(out),
            "digest": signed.doc_hash,
            "id": document["id"],
            "passport": facts.digest,
            "quantity": {"amount": quantity, "unit": unit},
            "buyer": buyer,
            "consignment": consignment,
        }
    )


def _party(registered_id: str, name: str, country: str) -> Party:
    """The buyer, as its passports state it.

    Raises:
        UsageError: Not a legal entity.
    """
    from pydantic import ValidationError

    from passport.model.party import Party

    scheme, _, identifier = registered_id.partition(":")
    try:
        return Party.model_validate({"scheme": scheme, "identifier": identifier, "name": name, "country": country})
    except ValidationError as error:
        raise UsageError(
            "not a legal entity",
            where="--to, --to-name, --to-country",
            expected="SCHEME:IDENTIFIER (LEI, EUID, VAT, GLN or USCC), a name, and a country of two letters",
            found=f"{registered_id}, {name}, {country}",
        ) from error

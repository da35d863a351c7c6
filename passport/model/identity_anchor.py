"""The Digital Identity Anchor (UNTP 0.7.0): a registrar says that a DID belongs to a legal entity.

It is the twin of the entity's entry on the registry, for readers without a chain: its document hash is the evidence
hash that the registrar writes there, and it names that entry.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from passport.model.base import time_text
from passport.model.party import Party
from passport.model.untp import Issued, id_scheme, registered_id, untp_credential

KIND: Final = "DigitalIdentityAnchor"
SCHEMA: Final = "untp-dia-0.7.0-issuing"


class RegistryEntry(NamedTuple):
    """The entry on the registry that an anchor is the twin of.

    Attributes:
        registry: IssuerRegistry as CAIP-10.
        genesis: Hash of the chain's first block.
        issuer_id: The entity's id there, 0x and 64 hex digits.
        controller: The account that the entity controls it with.
    """

    registry: str
    genesis: str
    issuer_id: str
    controller: str

    def to_json(self) -> dict[str, str]:
        """The entry as JSON values."""
        return {
            "controller": self.controller,
            "genesis": self.genesis,
            "issuerId": self.issuer_id,
            "registry": self.registry,
        }


def build_identity_anchor(
    issued: Issued, *, member_did: str, member: Party, registered: datetime, entry: RegistryEntry
) -> dict[str, Any]:
    """Write the credential, without proof.

    Args:
        issued: Its envelope; the registrar issues it.
        member_did: The DID of the entity, whose control the registrar has seen proven.
        member: The entity.
        registered: When the registrar registered it, aware.
        entry: Its entry on the registry.
    """
    registrar = issued.party
    subject = {
        "type": ["RegisteredIdentity"],
        "id": member_did,
        "registeredName": member.name,
        "registeredId": registered_id(member),
        "registeredDate": time_text(registered)[:10],
        "publicInformation": member.uri,
        "idScheme": id_scheme(member),
        "registrar": {
            "type": ["Party"],
            "id": registrar.uri,
            "name": registrar.name,
            "registeredId": registered_id(registrar),
        },
        "registerType": "business",
        "registryEntry": entry.to_json(),
    }
    return untp_credential(KIND, issued, f"Identity anchor: {member.name}", subject, has_own_terms=True)

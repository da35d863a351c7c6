"""Legal entities: who answers for a passport."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from passport.model.base import DocumentModel, Identifier, Language, Text, Urn


class Scheme(StrEnum):
    """Registers whose identifiers name a legal entity.

    LEI (ISO 17442), EUID (Directive (EU) 2017/1132), VAT number, GLN (GS1), and USCC, the Chinese unified social
    credit code 统一社会信用代码 (GB 32100-2015).
    """

    LEI = "LEI"
    EUID = "EUID"
    VAT = "VAT"
    GLN = "GLN"
    USCC = "USCC"


class Role(StrEnum):
    """What a legal entity does in the chain."""

    MANUFACTURER = "manufacturer"
    SUPPLIER = "supplier"
    AUDITOR = "auditor"
    REGISTRAR = "registrar"
    RECYCLER = "recycler"
    NODE_OPERATOR = "node operator"


SCHEME_URI: dict[Scheme, str] = {
    Scheme.LEI: "https://search.gleif.org/#/record/",
    Scheme.EUID: "https://e-justice.europa.eu/business-registers/",
    Scheme.VAT: "https://ec.europa.eu/taxation_customs/vies/",
    Scheme.GLN: "https://id.gs1.org/417/",
    Scheme.USCC: "https://www.gsxt.gov.cn/",
}
"""Where each register can be asked, and the stem of the URI under which we name an entity of it."""


class Party(DocumentModel):
    """A legal entity by scheme and identifier, with its names and DIDs."""

    scheme: Scheme
    identifier: Identifier
    name: Text
    names: dict[Language, Text] = Field(default_factory=dict)
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    roles: tuple[Role, ...] = (Role.SUPPLIER,)
    dids: tuple[Text, ...] = ()
    company_ids: tuple[Urn, ...] = ()

    @property
    def uri(self) -> str:
        """The entity as a URI under its register."""
        return SCHEME_URI[self.scheme] + self.identifier

    @property
    def urn(self) -> str:
        """The entity as a URN, for the company ids of a PACT footprint when it has none of its own."""
        return f"urn:{self.scheme.lower()}:{self.identifier}"

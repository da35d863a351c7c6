"""What issuing takes and gives: the judge of upstream documents, the log's place, the issued passport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from passport.model.credential import Place
from passport.model.digest import Digest
from passport.model.footprint import UpstreamFacts
from passport.store import DocumentKind

CREDENTIAL_TYPE = "application/vc"
STATEMENT_TYPE = "application/json"

Accept = Callable[[UpstreamFacts], None]
"""Judges an upstream document before anything is built on it; raises `IssueError` to refuse it."""


@dataclass(frozen=True, slots=True)
class IssuedPassport:
    """One passport as it was signed and stored.

    Attributes:
        id: The passport's id.
        digest: Digest of the credential without proof: what is anchored and what buyers pin.
        statement_digest: Digest of the footprint statement.
        total: Total excluding biogenic uptake, kg CO2e per `declared`.
        declared: The declared amount and unit.
        leaf_index: Its place in the log.
        name: The product's name.
    """

    id: str
    digest: Digest
    statement_digest: Digest
    total: str
    declared: str
    leaf_index: int
    name: str


@dataclass(frozen=True, slots=True)
class LogPlace:
    """The issuer's log: registry and log as CAIP-10, genesis hash, and its id on the registry."""

    registry: str
    log: str
    genesis: str
    issuer_id: str

    def leaf(self, index: int) -> Place:
        """The place of one leaf."""
        return Place(self.registry, self.log, self.genesis, self.issuer_id, index)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document to be stored."""

    kind: DocumentKind
    digest: Digest
    body: bytes
    id: str
    media_type: str = STATEMENT_TYPE

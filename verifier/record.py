"""What an audit keeps of each node: small, because a tree has up to a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from passport.carbon.electricity import Use
from verifier.ledger_gas import LedgerGas
from verifier.outcome import CHECK_ORDER, Check, CheckId, Note, Outcome, passed, skipped, unknown


class NodeKind(StrEnum):
    """What stands at a node of the tree."""

    PASSPORT = "passport"
    IMPORTED = "imported"
    ABSENT = "absent"


class Edge(NamedTuple):
    """One row of a parent that stands on a child.

    Attributes:
        row_id: The row's id in the parent's inventory.
        child: Digest the parent pins.
        child_id: Passport id (or footprint id) the parent names.
        is_import: Whether the parent says that the child is an unsigned import.
        copy_hash: SHA-256 of the parent's copy of the child's facts.
        weight: Sum of the row's absolute components excluding uptake, quanta.
        drawn: What the parent's whole output takes of the child, quanta of its declared unit, or None if unknown.
    """

    row_id: str
    child: str
    child_id: str
    is_import: bool
    copy_hash: bytes
    weight: int
    drawn: int | Fraction | None


class Delivery(NamedTuple):
    """What a row says of a delivery.

    Attributes:
        row_id: The row's id.
        digest: The delivery's digest.
        child: Digest of the passport that the row stands on.
        drawn: What the buyer's whole output takes of it, quanta of its declared unit; None if unknown.
        buyer: The buyer's legal entity, `SCHEME:identifier`.
        buyer_did: The buyer's DID.
    """

    row_id: str
    digest: str
    child: str
    drawn: int | Fraction | None
    buyer: str
    buyer_did: str


class Linked(NamedTuple):
    """A passport that another one links to, of the same goods: up to its batch or model, or back to a former life.

    Attributes:
        kind: `model`, `batch` or `former`.
        id: The linked passport's id, as the link says.
        digest: Its digest, as the link pins it.
        held: Whether the passport at hand `matches` the digest, `differs`, or is `not at hand`.
        outcome: Whether the link holds, and the linked passport is its issuer's word.
        name: Of what the linked passport speaks of; empty where it is not at hand.
        issuer: Who answers for it, likewise.
        standing: What the chain says of it: `current`, `superseded`, `corrected`, `revoked`, `suspended`, or
            `unknown`.
        reason: Why the link does not hold, or is unknown.
    """

    kind: str
    id: str
    digest: str
    held: str
    outcome: Outcome = Outcome.UNKNOWN
    name: str = ""
    issuer: str = ""
    standing: str = "unknown"
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The link as JSON values."""
        return {
            "kind": self.kind,
            "id": self.id,
            "digest": self.digest,
            "held": self.held,
            "outcome": str(self.outcome),
            "subject": self.name or None,
            "issuer": self.issuer or None,
            "standing": self.standing,
            "reason": self.reason,
        }


class LedgerShare(NamedTuple):
    """The ledger's own footprint of one passport; amounts in kg CO2e.

    Attributes:
        ceiling: What is declared.
        minimum_batch: Passports that share its checkpoint at least, as declared.
        leaves: Leaves of that checkpoint.
        profile: The profile it was recomputed with, for people.
        rule: The rule of allocation.
        low: Recomputed, lower end.
        central: The best value.
        high: Upper end.
        of_product: The central value as a share of the footprint of all that the passport covers; None if that is not
            above zero.
        gas: What its gas rests on.
    """

    ceiling: str
    minimum_batch: int
    leaves: int
    profile: str
    rule: str
    low: float
    central: float
    high: float
    of_product: float | None
    gas: LedgerGas

    def to_json(self) -> dict[str, Any]:
        """The share as JSON values."""
        return {
            "ceiling": self.ceiling,
            "unit": "kg CO2e",
            "minimum_batch": self.minimum_batch,
            "leaves": self.leaves,
            "profile": self.profile,
            "rule": self.rule,
            "recomputed": {"low": self.low, "central": self.central, "high": self.high},
            "share_of_product": self.of_product,
            "gas": self.gas.to_json(),
        }


def copy_fingerprint(copied: Mapping[str, Any]) -> bytes:
    """A hash of a buyer's copy of a child's facts; only ever compared with another one made here."""
    return sha256(orjson.dumps(copied, option=orjson.OPT_SORT_KEYS)).digest()


NO_CEILING = "no ceiling of the ledger's own footprint is declared"
NOTHING_DECLARED = skipped(CheckId.LEDGER_FOOTPRINT, NO_CEILING)
"""The one row of all passports that promise nothing of the ledger: most of them."""

NO_DELIVERY = "no row states a delivery"
NOTHING_DELIVERED = skipped(CheckId.CUSTODY, NO_DELIVERY)
"""The one row of all passports whose rows name no delivery: most of them."""

_IN_ORDER = tuple(
    [{row.id: row for row in others}.get(check, passed(check)) for check in CHECK_ORDER]
    for others in ((NOTHING_DELIVERED, NOTHING_DECLARED), (NOTHING_DECLARED,), (NOTHING_DELIVERED,), ())
)
_POSITION = {check: index for index, check in enumerate(CHECK_ORDER)}


@dataclass(slots=True)
class NodeRecord:
    """One node of the audited tree; times are unix seconds.

    Attributes:
        signed_at: Block time of the first checkpoint that covers the leaf, None while inclusion is not proven.
        signed_with: The key whose signature verified, as Multikey.
        covered: The covered quantity, quanta of the declared unit.
        primary_id: The issuer's id, or that of the primary which the registry links it to: one legal entity, one id.
        sameness: Hash of what two current passports of overlapping periods may not share.
        period: Beginning and end of the reference period.
        own_weight: Absolute components of the node's own direct and primary factor rows, quanta.
        second_hand_weight: Absolute components of its rows with secondary factors, quanta.
        removal_weight: The part of both that is removals, quanta.
        exempted_percent: Percent of the node's gross that its own issuer left out, quanta.
        instruments: What its electricity spends of contracts and certificates.
        unlisted: Registries of its certificates that are on no list, so that one may go by several names.
        ledger: What its ceiling of the ledger's own footprint was judged by.
        deliveries: The deliveries that its opened rows name.
        links: The passports of the same goods that it links to.
    """

    digest: str
    id: str
    kind: NodeKind
    subject_id: str = ""
    subject_name: str = ""
    issuer: str = ""
    issuer_id: str = ""
    primary_id: str = ""
    notes: tuple[Note, ...] = ()
    edges: tuple[Edge, ...] = ()
    copy_hash: bytes = b""
    signed_at: int | None = None
    signed_with: str | None = None
    valid_from: int = 0
    valid_until: int = 0
    covered: int | None = None
    sameness: bytes = b""
    period: tuple[int, int] = (0, 0)
    predecessor: str | None = None
    is_recomputed: bool = False
    is_open: bool = False
    own_weight: int = 0
    second_hand_weight: int = 0
    removal_weight: int = 0
    exempted_percent: int = 0
    total: str | None = None
    declared: str | None = None
    is_superseded: bool = False
    instruments: tuple[Use, ...] = ()
    unlisted: tuple[str, ...] = ()
    ledger: LedgerShare | None = None
    deliveries: tuple[Delivery, ...] = ()
    links: tuple[Linked, ...] = ()
    _rows: list[Check | None] = field(default_factory=lambda: [None] * len(CHECK_ORDER))

    @property
    def checks(self) -> dict[CheckId, Check]:
        """The checks that were made so far, in their documented order."""
        return {row.id: row for row in self._rows if row is not None}

    def has(self, check: CheckId) -> bool:
        """Whether something was said of a check."""
        return self._rows[_POSITION[check]] is not None

    def row(self, check: CheckId) -> Check | None:
        """The row of one check; None as long as nothing was said of it."""
        return self._rows[_POSITION[check]]

    def outcome(self, check: CheckId) -> Outcome:
        """The outcome of one check at this node; unknown as long as nothing was said of it."""
        row = self._rows[_POSITION[check]]
        return Outcome.UNKNOWN if row is None else row.outcome

    def ordered(self) -> list[Check]:
        """The checks in their documented order."""
        return [row for row in self._rows if row is not None]

    @property
    def is_in_order(self) -> bool:
        """Whether every check was made and passed, but that neither a ceiling nor a delivery need be stated."""
        return self._rows in _IN_ORDER

    def first_failed(self) -> Check | None:
        """The first failed check in the documented order, or None."""
        return next((check for check in self.ordered() if check.outcome is Outcome.FAILED), None)

    def put(self, check: Check) -> None:
        """Record a check; a failure is never replaced by anything else."""
        position = _POSITION[check.id]
        present = self._rows[position]
        if present is None or present.outcome is not Outcome.FAILED:
            self._rows[position] = check

    def fill(self, reason: str) -> None:
        """Say `unknown` with the reason wherever nothing was said."""
        for position, check in enumerate(CHECK_ORDER):
            if self._rows[position] is None:
                self._rows[position] = unknown(check, reason)

    def note(self, note: Note) -> None:
        """Add a note once."""
        if note not in self.notes:
            self.notes = (*self.notes, note)

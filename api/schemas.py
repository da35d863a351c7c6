"""The shapes of answers, for the service's description; the report itself is written by `verifier.report`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1.000001, description="Share of gross emissions, 0 to 1.")]


class Answer(BaseModel):
    """Base of all answers: nothing but what is described."""

    model_config = ConfigDict(extra="forbid")


class PassportListed(Answer):
    """A passport in a list."""

    id: str = Field(description="The passport's id.")
    digest: str = Field(description="Hash of its credential, by which links pin it.")
    issuer_id: str | None = Field(description="The issuing entity's id on the registry.")
    subject_id: str | None = Field(description="The product that it is about.")
    own: bool = Field(description="Whether it was issued here.")
    url: str = Field(description="Where this service has it.")


class PassportPage(Answer):
    """A page of passports in the order of their arrival."""

    items: list[PassportListed]
    next: str | None = Field(description="Give it as `after` to get the next page; null on the last.")


class DeliveryTaken(Answer):
    """A delivery that is kept here."""

    digest: str = Field(description="Its document hash: what `delivery` of an input names.")
    supplier: str = Field(description="Who signed it, a DID.")
    supplier_id: str = Field(description="The supplier's legal entity, SCHEME:identifier.")
    new: bool = Field(description="Whether it was not kept before.")
    identified_by: Literal["registry", "did_document"] = Field(
        description="What says that the key is the supplier's: a trusted chain's registry, or a DID document at hand."
    )


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Answer):
    """Store and chain are in reach."""

    status: Literal["ready"] = "ready"
    chain: str | None = Field(description="CAIP-2 of the chain in reach; null where the workspace knows none.")
    block: int | None = Field(description="Its newest final block.")
    trust: bool = Field(description="Whether there is a trust file; without it chain checks are `unknown`.")


class RelayReady(Answer):
    """Store and chain are in reach."""

    status: Literal["ready"] = "ready"
    chain: str = Field(description="CAIP-2 of the chain in reach.")
    block: int = Field(description="Its newest final block.")
    can_pay: bool = Field(description="Whether the relay's account has anything where gas costs something.")


class WitnessReady(Answer):
    """What the witness remembers is in reach."""

    status: Literal["ready"] = "ready"
    key: str = Field(description="Its public key, a vkey of C2SP signed-note; believe it from elsewhere alone.")


class RelayTerms(Answer):
    """For whom a relay pays, and how much."""

    chain: str = Field(description="CAIP-2 of the chain.")
    genesis: str = Field(description="Hash of its first block.")
    log: str = Field(description="The PassportLog that orders must be for.")
    registry: str = Field(description="The registry that must know the issuer.")
    account: str = Field(description="The account that pays.")
    commits_per_hour: int = Field(description="Checkpoints that are taken of one issuer in any hour.")
    statuses_per_hour: int = Field(description="Statuses that are taken of one issuer in any hour.")
    gas_per_day: int = Field(description="Gas of all transactions in any 24 hours.")
    max_fee_wei_per_gas: str | None = Field(description="The most that is bid for a unit of gas, in wei, as text.")
    wallet_gas: int = Field(
        description="Gas that an account which is a contract (ERC-1271) may use to judge its signature; 0: none."
    )


class OrderAnswer(Answer):
    """What became of an order. Believe the chain, not this: the log holds it, or it does not."""

    digest: str = Field(description="The order's EIP-712 digest.")
    carried_by: str = Field(
        description="Digest of the order whose transaction carries it out; another where the same was ordered before."
    )
    kind: Literal["commit", "status"] = Field(description="What is ordered.")
    issuer_id: str = Field(description="The issuer's id on the registry.")
    state: Literal["submitted", "included", "final", "failed"] = Field(description="How far it has come.")
    transaction: str = Field(description="Hash of the transaction that was signed for it last, or that is in a block.")
    block: int | None = Field(description="The block that holds it.")
    deadline: int = Field(description="The last second (unix) in which it may be included.")
    reason: str | None = Field(description="Why it failed.")
    status_url: str = Field(description="Where this is told again.")


class Fault(Answer):
    """One parameter that does not hold."""

    where: str
    detail: str


class Problem(BaseModel):
    """A problem as RFC 9457 describes it."""

    type: str = Field(description="Which kind: a page of this service.")
    title: str = Field(description="The kind in words.")
    status: int
    detail: str = Field(description="What is the matter in this case.")
    instance: str = Field(description="The address that was asked.")
    request_id: str | None = Field(default=None, description="Under which the request stands in the service's log.")
    where: str | None = Field(default=None, description="The path, line or parameter that is meant.")
    expected: str | None = None
    found: str | None = None
    hint: str | None = Field(default=None, description="How to mend it.")
    errors: list[Fault] | None = Field(default=None, description="All parameters that do not hold.")


class CheckRow(Answer):
    """One check at one node."""

    id: str = Field(description="Which check; docs/checks.md states its rule.")
    outcome: Literal["passed", "failed", "unknown", "skipped"]
    expected: str | None
    found: str | None
    reason: str | None = Field(description="Why it failed, is unknown or was skipped.")


class ReportNote(Answer):
    """Something worth saying that alters no outcome."""

    code: str
    severity: Literal["info", "warning"]
    text: str


class Subject(Answer):
    """What a node is about."""

    id: str | None
    name: str | None


class NodeTotal(Answer):
    """A footprint excluding biogenic uptake."""

    amount: str = Field(description="Exact decimal.")
    unit: Literal["kg CO2e"]
    per: str | None = Field(description="Declared amount and unit.")


class LedgerRange(Answer):
    """What was recomputed, kg CO2e."""

    low: float
    central: float
    high: float


class CommitReceipt(Answer):
    """The transaction that stored a checkpoint, by its proven receipt."""

    block: int
    position: int = Field(ge=0, description="The transaction's position in the block, from 0.")
    gas_used: int = Field(description="Gas of the whole transaction.")
    issuers: int = Field(ge=1, description="Legal entities that committed in it and share its gas.")
    leaves: int = Field(ge=1, description="Leaves that this one added in it and that share its part.")


class LedgerGasBasis(Answer):
    """What the gas rests on: receipts that are proven, or what the chain's state bounds."""

    commit_receipt: CommitReceipt | None = Field(description="Null where the gas of the commit is bounded.")
    commit_bounded: str | None = Field(description="Why no receipt counts; null where one does.")
    status_receipts: int = Field(ge=0, description="Transactions with statuses of the leaf, by proven receipts.")
    statuses_bounded: int = Field(ge=0, description="Statuses that the state holds and no receipt shows.")


class NodeLedger(Answer):
    """The ledger's own footprint of one passport, against the ceiling that it declares."""

    ceiling: str = Field(description="Exact decimal.")
    unit: Literal["kg CO2e"]
    minimum_batch: int = Field(description="Passports that share its checkpoint at least, as declared.")
    leaves: int = Field(description="Leaves of that checkpoint, void ones included.")
    profile: str = Field(description="The account of the chain that it was recomputed with.")
    rule: str = Field(description="The rule of allocation.")
    recomputed: LedgerRange
    share_of_product: float | None = Field(description="The central value over the footprint of all that is covered.")
    gas: LedgerGasBasis


class Link(Answer):
    """A passport of the same goods that another one links to: up to its batch or model, or back to a former life."""

    kind: Literal["model", "batch", "former"]
    id: str = Field(description="The linked passport's id, as the link says.")
    digest: str = Field(description="Its digest, as the link pins it.")
    held: Literal["matches", "differs", "not at hand"] = Field(
        description="Whether the passport at hand is the one of that digest."
    )
    outcome: Literal["passed", "failed", "unknown"] = Field(
        description="Whether the link holds and the linked passport is its issuer's word."
    )
    subject: str | None = Field(description="Name of what the linked passport speaks of.")
    issuer: str | None
    standing: str = Field(
        description="What the chain says of it: current, superseded, corrected, revoked, suspended; else unknown."
    )
    reason: str | None = Field(description="Why the link does not hold, or is unknown.")


class PassportLinks(Answer):
    """What a passport links to."""

    links: list[Link]


class Node(Answer):
    """One passport, import or gap of the tree."""

    id: str
    digest: str
    kind: Literal["passport", "imported", "absent"]
    subject: Subject
    issuer: str | None
    total: NodeTotal | None
    tier: int = Field(ge=0, description="Steps from the top, by the longest way.")
    checks: list[CheckRow]
    notes: list[ReportNote]
    upstream: list[str] = Field(description="Digests of the nodes it builds on, one a row.")
    links: list[Link] = Field(description="Passports of the same goods that it links to; no part of the tree.")
    ledger_footprint: NodeLedger | None = Field(description="Null where no ceiling is declared, or none was judged.")


class CoverageShares(Answer):
    """What could be done with how much of the emissions."""

    recomputed: Share
    withheld: Share
    imported: Share
    unanswered: Share


class AsOfBlock(Answer):
    """The block and moment that the verdict speaks of."""

    at: str
    chain: str | None
    block: int | None
    block_hash: str | None
    block_time: str | None


class Totals(Answer):
    """The top's footprint, and counts."""

    pcfExcludingBiogenicUptake: str | None  # noqa: N815 - PACT's own name
    unit: Literal["kg CO2e"]
    per: str | None
    nodes: int
    passports: int
    imported: int
    absent: int
    tiers: int
    outcomes: dict[str, int]


class ResponsibleSubject(Answer):
    """One legal entity's part."""

    subject: str = Field(description="Its name, as its passports state it.")
    issuer_id: str
    answered: Share
    second_hand: Share
    removals: float


class ResponsibilityShares(Answer):
    """Who answers for how much of gross emissions."""

    answered: Share
    second_hand: Share
    nobody: dict[str, Share]
    subjects: list[ResponsibleSubject]


class AuditReport(Answer):
    """What an audit found: the same document that `passport audit --json` prints."""

    schema_version: Literal["1.0"]
    verdict: Literal["passed", "failed", "undecided"]
    reasons: list[str] = Field(description="Why the verdict is not `passed`.")
    coverage: CoverageShares
    as_of: AsOfBlock
    top: str = Field(description="The audited passport's id.")
    totals: Totals
    responsibility: ResponsibilityShares
    bounds: list[str] = Field(description="Bounds that were met.")
    notes: list[ReportNote]
    nodes: list[Node]

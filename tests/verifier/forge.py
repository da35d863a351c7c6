"""Forging as a real cheat would: take an honest passport apart, change it, and sign and anchor what comes out.

A cheat owns its keys, its log and its own documents, so everything it can make agree with the lie, it makes agree:
`Draft.settle` re-does the sum over whatever the rows now say and writes it everywhere, `Draft.publish` hashes, signs
and anchors. What is left for a check to find is the lie itself.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from memory_source import Log, MemorySource
from verifier_world import NOW, Company, World

from passport.arithmetic import data_quality, exempted_percent, primary_data_share, sum_contributions
from passport.arithmetic.quality import RATINGS
from passport.arithmetic.quanta import from_text, to_text
from passport.arithmetic.rows import quality_input, recompute_row, stated_contribution, texts_of
from passport.arithmetic.uncertainty import combined_uncertainty
from passport.credentials import Signer, add_proof, jcs, parse_canonical, read_secured
from passport.ledger import Account
from passport.ledger.checkpoint import log_key
from passport.model.components import COMPONENTS
from passport.model.credential import (
    LINK_PREDECESSOR,
    LINK_UPSTREAM,
    PinnedDidDocument,
    claim_description,
    claim_id,
    claim_name,
    claim_number,
    metric_name,
)
from passport.model.digest import Digest, digest_of, from_sha256, to_sha256
from passport.model.facts import passport_facts


@dataclass
class Forged:
    """A passport as it was published.

    Attributes:
        digest: What it is pinned and anchored by.
        id: Its id.
        index: Its leaf.
        body: The signed bytes.
        source: Everything a verifier is handed, with this passport in it.
    """

    digest: Digest
    id: str
    index: int
    body: bytes
    source: MemorySource


@dataclass
class Draft:
    """A passport taken apart.

    Attributes:
        world: Where it is to be published.
        company: Who publishes it.
        credential: The document without proof.
        statement: The footprint statement.
        rows: The rows, each `{"row": ..., "salt": ...}`.
        replaces: Digest of the honest passport it was made from.
        opened: Which rows are handed out; all when None.
        is_withheld: The statement is not handed out at all.
        signer: Who signs, if not the company's own key.
        created: When the proof says it was made.
        pins_statement: The pin of the statement follows what the statement says.
        changes_after_rows: What is done to the draft once the rows are hashed.
        honest_pin: How the honest passport pins the issuer's DID document; a pin left so follows the document.
    """

    world: World
    company: Company
    credential: dict[str, Any]
    statement: dict[str, Any]
    rows: list[dict[str, Any]]
    replaces: str
    opened: Callable[[dict[str, Any]], bool] | None = None
    is_withheld: bool = False
    signer: Signer | None = None
    created: datetime = NOW
    pins_statement: bool = True
    changes_after_rows: list[Callable[[Draft], None]] = field(default_factory=list)
    honest_pin: list[dict[str, str]] | None = None

    @property
    def stated(self) -> dict[str, Any]:
        """What the passport states as text: `characteristics.carbonPassport`."""
        stated: dict[str, Any] = self.credential["credentialSubject"]["characteristics"]["carbonPassport"]
        return stated

    @property
    def claim(self) -> dict[str, Any]:
        """The claim."""
        claim: dict[str, Any] = self.credential["credentialSubject"]["performanceClaim"][0]
        return claim

    @property
    def data(self) -> dict[str, Any]:
        """Our extension of the statement."""
        data: dict[str, Any] = self.statement["extensions"][0]["data"]
        return data

    @property
    def pcf(self) -> dict[str, Any]:
        """PACT's part of the statement."""
        pcf: dict[str, Any] = self.statement["pcf"]
        return pcf

    def row(self, name: str) -> dict[str, Any]:
        """The row of one input."""
        row: dict[str, Any] = next(entry["row"] for entry in self.rows if entry["row"]["id"] == name)
        return row

    def recompute(self, name: str | None = None) -> None:
        """Re-do the contribution of one row, or of all."""
        declared, covered = (
            from_text(self.stated["declaredAmount"]),
            from_text(self.stated["coveredQuantity"]["amount"]),
        )
        for entry in self.rows:
            row = entry["row"]
            if name in (None, row["id"]):
                redone = recompute_row(row, declared, covered)
                row["contribution"] = {
                    "components": texts_of(redone.components),
                    "total": to_text(redone.total),
                    "unattributed": to_text(redone.unattributed),
                }

    def settle(self) -> None:
        """Add up what the rows claim, and state the sum in every place, as if it had always been so."""
        contributions = [stated_contribution(entry["row"]) for entry in self.rows]
        qualities = [
            quality_input(entry["row"], contribution)
            for entry, contribution in zip(self.rows, contributions, strict=True)
        ]
        totals = sum_contributions(contributions)
        share, ratings = primary_data_share(qualities), data_quality(qualities)
        self.state_everywhere(
            components=texts_of(totals.components),
            total=to_text(totals.excluding),
            totalIncludingUptake=to_text(totals.including),
            unattributed=to_text(totals.unattributed),
            exemptedPercent=to_text(exempted_percent(qualities, from_text(self.data["ownExemptedPercent"]))),
            primaryDataShare=None if share is None else to_text(share),
            dataQuality=None if ratings is None else dict(zip(RATINGS, map(to_text, ratings), strict=True)),
            uncertainty=combined_uncertainty([entry["row"] for entry in self.rows], contributions),
        )

    def state_everywhere(self, **facts: Any) -> None:
        """Write facts of `characteristics.carbonPassport` there, into the statement and into the claim."""
        for name, value in facts.items():
            if value is None:
                self.stated.pop(name, None)
            else:
                self.stated[name] = value
        stated, pcf = self.stated, self.pcf
        for name in COMPONENTS:
            pcf.pop(name, None)
        pcf |= stated["components"]
        pcf["pcfExcludingBiogenicUptake"] = stated["total"]
        pcf["pcfIncludingBiogenicUptake"] = stated["totalIncludingUptake"]
        pcf["exemptedEmissionsPercent"] = stated["exemptedPercent"]
        pcf["declaredUnitOfMeasurement"] = stated["declaredUnit"]
        pcf["declaredUnitAmount"] = stated["declaredAmount"]
        pcf["productMassPerDeclaredUnit"] = stated["massPerDeclaredUnit"]
        pcf["referencePeriodStart"], pcf["referencePeriodEnd"] = stated["period"]["start"], stated["period"]["end"]
        pcf["ipccCharacterizationFactors"] = stated["gwp"]
        pcf["packagingEmissionsIncluded"] = stated["packagingEmissionsIncluded"]
        pcf["ccsTechnologicalCO2CaptureIncluded"] = stated["ccsTechnologicalCO2CaptureIncluded"]
        self.data["unattributed"] = stated["unattributed"]
        pcf.pop("primaryDataShare", None)
        pcf.pop("dqi", None)
        self.data.pop("uncertainty", None)
        if "uncertainty" in stated:
            self.data["uncertainty"] = stated["uncertainty"]
        if "primaryDataShare" in stated:
            pcf["primaryDataShare"] = stated["primaryDataShare"]
        if "dataQuality" in stated:
            pcf["dqi"] = {f"{name}DQR": rating for name, rating in stated["dataQuality"].items()}
        amount, unit = stated["declaredAmount"], stated["declaredUnit"]
        self.claim["name"] = claim_name(amount, unit)
        self.claim["description"] = claim_description(stated["total"], amount, unit, stated["gwp"])
        self.claim["applicablePeriod"] = {
            "startDate": stated["period"]["start"][:10],
            "endDate": stated["period"]["end"][:10],
        }
        performance = self.claim["claimedPerformance"][0]
        performance["metric"]["name"] = metric_name(amount, unit)
        performance["measure"]["value"] = claim_number(stated["total"])

    def build_on(self, name: str, upstream: Forged | str) -> None:
        """Let a row stand on another passport, copied as that one states itself; nothing is recomputed."""
        body = self.world.source.passports[upstream] if isinstance(upstream, str) else upstream.body
        secured = read_secured(body)
        facts = passport_facts(secured.document, secured.doc_hash).upstream
        row = self.row(name)
        row["upstream"] = facts.copy_for_row()
        row["unknownFields"] = [each for each in COMPONENTS if each not in row["upstream"]["components"]]
        self.pin_rows()

    def pin_rows(self) -> None:
        """Pin in public exactly what the rows stand on, if the honest passport did so."""
        links = self.credential["credentialSubject"].get("relatedDocument", [])
        public = [link for link in links if link["linkType"] == LINK_UPSTREAM]
        if not public:
            return
        kept = [link for link in links if link["linkType"] != LINK_UPSTREAM]
        for entry in self.rows:
            upstream = entry["row"].get("upstream")
            if upstream and all(link["digestMultibase"] != upstream["digest"] for link in kept):
                kept.append({**public[0], "linkURL": upstream["id"], "digestMultibase": upstream["digest"]})
        self.credential["credentialSubject"]["relatedDocument"] = kept

    def name_predecessor(self, digest: str, url: str) -> None:
        """Say that this version takes the place of another."""
        link = {
            "linkURL": url,
            "linkName": "Version that this one replaces",
            "digestMultibase": digest,
            "mediaType": "application/vc",
            "linkType": LINK_PREDECESSOR,
        }
        self.credential["credentialSubject"].setdefault("relatedDocument", []).append(link)

    def rename(self, passport_id: str | None = None) -> None:
        """Another passport id, and another statement id."""
        self.credential["id"] = passport_id or f"{self.company.base_url}/passports/{fresh_uuid()}"
        self.claim["id"] = claim_id(self.credential["id"])
        self.data["passportId"] = self.credential["id"]
        self.statement["id"] = fresh_uuid()
        self.claim["evidence"][0]["linkURL"] = f"{self.company.base_url}/statements/{self.statement['id']}"

    def seal(self, index: int | None) -> tuple[Digest, bytes]:
        """Hash the rows and the statement, pin them, name the place and sign: the passport's digest and its bytes."""
        self.data["rows"] = [digest_of(jcs(entry)) for entry in self.rows]
        for change in self.changes_after_rows:
            change(self)
        if self.pins_statement:
            self.claim["evidence"][0]["digestMultibase"] = digest_of(jcs(self.statement))
        if index is not None:
            self.stated["place"]["leafIndex"] = index
        digest = digest_of(jcs(self.credential))
        return digest, add_proof(self.credential, self.signer or self.company.signer, self.created)

    def pin_did_document(self, source: MemorySource) -> None:
        """Pin the DID document that is handed out now, unless the draft was told to pin another."""
        if self.credential.get("relatedResource") != self.honest_pin:
            return
        document = source.dids.get(self.credential["issuer"]["id"])
        if document is None:
            self.credential.pop("relatedResource", None)
            return
        digest = digest_of(document)
        url = f"{self.company.base_url}/did-documents/{digest}.json"
        self.credential["relatedResource"] = [PinnedDidDocument(url, digest).to_json()]
        source.pinned[digest] = document

    def file(self, source: MemorySource, body: bytes) -> None:
        """Put passport, statement and rows into a source, as far as the cheat hands them out."""
        source.put(body)
        if self.is_withheld:
            return
        statement = jcs(self.statement)
        source.statements[digest_of(statement)] = statement
        source.rows[digest_of(statement)] = [
            jcs(entry) for entry in self.rows if self.opened is None or self.opened(entry["row"])
        ]

    def publish(
        self,
        *,
        source: MemorySource | None = None,
        keeps_honest: bool = False,
        is_anchored: bool = True,
        beside: Sequence[bytes] = (),
    ) -> Forged:
        """Hash, sign and anchor the draft, and hand out a source that holds it (instead of the honest one).

        `beside` are entries that share its checkpoint.
        """
        source = source or self.world.source.clone()
        if not keeps_honest:
            source.drop(self.replaces)
        place = self.stated["place"]
        key = log_key(place["log"], place["issuerId"])
        log = source.logs.setdefault(key, Log())
        self.pin_did_document(source)
        digest, body = self.seal(len(log.entries) if is_anchored else None)
        if is_anchored:
            commit(self.world, self.company, log, [to_sha256(digest), *beside])
            self.world.source.logs[key] = copy.deepcopy(log)  # the chain knows it now; later forgeries come after it
        self.file(source, body)
        return Forged(digest, self.credential["id"], place["leafIndex"], body, source)


def publish_all(drafts: Sequence[Draft]) -> Iterator[Forged]:
    """Publish drafts of one company in one checkpoint, each with a source that knows nothing of the others."""
    world, company = drafts[0].world, drafts[0].company
    log = world.source.logs[company.log_key]
    start = len(log.entries)
    for draft in drafts:
        draft.pin_did_document(world.source)
    sealed = [draft.seal(start + number) for number, draft in enumerate(drafts)]
    commit(world, company, log, [to_sha256(digest) for digest, _ in sealed])
    for draft, (digest, body) in zip(drafts, sealed, strict=True):
        source = world.source.clone()
        source.drop(draft.replaces)
        draft.file(source, body)
        yield Forged(digest, draft.credential["id"], draft.stated["place"]["leafIndex"], body, source)


def up_to_date(world: World, forged: Forged) -> MemorySource:
    """The source of a forged passport with everybody's logs as they have grown since."""
    source = forged.source.clone()
    source.logs = copy.deepcopy(world.source.logs)
    return source


def fresh_uuid() -> str:
    """A random UUID."""
    return str(uuid.uuid4())


def draft_of(world: World, product: str) -> Draft:
    """Take the honest passport of a product apart; the draft has new ids."""
    company, issued = world.company_of(product), world.issued[product]
    document = read_secured(world.source.passports[issued.digest]).document
    statement, rows = world.papers[product]
    draft = Draft(
        world,
        company,
        document,
        parse_canonical(statement),
        [parse_canonical(row) for row in rows],
        issued.digest,
        honest_pin=copy.deepcopy(document.get("relatedResource")),
    )
    order = {row_hash: index for index, row_hash in enumerate(draft.data["rows"])}
    draft.rows.sort(key=lambda entry: order[digest_of(jcs(entry))])
    draft.rename()
    return draft


def commit(world: World, company: Company, log: Log, entries: list[bytes], *, account: Account | None = None) -> None:
    """Append entries to a log and commit the checkpoint."""
    before = len(log.entries)
    log.entries.extend(entries)
    root = log.merkle().root()
    call = world.log.commit(company.issuer_id, prev_size=before, root=root, size=len(log.entries))
    world.send(account or company.anchorer, call)
    log.checkpoints.append((before, len(log.entries), root))


def filler(number: int) -> bytes:
    """An entry that stands for some other document."""
    return sha256(f"another document {number}".encode()).digest()


def with_proof(body: bytes, **members: Any) -> bytes:
    """The signed document with other members in its proof (None takes one away), not signed anew."""
    document: dict[str, Any] = parse_canonical(body)
    for name, value in members.items():
        if value is None:
            document["proof"].pop(name, None)
        else:
            document["proof"][name] = value
    return jcs(document)


def flipped(digest: str) -> str:
    """Another well-formed digest."""
    raw = bytearray(to_sha256(digest))
    raw[7] ^= 1
    return from_sha256(bytes(raw))

"""A source in memory that holds real documents and proofs, which a test may rearrange as a cheat would."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from passport.credentials import read_secured
from passport.ledger import Address, EmbeddedChain, StateView
from passport.ledger.checkpoint import log_key
from passport.ledger.merkle import MerkleLog
from passport.model.credential import Place
from verifier.live_receipts import LiveReceipts
from verifier.source import InclusionEvidence, LogHistory
from verifier.trust import TrustedChain


@dataclass
class Log:
    """One issuer's log as a source knows it: entries, and checkpoints as (previous size, size, root)."""

    entries: list[bytes] = field(default_factory=list)
    checkpoints: list[tuple[int, int, bytes]] = field(default_factory=list)

    def merkle(self) -> MerkleLog:
        """The tree over the entries."""
        log = MerkleLog()
        log.extend(self.entries)
        return log


class MemorySource:
    """A source of real documents and proofs, which a test may rearrange as a cheat would.

    Args:
        ledger: The chain, None when it is out of reach.
        block: The block the state is of; the head when None.

    Attributes:
        has_receipts: Whether it hands out receipts.
    """

    def __init__(self, ledger: EmbeddedChain | None, block: int | None = None) -> None:
        self.ledger = ledger
        self.block = block
        self.passports: dict[str, bytes] = {}
        self.statements: dict[str, bytes] = {}
        self.rows: dict[str, list[bytes]] = {}
        self.imports: dict[str, bytes] = {}
        self.deliveries: dict[str, bytes] = {}
        self.lists: dict[tuple[str, str], bytes] = {}
        self.dids: dict[str, bytes] = {}
        self.more_dids: dict[str, list[bytes]] = {}
        self.pinned: dict[str, bytes] = {}
        self.bindings: dict[str, bytes] = {}
        self.logs: dict[str, Log] = {}
        self.names: dict[str, tuple[str, str, str]] = {}
        self.calls: dict[str, int] = {}
        self.has_receipts = True
        self._index: dict[object, list[str]] | None = None

    def clone(self) -> MemorySource:
        """The same, to be changed apart; logs too."""
        other = MemorySource(self.ledger, self.block)
        for name in (
            "passports",
            "statements",
            "imports",
            "deliveries",
            "lists",
            "dids",
            "more_dids",
            "pinned",
            "bindings",
            "names",
        ):
            setattr(other, name, dict(getattr(self, name)))
        other.rows = {digest: list(rows) for digest, rows in self.rows.items()}
        other.has_receipts = self.has_receipts
        other.logs = copy.deepcopy(self.logs)
        return other

    def put(self, body: bytes, *, digest: str | None = None) -> str:
        """File a signed passport under its digest, or under the one given."""
        secured = read_secured(body, canonical=True)
        subject = secured.document["credentialSubject"]
        place = subject["characteristics"]["carbonPassport"]["place"]
        filed = digest or secured.doc_hash
        self.passports[filed] = body
        self.names[filed] = (secured.document["id"], place["issuerId"], subject["id"])
        self._index = None
        return filed

    def drop(self, digest: str) -> None:
        """Forget a passport."""
        self.passports.pop(digest, None)
        self.names.pop(digest, None)
        self._index = None

    def forget_did_documents(self, did: str) -> None:
        """Hand out no DID document of somebody's, pinned or not."""
        self.dids.pop(did, None)
        self.more_dids.pop(did, None)
        self.pinned = {digest: body for digest, body in self.pinned.items() if f'"id":"{did}"'.encode() not in body}

    def _count(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1

    def passport(self, digest: str) -> bytes | None:
        self._count("passport")
        return self.passports.get(digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        self._count("passports_named")
        return self._filed(passport_id)

    def statement(self, digest: str) -> bytes | None:
        self._count("statement")
        return self.statements.get(digest)

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        self._count("opened_rows")
        return self.rows.get(statement_digest, [])

    def imported(self, digest: str) -> bytes | None:
        self._count("imported")
        return self.imports.get(digest)

    def delivery(self, digest: str) -> bytes | None:
        self._count("delivery")
        return self.deliveries.get(digest)

    def status_list(self, did: str, url: str) -> bytes | None:
        self._count("status_list")
        return self.lists.get((did, url))

    def did_documents(self, did: str) -> Sequence[bytes]:
        self._count("did_documents")
        return [*self.more_dids.get(did, []), *([self.dids[did]] if did in self.dids else [])]

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        self._count("pinned_did_document")
        return self.pinned.get(digest)

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        self._count("key_binding")
        return self.bindings.get(f"{issuer_id}:{key_hash.hex()}")

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        self._count("inclusion")
        log = self.logs.get(log_key(place.log, place.issuer_id))
        for prev_size, size, root in log.checkpoints if log else ():
            if log and prev_size <= place.leaf_index < size:
                return InclusionEvidence(root, size, log.merkle().inclusion_proof(place.leaf_index, size))
        return None

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        self._count("history")
        log = self.logs.get(log_key(place.log, place.issuer_id))
        if log is None or not 1 <= first_seq <= len(log.checkpoints):
            return None
        kept = log.checkpoints[first_seq - 1 :]
        merkle = log.merkle()
        return LogHistory(
            first_seq,
            tuple((root, size) for _, size, root in kept),
            tuple(merkle.consistency_proof(old, new) for (_, old, _), (_, new, _) in pairwise(kept)),
        )

    def state(self, chain: TrustedChain) -> StateView | None:
        self._count("state")
        if self.ledger is None:
            return None
        reached = self.ledger.chain
        if (reached.caip2, reached.genesis_hash) != (chain.chain, chain.genesis):
            return None
        return self.ledger.state(self.ledger.head() if self.block is None else self.ledger.block(self.block))

    def receipts(self, chain: TrustedChain) -> LiveReceipts | None:
        self._count("receipts")
        if self.ledger is None or not self.has_receipts:
            return None
        at = self.ledger.head() if self.block is None else self.ledger.block(self.block)
        return LiveReceipts(self.ledger, Address(chain.log), at)

    def known_until(self, chain: TrustedChain) -> int | None:
        if self.ledger is None:
            return None
        return self.ledger.known_until(self.ledger.head() if self.block is None else self.ledger.block(self.block))

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        self._count("same_product")
        return self._filed((issuer_id, subject_id))

    def _filed(self, under: object) -> list[str]:
        if self._index is None:
            self._index = {}
            for digest, (name, issuer, subject) in self.names.items():
                for key in (name, (issuer, subject)):
                    self._index.setdefault(key, []).append(digest)
        return self._index.get(under, [])

"""Make a bundle: audit the tree once, keep whatever the audit read, and prove the chain's part of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from passport.credentials import key_for, read_did_document
from passport.errors import DocumentError, LedgerError, PassportError
from passport.ledger.ancestry import HISTORY_CONTRACT
from passport.ledger.protocol import Ledger, StateView
from passport.ledger.state import RecordingState
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.model.credential import Place
from passport.model.digest import digest_of
from passport.model.keccak import keccak
from verifier.audit import Progress, Settings, audit
from verifier.bundle import STATEMENT_SEPARATOR, BundleHeader, to_base64url, write_bundle
from verifier.bundle_receipts import ancestor_key
from verifier.bundle_source import (
    did_document_of,
    head_of,
    header_key,
    history_payload,
    inclusion_key,
    inclusion_payload,
    methods_of,
    reduced_did_document,
)
from verifier.checks.status_list import list_key
from verifier.layered_source import OneDocumentSource
from verifier.outcome import CheckId, Outcome
from verifier.policy import Policy
from verifier.recording_receipts import KeptReceipts, RecordingReceipts
from verifier.report import Report
from verifier.source import InclusionEvidence, LogHistory, ReceiptSource, Source
from verifier.tied_receipts import tie
from verifier.trust import Trust, TrustedChain


class RecordingSource:
    """A source that keeps everything it hands out, in a bundle's sections.

    Args:
        source: The source behind it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sections: dict[str, dict[str, bytes]] = {}
        self.dids: dict[str, Sequence[bytes]] = {}
        self.state_read: RecordingState | None = None
        self.kept_receipts = KeptReceipts()
        self._histories: dict[str, tuple[Place, int]] = {}
        self._rows: dict[str, list[bytes]] = {}

    def passport(self, digest: str) -> bytes | None:
        """The signed passport filed under that digest."""
        return self._keep("passport", digest, self._source.passport(digest))

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport filed under that id."""
        return self._source.passports_named(passport_id)

    def statement(self, digest: str) -> bytes | None:
        """The footprint statement filed under that digest."""
        return self._keep("statement", digest, self._source.statement(digest))

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows of that statement."""
        rows = sorted(self._source.opened_rows(statement_digest))
        self._rows[statement_digest] = rows
        return rows

    def join_rows(self) -> None:
        """Put the opened rows behind their statements, as a bundle has them.

        Raises:
            DocumentError: Bytes that are no document in canonical form: the separator stands in them.
        """
        statements = self.sections.get("statement", {})
        for digest, rows in self._rows.items():
            parts = (statements[digest], *rows)
            if any(STATEMENT_SEPARATOR in part for part in parts):
                raise DocumentError(
                    "a document that is not in canonical form cannot be bundled",
                    where=f"statement {digest}",
                    hint="its issuer committed to bytes that nobody can read: leave the row out",
                )
            statements[digest] = STATEMENT_SEPARATOR.join(parts)

    def imported(self, digest: str) -> bytes | None:
        """The imported footprint filed under that digest."""
        return self._keep("imported", digest, self._source.imported(digest))

    def delivery(self, digest: str) -> bytes | None:
        """The traceability event filed under that digest."""
        return self._keep("delivery", digest, self._source.delivery(digest))

    def status_list(self, did: str, url: str) -> bytes | None:
        """The status list that an issuer signs under a URL."""
        return self._keep("status", list_key(did, url), self._source.status_list(did, url))

    def did_documents(self, did: str) -> Sequence[bytes]:
        """Every DID document filed under that DID."""
        bodies = self.dids[did] = self._source.did_documents(did)
        return bodies

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """The document of that DID with that digest; any bytes, so that a bundle holds them encoded."""
        body = self._source.pinned_did_document(did, digest)
        if body is not None and digest_of(body) == digest:
            self._keep("pinned", digest, to_base64url(body))
        return body

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own signed statement that it belongs to the issuer."""
        return self._keep("key", f"{issuer_id}:{key_hash.hex()}", self._source.key_binding(issuer_id, key_hash))

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """Proof that `entry` stands at the place's index."""
        evidence = self._source.inclusion(place, entry)
        if evidence is not None:
            self._keep("inclusion", inclusion_key(place), inclusion_payload(evidence))
        return evidence

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The issuer's checkpoints from `first_seq` on; the longest one asked for is kept."""
        history = self._source.history(place, first_seq)
        if history is not None:
            key, _, _ = inclusion_key(place).rpartition(":")
            head = head_of(self.state_read, place)
            if head is not None:  # a store may know of checkpoints beyond the block that is judged
                history = _until(history, head.seq)
            earliest = self._histories.get(key)
            if earliest is None or first_seq < earliest[1]:
                self._histories[key] = (place, first_seq)
                self._keep("history", key, history_payload(history))
        return history

    def state(self, chain: TrustedChain) -> StateView | None:
        """The state of that chain; what is read of it is remembered."""
        state = self._source.state(chain)
        if state is None:
            return None
        self.state_read = RecordingState(state)
        return self.state_read

    def receipts(self, chain: TrustedChain) -> ReceiptSource | None:
        """Receipts of that chain; those that count are kept, with the headers of their blocks."""
        inner = self._source.receipts(chain)
        return None if inner is None else RecordingReceipts(inner, self.kept_receipts)

    def known_until(self, chain: TrustedChain) -> int | None:
        """No longer than its block: a bundle is judged as of that."""
        return None

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Nothing: a bundle speaks of its own tree."""
        return ()

    def _keep(self, section: str, key: str, body: bytes | None) -> bytes | None:
        if body is not None:
            self.sections.setdefault(section, {})[key] = body
        return body


def make_bundle(
    path: Path,
    source: Source,
    top: str,
    *,
    trust: Trust | None,
    ledger: Ledger | None,
    policy: Policy,
    at: datetime,
    is_now: bool = False,
    progress: Progress | None = None,
    ledger_profiles: AnchoringProfiles | None = None,
) -> Report:
    """Write the bundle of a passport.

    Args:
        path: Where.
        source: Where documents and logs are kept.
        top: Digest of the passport.
        trust: Which chain its facts are to be proven on.
        ledger: That chain.
        policy: For the report that is returned; a bundle is written whatever it says.
        at: The moment that the report judges.
        is_now: Whether that is the present, as in `Settings`.
        progress: Called as nodes are examined.
        ledger_profiles: As in `Settings`, for the report that is returned; none goes into the bundle.

    Returns:
        The report of the audit that was recorded.

    Raises:
        DocumentError: The top passport is not at hand, a document cannot stand in a bundle, or the file cannot be
            written.
        LedgerError: The chain cannot prove its state.
    """
    if source.passport(top) is None:
        raise DocumentError("the passport is not at hand", where=top)
    recording = RecordingSource(source)
    profiles = ledger_profiles or AnchoringProfiles.shipped()
    settings = Settings(at=at, is_now=is_now, is_snapshot=True, ledger_profiles=profiles)
    report = audit(recording, top, policy=policy, trust=trust, settings=settings, progress=progress)
    documents = _did_documents(recording, report)
    if _asked_of_strangers(recording, report):
        recording = RecordingSource(OneDocumentSource(source, documents))
        report = audit(recording, top, policy=policy, trust=trust, settings=settings, progress=progress)
        documents = _did_documents(recording, report)
    header = BundleHeader(top, None, None, None, None)
    state = recording.state_read
    if state is not None:
        if ledger is None:
            raise LedgerError("the chain is needed to prove what was read of it")
        block, reads = state.block, state.reads
        ties = tie(ledger, block, recording.kept_receipts.headers)
        if ties.slots:
            reads[HISTORY_CONTRACT] = reads.get(HISTORY_CONTRACT, set()) | ties.slots
        evidence = ledger.evidence(block, reads)
        recording.sections["header"] = {header_key(evidence.header_rlp): to_base64url(evidence.header_rlp)}
        nodes = ties.nodes.union(evidence.nodes)
        recording.sections["node"] = {keccak(node).hex(): to_base64url(node) for node in nodes}
        headers = {**ties.headers, **recording.kept_receipts.headers}
        headers.pop(block.number, None)
        recording.sections["receipt"] = recording.kept_receipts.lines
        recording.sections["ancestor"] = {ancestor_key(number): to_base64url(each) for number, each in headers.items()}
        chain = ledger.chain
        header = BundleHeader(top, chain.caip2, chain.genesis_hash, block.number, "0x" + block.hash.hex())
    for did, document in documents.items():
        recording.sections.setdefault("did", {})[did] = to_base64url(document)
    recording.join_rows()
    write_bundle(path, header, recording.sections)
    return report


def _until(history: LogHistory, last_seq: int) -> LogHistory:
    count = max(last_seq - history.first_seq + 1, 0)
    return LogHistory(history.first_seq, history.checkpoints[:count], history.consistency[: max(count - 1, 0)])


class _Signed(NamedTuple):
    """A signed document, with the key that was found to have signed it, None where none was."""

    body: bytes
    multikey: str | None
    is_passport: bool


def _signed(recording: RecordingSource, report: Report) -> Iterator[_Signed]:
    """Every signed document of a bundle."""
    for digest, body in recording.sections.get("passport", {}).items():
        record = report.records.get(digest)
        multikey = report.other_keys.get(digest) if record is None else record.signed_with
        yield _Signed(body, multikey, is_passport=True)
    for section in ("delivery", "status"):
        for name, body in recording.sections.get(section, {}).items():
            yield _Signed(body, report.other_keys.get(name), is_passport=False)


def _methods_of(signed: Collection[_Signed]) -> dict[str, list[str]]:
    passports = (each.body for each in signed if each.is_passport)
    return methods_of(passports, (each.body for each in signed if not each.is_passport))


def _asked_of_strangers(recording: RecordingSource, report: Report) -> bool:
    """Whether the chain was asked of keys that only documents name which the bundle leaves out.

    Where a signature decides nothing, every document's keys are asked; a reader of the bundle has one document's.
    """
    return any(len(each) > 1 for each in recording.dids.values()) and any(
        record.outcome(CheckId.SIGNATURE) is Outcome.UNKNOWN
        or (record.deliveries and record.outcome(CheckId.CUSTODY) is Outcome.UNKNOWN)
        for record in report.records.values()
    )


def _did_documents(recording: RecordingSource, report: Report) -> dict[str, bytes]:
    """One document for each DID, with the very keys that the audit found to have signed.

    Where it found none, the newest document speaks, so that the bundle's audit comes to the same; and where a document
    dates the end of a key that some signatures came after, or may have, that one does, end and all.
    """
    signed = list(_signed(recording, report))
    signed_with: dict[str, dict[str, str]] = {}
    unsettled = _methods_of([each for each in signed if each.multikey is None])
    for each in signed:
        if each.multikey is not None:
            for did, methods in _methods_of([each]).items():
                signed_with.setdefault(did, {}).update(dict.fromkeys(methods, each.multikey))
    methods_by_did = _methods_of(signed)
    chosen: dict[str, bytes] = {}
    for did, documents in recording.dids.items():
        if not documents:
            continue
        methods, known = methods_by_did.get(did, []), signed_with.get(did, {})
        dated = _dating(documents, did, unsettled.get(did, ()), known)
        chosen[did] = dated or (
            did_document_of(did, _keys_of(documents, did, methods, known))
            if known
            else reduced_did_document(documents[0], did, methods)
        )
    return chosen


def _keys_of(documents: Sequence[bytes], did: str, methods: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """The key of each method: the one that signed, or the newest document's; what none has, nobody can have signed by.

    Anybody can write anybody's method under what he hands out, so one that no document has is left out.
    """
    keys: dict[str, str] = {}
    for method in methods:
        for body in documents if method not in known else ():
            try:
                keys[method] = key_for(read_did_document(body, did=did), method)
            except PassportError:
                continue
            break
        if method in known:
            keys[method] = known[method]
    return keys


def _dating(documents: Sequence[bytes], did: str, unsettled: Sequence[str], known: Mapping[str, str]) -> bytes | None:
    """The first document that alone dates the end of an unsettled method's key, and has the known keys; None without.

    An end that another document does not know of has settled nothing: one of them may be a stranger's.
    """
    read = []
    for body in documents if unsettled else ():
        try:
            read.append((body, read_did_document(body, did=did).methods))
        except PassportError:
            continue
    lasting = {
        (name, method.multikey)
        for _, methods in read
        for name, method in methods.items()
        if method.expires is None and method.revoked is None
    }
    for body, methods in read:
        ended = any(name in methods and (name, methods[name].multikey) not in lasting for name in unsettled)
        if ended and all(name in methods and methods[name].multikey == key for name, key in known.items()):
            return body
    return None

"""A bundle as the source of an audit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import ge
from typing import Any

from passport.credentials import jcs, key_for, parse_canonical, read_did_document, read_secured
from passport.credentials.jws import read_jws
from passport.errors import DocumentError, LedgerUnavailableError, PassportError
from passport.ledger.ancestry import Ancestry
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import log_key
from passport.ledger.passport_log import LogHead, PassportLogView
from passport.ledger.proofs import ProvenState, StateEvidence, block_of_header
from passport.ledger.protocol import StateView
from passport.model.credential import Place
from passport.model.digest import digest_of
from passport.model.keccak import keccak
from verifier.bundle import STATEMENT_SEPARATOR, BundleFile, from_base64url, to_base64url
from verifier.bundle_receipts import BundleReceipts, ancestor_key, header_in
from verifier.checks.status_list import list_key
from verifier.issuer_keys import BEFORE_ANY_END
from verifier.report import Report, Verdict
from verifier.source import InclusionEvidence, LogHistory
from verifier.trust import TrustedChain

_HASH_BYTES = 32
_log_key = lru_cache(maxsize=1024)(log_key)  # a log has many leaves
_DOCUMENT_SECTIONS = ("delivery", "did", "imported", "passport", "pinned", "statement", "status")
_CHAIN_SECTIONS = ("ancestor", "header", "history", "inclusion", "key", "node", "receipt")


class BundleSource:
    """Reads everything from one bundle; each line that is asked for is marked as used.

    Args:
        bundle: The opened bundle.
    """

    def __init__(self, bundle: BundleFile) -> None:
        self._bundle = bundle
        self._named: dict[str, list[str]] | None = None
        self._histories: dict[str, LogHistory | None] = {}
        self._asked_from: dict[str, int] = {}
        self._state: ProvenState | None = None
        self._header_rlp = b""
        self._opened: tuple[str, list[bytes]] = ("", [])

    def passport(self, digest: str) -> bytes | None:
        """The signed passport filed under that digest."""
        return self._bundle.get("passport", digest)

    def passports_named(self, passport_id: str) -> Sequence[str]:
        """Digests of every passport in the bundle under that id."""
        if self._named is None:
            self._named = {}
            for digest in self._bundle.keys("passport"):
                name = _id_of(self._bundle.peek("passport", digest) or b"")
                if name is not None:
                    self._named.setdefault(name, []).append(digest)
        found = self._named.get(passport_id, [])
        for digest in found:
            self._bundle.get("passport", digest)
        return found

    def statement(self, digest: str) -> bytes | None:
        """The footprint statement filed under that digest."""
        disclosed = self._disclosed(digest)
        return disclosed[0] if disclosed else None

    def opened_rows(self, statement_digest: str) -> Sequence[bytes]:
        """The opened rows of that statement."""
        rows = self._disclosed(statement_digest)[1:]
        if any(map(ge, rows, rows[1:])):
            raise DocumentError("opened rows are not in their one order", where=f"statement {statement_digest}")
        return rows

    def _disclosed(self, statement_digest: str) -> list[bytes]:
        """The statement and its opened rows: one line, which is asked for twice in a row."""
        if self._opened[0] != statement_digest:
            payload = self._bundle.get("statement", statement_digest)
            self._opened = statement_digest, [] if payload is None else payload.split(STATEMENT_SEPARATOR)
        return self._opened[1]

    def imported(self, digest: str) -> bytes | None:
        """The imported footprint filed under that digest."""
        return self._bundle.get("imported", digest)

    def delivery(self, digest: str) -> bytes | None:
        """The traceability event filed under that digest."""
        return self._bundle.get("delivery", digest)

    def status_list(self, did: str, url: str) -> bytes | None:
        """The status list that an issuer signs under a URL."""
        return self._bundle.get("status", list_key(did, url))

    def did_documents(self, did: str) -> Sequence[bytes]:
        """The one DID document filed under that DID."""
        payload = self._bundle.get("did", did)
        return () if payload is None else (from_base64url(payload, where=f"did {did}"),)

    def pinned_did_document(self, did: str, digest: str) -> bytes | None:
        """The DID document filed under that digest, as passports pin it.

        Raises:
            DocumentError: Not base64url.
        """
        payload = self._bundle.get("pinned", digest)
        return None if payload is None else from_base64url(payload, where=f"pinned {digest}")

    def key_binding(self, issuer_id: str, key_hash: bytes) -> bytes | None:
        """The key's own signed statement that it belongs to the issuer."""
        return self._bundle.get("key", f"{issuer_id}:{key_hash.hex()}")

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """The audit path filed under the place's log and index."""
        key = inclusion_key(place)
        payload = self._bundle.get("inclusion", key)
        if payload is None:
            return None
        try:
            size, root, path = payload.decode("ascii").split(" ")
            evidence = InclusionEvidence(from_base64url(root, where=key), int(size), _hashes(path, key))
        except ValueError as error:
            raise DocumentError("not an inclusion proof", where=key) from error
        if str(evidence.size) != size:  # the other two were decoded in their one spelling
            raise DocumentError("an inclusion proof written otherwise", where=key)
        return evidence

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The log's checkpoints from `first_seq` on, as far as the bundle holds them."""
        key = log_key(place.log, place.issuer_id)
        if key not in self._histories:
            self._histories[key] = self._read_history(key)
        history = self._histories[key]
        if history is None or first_seq < history.first_seq:
            return None
        head = head_of(self._state, place)
        if head is not None and history.first_seq + len(history.checkpoints) - 1 > head.seq:
            raise DocumentError("a checkpoint history beyond the bundle's own block", where=f"history {key}")
        self._asked_from[key] = min(first_seq, self._asked_from.get(key, first_seq))
        skip = first_seq - history.first_seq
        return LogHistory(first_seq, history.checkpoints[skip:], history.consistency[skip:])

    def _read_history(self, key: str) -> LogHistory | None:
        payload = self._bundle.get("history", key)
        if payload is None:
            return None
        found = _canonical(payload, f"history {key}")
        try:
            history = LogHistory(
                first_seq=int(found["first"]),
                checkpoints=tuple(
                    (bytes.fromhex(root.removeprefix("0x")), int(size)) for root, size in found["checkpoints"]
                ),
                consistency=tuple(_hashes(path, key) for path in found["consistency"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DocumentError("not a checkpoint history", where=key) from error
        if history_payload(history) != payload or len(history.consistency) != max(len(history.checkpoints) - 1, 0):
            raise DocumentError("a checkpoint history written otherwise", where=key)
        return history

    def state(self, chain: TrustedChain) -> StateView | None:
        """The state proven by the bundle, if its block is one that the trust file knows on that chain.

        Raises:
            LedgerUnavailableError: The bundle's block is none of the trust file's.
        """
        header = self._bundle.header
        if header.block_hash is None or (header.chain, header.genesis) != (chain.chain, chain.genesis):
            return None
        if self._state is not None:
            return self._state
        known = {block.hash: block.number for block in chain.blocks}
        if header.block_hash not in known:
            raise LedgerUnavailableError(
                "the bundle's block is not in the trust file",
                expected=", ".join(sorted(known)) or "a block hash that you got from the chain yourself",
                found=f"block {header.block}, {header.block_hash}",
            )
        headers = list(self._bundle.all("header"))
        if len(headers) != 1:
            raise DocumentError("a bundle holds one block header", found=f"{len(headers)}")
        header_rlp = from_base64url(headers[0][1], where="header")
        nodes = tuple(sorted(from_base64url(payload, where=f"node {key}") for key, payload in self._nodes()))
        state = ProvenState(
            StateEvidence(header_rlp=header_rlp, nodes=nodes), block_hash=bytes.fromhex(header.block_hash[2:])
        )
        if state.block.number != header.block or headers[0][0] != header.block_hash[2:]:
            raise DocumentError("the header line and the block differ", expected=header.block, found=state.block.number)
        self._state, self._header_rlp = state, header_rlp
        return state

    def receipts(self, chain: TrustedChain) -> BundleReceipts | None:
        """The bundle's receipts, as far as its own block is that chain's; None where it holds none."""
        if self._state is None or next(self._bundle.keys("receipt"), None) is None:
            return None

        ancestry = Ancestry(
            self._header_rlp,
            header_of=lambda number: header_in(self._bundle, number),
            node_of=self._state.peek,
            used_header=lambda number: self._bundle.get("ancestor", ancestor_key(number)),
            used_node=self._state.used_node,
        )
        return BundleReceipts(self._bundle, self._header_rlp, ancestry, chain.blocks)

    def known_until(self, chain: TrustedChain) -> int | None:
        """No longer than its block: a file cannot know what came later."""
        return None

    def _nodes(self) -> list[tuple[str, bytes]]:
        nodes = list(self._bundle.all("node"))
        for key, payload in nodes:
            if keccak(from_base64url(payload, where=f"node {key}")).hex() != key:
                raise DocumentError("a trie node under another hash", where=f"node {key}")
        return nodes

    def same_product(self, issuer_id: str, subject_id: str) -> Sequence[str]:
        """Nothing: everything in a bundle is reached from its top."""
        return ()

    def _bodies(self, section: str) -> Iterator[bytes]:
        """Every payload of a section; marks nothing."""
        return (self._bundle.peek(section, key) or b"" for key in self._bundle.keys(section))

    def _did_surplus(self, report: Report) -> list[str]:
        """DID documents that say more than the keys of passports, deliveries and lists, or name others.

        Where a pinned document shows who signed, the audit needs no other; there is one way to write it all the same.
        """
        signed_with = self._signed_with(report)
        methods = methods_of(self._bodies("passport"), (*self._bodies("delivery"), *self._bodies("status")))
        for did in self._bundle.keys("did"):
            body = from_base64url(self._bundle.peek("did", did) or b"", where=f"did {did}")
            if reduced_did_document(body, did, methods.get(did, ())) != body:
                return [f"did {did}: more than the methods that signatures name"]
            if not _names(body, did, signed_with.get(did, {})):
                return [f"did {did}: other keys than those that signed"]
        return []

    def _signed_with(self, report: Report) -> dict[str, dict[str, set[str]]]:
        """The keys whose signatures the audit found to hold, by DID and method."""
        found: dict[str, dict[str, set[str]]] = {}
        for named, multikey in self._proven(report):
            for did, methods in named.items():
                for method in methods:
                    found.setdefault(did, {}).setdefault(method, set()).add(multikey)
        return found

    def _proven(self, report: Report) -> Iterator[tuple[dict[str, list[str]], str]]:
        """What each document names whose signature holds, with the key; one document at a time, for there are many."""
        for digest, record in report.records.items():
            if record.signed_with is not None:
                body = self._bundle.peek("passport", digest)
                yield {} if body is None else methods_of((body,)), record.signed_with
        for name, multikey in report.other_keys.items():
            body = self._bundle.peek("delivery", name) or self._bundle.peek("status", name)
            yield {} if body is None else methods_of((), (body,)), multikey

    def _pinned_surplus(self) -> list[str]:
        """Pinned DID documents that are not what their key says: the audit took them for missing."""
        for digest in self._bundle.keys("pinned"):
            if (
                digest_of(from_base64url(self._bundle.peek("pinned", digest) or b"", where=f"pinned {digest}"))
                != digest
            ):
                return [f"pinned {digest}: a document of another hash"]
        return []

    def refuse_surplus(self, report: Report) -> None:
        """Refuse a bundle that holds what the audit did not use: there is one way to write a bundle.

        A failed audit stops asking early, and without trust nobody asks for the chain's facts, so in those cases only
        the rest is judged.

        Raises:
            DocumentError: A line that nothing asked for.
        """
        if report.verdict is Verdict.FAILED:
            return
        sections = _DOCUMENT_SECTIONS if self._state is None else _DOCUMENT_SECTIONS + _CHAIN_SECTIONS
        surplus = self._bundle.unused(sections)
        if self._state is not None and not surplus:
            surplus = [f"node {node[:8].hex()}..." for node in self._state.unused_nodes()[:1]]
            surplus += [
                f"history {key} before checkpoint {first_seq}"
                for key, first_seq in self._asked_from.items()
                if (history := self._histories[key]) and history.first_seq != first_seq
            ]
        surplus = surplus or self._did_surplus(report) or self._pinned_surplus()
        if surplus:
            raise DocumentError(
                "the bundle holds what nothing in its tree asks for",
                found="; ".join(surplus),
                hint="a bundle written by `passport bundle` never does: ask whoever gave it to you",
            )


def _names(body: bytes, did: str, signed_with: Mapping[str, Collection[str]]) -> bool:
    """Whether a DID document names a key that signed under each method; none has to where none is known to have."""
    if not signed_with:
        return True
    try:
        document = read_did_document(body, did=did)
        return all(key_for(document, name, at=BEFORE_ANY_END) in keys for name, keys in signed_with.items())
    except PassportError:
        return False


def head_of(state: StateView | None, place: Place) -> LogHead | None:
    """The head of the log that a place names, as of a state; None when there is no state or no head."""
    if state is None:
        return None
    return PassportLogView(state, Address(place.log.rpartition(":")[2])).head(place.issuer_id)


def methods_of(passports: Iterable[bytes], others: Iterable[bytes] = ()) -> dict[str, list[str]]:
    """The verification methods that signed documents name, by DID, each once and in order.

    Args:
        passports: Signed passports; there are many, and no member behind their proof can hold another.
        others: Deliveries and status lists, in either envelope; what lists hold behind their proof is anybody's.
    """
    methods: dict[str, set[str]] = {}
    seen: set[bytes] = set()
    for body in passports:
        match = _METHOD.match(body, max(body.rfind(b'"verificationMethod":'), 0))
        if match and match[0] not in seen:
            seen.add(match[0])
            methods.setdefault(match[1].decode(), set()).add(match[0].decode().split('"')[3])
    for named in map(_method_of, others):
        if named is not None:
            methods.setdefault(named.partition("#")[0], set()).add(named)
    return {did: sorted(named) for did, named in methods.items()}


def _method_of(body: bytes) -> str | None:
    """The method that a signed document names in either envelope; None when it cannot be read."""
    try:
        if body[:1] != b"{":
            named = read_jws(body).header.get("kid")
        else:
            proof = parse_canonical(body).get("proof")
            named = proof.get("verificationMethod") if isinstance(proof, dict) else None
    except PassportError:
        return None
    return named if isinstance(named, str) else None


def reduced_did_document(body: bytes, did: str, methods: Sequence[str]) -> bytes:
    """A DID document with nothing but the methods a bundle needs: nobody signed the rest, and nothing uses it.

    A document that cannot be read is kept as it is, so that what is wrong with it can be seen.
    """
    try:
        document = read_did_document(body, did=did)
        multikeys = {method: key_for(document, method) for method in methods}
    except PassportError:
        return body
    return did_document_of(did, multikeys)


def did_document_of(did: str, multikeys: Mapping[str, str]) -> bytes:
    """A DID document with these keys by their method, in the one way that a bundle writes it."""
    return jcs(
        {
            "assertionMethod": list(multikeys),
            "id": did,
            "verificationMethod": [
                {"controller": did, "id": method, "publicKeyMultibase": multikey, "type": "Multikey"}
                for method, multikey in multikeys.items()
            ],
        }
    )


def inclusion_key(place: Place) -> str:
    """Under which key a leaf's audit path stands."""
    return f"{_log_key(place.log, place.issuer_id)}:{place.leaf_index:015d}"


def inclusion_payload(evidence: InclusionEvidence) -> bytes:
    """An audit path as a bundle writes it."""
    return b"%d %b %b" % (evidence.size, to_base64url(evidence.root), to_base64url(b"".join(evidence.path)))


def history_payload(history: LogHistory) -> bytes:
    """A checkpoint history as a bundle writes it."""
    return jcs(
        {
            "checkpoints": [["0x" + root.hex(), size] for root, size in history.checkpoints],
            "consistency": [to_base64url(b"".join(path)).decode() for path in history.consistency],
            "first": history.first_seq,
        }
    )


def header_key(header_rlp: bytes) -> str:
    """Under which key a block header stands."""
    return block_of_header(header_rlp).hash.hex()


def _canonical(payload: bytes, where: str) -> Any:
    try:
        return parse_canonical(payload)
    except PassportError as error:
        raise DocumentError(f"not readable: {error.message}", where=where) from error


def _hashes(text: str, where: str) -> tuple[bytes, ...]:
    data = from_base64url(text, where=where)
    if len(data) % _HASH_BYTES:
        raise DocumentError("not a path of 32-byte hashes", where=where, found=f"{len(data)} bytes")
    return tuple([data[start : start + _HASH_BYTES] for start in range(0, len(data), _HASH_BYTES)])


# In canonical form a proof ends with its verification method, nothing of that name stands behind it in a passport, and
# a quote inside a text is written with a backslash.
_METHOD = re.compile(rb'"verificationMethod":"(did:[^"#]+)#[^"]+"')


def _id_of(body: bytes) -> str | None:
    try:
        name = read_secured(body, canonical=True).document.get("id")
    except PassportError:
        return None
    return name if isinstance(name, str) else None

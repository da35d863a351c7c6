"""What an issuer publishes: a folder that any web server can serve, and how somebody else takes it in.

    did.json  .well-known/did.json       the DID document
    did-documents/<digest>.json          each version of it that our passports pin
    publication.json                     who, which log, which checkpoints
    log.bin                              the log's entries, 32 bytes each
    bindings/<key hash>.json             each credential key's own statement of its binding
    passports/<uuid>.json                the credential without proof: exactly the bytes that pins are the hash of
    passports/<uuid>.signed.json         the signed passport
    statements/<uuid>.json               the footprint statement, unless it is withheld
    statements/<uuid>.rows.jsonl         its opened rows, one a line
    deliveries/<digest>.json or .jwt     the signed deliveries that opened rows name
    status-lists/<name>                  the newest of our status lists under each of their URLs
    ledger-statements/<digest>.json      signed accounts of a ledger that have a leaf in the log
    linked/<digest>.signed.json          others' passports that ours link to, up or back, as they were received

Nothing in such a folder is believed: documents are filed under the hash of what they are, logs only ever extend what is
known, and whether any of it is true is for the verifier.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from passport.credentials import (
    jcs,
    parse,
    read_secured,
)
from passport.errors import BoundError, ConflictError, DocumentError, PassportError
from passport.filing import (
    file_did_document,
    file_event,
    file_key_binding,
    file_linked_passport,
    file_passport,
    file_pinned_did_document,
    file_statement,
    file_status_list,
    find_events,
    pinned_did_document,
)
from passport.ledger.chain_id import parse_account_id
from passport.ledger.checkpoint import LogCheckpoint, log_key, parse_log_key
from passport.ledger.merkle import HASH_BYTES, MerkleLog
from passport.ledger.passport_log import PassportLogView
from passport.ledger.protocol import Ledger
from passport.ledger_reports import file_ledger_statement, kept_statements
from passport.model.credential import DID_DOCUMENTS_FOLDER
from passport.model.digest import Digest, digest_of
from passport.model.facts import PassportFacts, passport_facts
from passport.model.inventory import Disclosure
from passport.store import DocumentKind, Store

PUBLICATION_FORMAT = "carbon-passport/publication/1.0"
MAX_FILES = 400_000
MAX_LOG_BYTES = 2 << 30
MAX_FILE_BYTES = 16 << 20
_FOLDERS = (
    "bindings",
    "passports",
    "statements",
    "deliveries",
    "status-lists",
    "ledger-statements",
    "linked",
    DID_DOCUMENTS_FOLDER,
)
MAX_LINKED = 10_000
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """What was taken in from a publication.

    Attributes:
        did: Whose it is said to be.
        passports: How many passports were new.
        statements: How many statements were new.
        ledger_statements: How many signed accounts of a ledger were new.
        log_entries: How long its log is.
        refused: Files that were left out, with the reason.
    """

    did: str
    passports: int
    statements: int
    ledger_statements: int
    log_entries: int
    refused: tuple[tuple[str, str], ...]


def publish(store: Store, folder: Path, *, did: str, log: str, withheld: Collection[str] = ()) -> int:
    """Write everything of our own that the world may see; files that did not change are left alone.

    A statement that is withheld, by its inventory or by `withheld`, is taken away where it was published before.

    Args:
        store: Our store.
        folder: Where our web server reads.
        did: Our DID.
        log: Our log's key.
        withheld: Ids of passports whose statement stays with us.

    Returns:
        How many files were written or taken away.
    """
    written = 0
    deliveries: dict[str, bytes] = {}
    pinned: dict[Digest, None] = {}
    links: dict[str, str] = {}
    _, issuer_id = parse_log_key(log)
    for ref in _all(store, DocumentKind.PASSPORT, own=True):
        body = store.get_document(DocumentKind.PASSPORT, ref.digest)
        secured = read_secured(body, canonical=True)
        facts = passport_facts(secured.document, secured.doc_hash)
        name = _file_name(facts.id)
        if facts.did_document is not None:
            pinned[Digest(facts.did_document.digest)] = None
        links |= {pin.digest: pin.url for _, pin in facts.links}
        written += _write(folder / "passports" / f"{name}.json", secured.unsecured)
        written += _write(folder / "passports" / f"{name}.signed.json", body)
        if facts.id in withheld or _is_withheld(store, facts.id):
            written += sum(map(_remove, _statement_files(folder, facts)))
        else:
            written += _publish_statement(store, folder, facts)
            deliveries |= _deliveries_of(store, facts)
    written += _publish_these(folder / "deliveries", deliveries)
    for digest in pinned:
        version = pinned_did_document(store, digest)
        if version is not None:
            written += _write(folder / DID_DOCUMENTS_FOLDER / f"{digest}.json", version)
    carried, linked = _linked(store, links)
    written += _publish_these(folder / "linked", carried)
    for url in dict.fromkeys(ref.document_id for ref in _all(store, DocumentKind.STATUS_LIST, own=True)):
        # Ours alone, here too: whoever files a key under our DID can have signed a list in our name.
        (newest,) = store.find_documents(
            DocumentKind.STATUS_LIST, document_id=url, own=True, limit=1, newest_first=True
        )
        body = store.get_document(DocumentKind.STATUS_LIST, newest.digest)
        written += _write(folder / "status-lists" / _file_name(url), body)
    for digest, body in kept_statements(store, own=True):
        written += _write(folder / "ledger-statements" / f"{digest}.json", body)
    for ref in _all(store, DocumentKind.KEY_BINDING, own=True):
        binding = store.get_document(DocumentKind.KEY_BINDING, ref.digest)
        written += _write(folder / "bindings" / f"{ref.document_id.rpartition(':')[2]}.json", binding)
    # Ours alone: anybody's publication may hold a document in our name.
    documents = store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did, own=True, limit=_PAGE)
    if documents:
        body = store.get_document(DocumentKind.DID_DOCUMENT, documents[-1].digest)
        written += _write(folder / "did.json", body)
        written += _write(folder / ".well-known" / "did.json", body)
    checkpoints = store.log_checkpoints(log)
    size = checkpoints[-1].size if checkpoints else 0
    written += _write(folder / "log.bin", b"".join(store.log_entries(log, stop=size)))
    head = {"checkpoints": [_checkpoint_json(c) for c in checkpoints], "did": did, "format": PUBLICATION_FORMAT}
    if linked:
        head["linked"] = linked
    written += _write(folder / "publication.json", jcs({**head, "issuerId": issuer_id, "log": log}))
    return written


def receive(store: Store, folder: Path, *, ledger: Ledger | None = None, own_log: str | None = None) -> Received:
    """Take a publication into the store.

    One of our own brings an old copy of our store up to date: its log is continued as far as the chain holds it, and
    what stands in that log is our own.

    A log is only ever extended, so a false one would bar the true one for good: its entries must give the roots of its
    checkpoints, and a chain in reach must hold those.

    Args:
        store: Where.
        folder: The publication.
        ledger: The chain that logs are compared with; logs on other chains are compared with nothing but themselves.
        own_log: The key of our own log.

    Raises:
        DocumentError: The folder is no publication, or its log is not the one it claims to be.
        ConflictError: Its log contradicts what is already known of it: somebody rewrote history.
    """
    folder = folder.resolve()
    head = _head(folder)
    refused: list[tuple[str, str]] = []
    passports = statements = ledger_statements = 0
    log_entries = _entries(folder / "log.bin")
    is_own = own_log is not None and head.log == own_log and ledger is not None
    ours = frozenset(log_entries) if is_own else frozenset()
    pinned: set[str] = set()
    contested: list[tuple[Path, ConflictError]] = []
    with store.transaction():
        put_log = store.continue_own_log if is_own else store.put_foreign_log
        put_log(head.log, log_entries, head.checkpoints)
        _check_log(head, log_entries, ledger)
        for path in _files(folder):
            if path.parent == folder:
                continue  # the head, the log and the DID document, whatever the folder itself is called
            try:
                with store.transaction():
                    if path.parent.name == "bindings":
                        file_key_binding(store, _read(path), own_issuer=parse_log_key(head.log)[1] if is_own else None)
                    elif path.parent.name == "passports" and path.name.endswith(".signed.json"):
                        passports += file_passport(store, _read(path), own_entries=ours, pinned=pinned)
                    elif path.parent.name == "linked":
                        passports += file_linked_passport(store, _read(path), own_entries=ours)
                    elif path.parent.name == "statements" and not path.name.endswith(".rows.jsonl"):
                        statements += file_statement(store, _read(path), _opened_rows(path), own_digests=pinned)
                    elif path.parent.name == "status-lists":
                        file_status_list(store, _read(path))
                    elif path.parent.name == "ledger-statements":
                        ledger_statements += file_ledger_statement(store, _read(path), own_entries=ours)
                    elif path.parent.name == "deliveries":
                        file_event(store, _read(path))
                    elif path.parent.name == DID_DOCUMENTS_FOLDER:
                        version = _read(path)
                        file_pinned_did_document(store, version, did=head.did, own=digest_of(version) in pinned)
            except ConflictError as error:
                contested.append((path, error))
            except PassportError as error:
                refused.append((str(path.relative_to(folder)), str(error)))
        for path, conflict in contested:  # again, now that the DID documents that passports pin are here
            try:
                if path.parent.name not in ("passports", "linked"):
                    raise conflict
                with store.transaction():
                    passports += file_passport(store, _read(path), own_entries=ours, pinned=pinned)
            except PassportError as error:
                refused.append((str(path.relative_to(folder)), str(error)))
        current = folder / "did.json"
        if current.is_file() and not current.is_symlink():  # last: whether it is ours, our passports say by their pins
            try:
                body = _read(current)
                file_did_document(store, head.did, body, own=digest_of(body) in pinned)
            except PassportError as error:
                refused.append((current.name, str(error)))
    entries = head.checkpoints[-1].size if head.checkpoints else 0
    return Received(head.did, passports, statements, ledger_statements, entries, tuple(refused))


@dataclass(frozen=True, slots=True)
class _Head:
    did: str
    log: str
    checkpoints: tuple[LogCheckpoint, ...]


def _head(folder: Path) -> _Head:
    path = folder / "publication.json"
    document = parse(_read(path))
    try:
        if document["format"] != PUBLICATION_FORMAT:
            raise DocumentError(
                "another format", where=str(path), expected=PUBLICATION_FORMAT, found=document["format"]
            )
        parse_log_key(document["log"])
        checkpoints = tuple(_checkpoint(entry) for entry in document["checkpoints"])
        return _Head(str(document["did"]), document["log"], checkpoints)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, PassportError):
            raise
        raise DocumentError("not a publication", where=str(path), found=repr(error)) from error


def _check_log(head: _Head, entries: Sequence[bytes], ledger: Ledger | None) -> None:
    """Refuse a log whose entries do not give its checkpoints, or whose checkpoints the chain does not hold."""
    size = head.checkpoints[-1].size if head.checkpoints else 0
    if len(entries) != size:
        found = f"{len(entries)} entries"
        raise DocumentError("the log does not end with its last checkpoint", where=head.log, expected=size, found=found)
    contract, issuer_id = parse_log_key(head.log)
    chain, address = parse_account_id(contract)
    view = PassportLogView(ledger.state(), address) if ledger and ledger.chain.caip2 == chain else None
    log = MerkleLog()
    log.extend(entries)
    for checkpoint in head.checkpoints:
        where = f"{head.log}, checkpoint {checkpoint.seq}"
        if not 0 < checkpoint.size <= size or log.root(checkpoint.size) != checkpoint.root:
            raise DocumentError("the entries do not give the checkpoint's root", where=where)
        if view is not None and view.checkpoint(issuer_id, checkpoint.root) != checkpoint:
            raise DocumentError("the chain does not hold this checkpoint", where=where, found=checkpoint)


def _checkpoint(entry: Mapping[str, Any]) -> LogCheckpoint:
    numbers = [entry[name] for name in ("seq", "prevSize", "size", "time", "blockNumber", "keyNo")]
    if not all(type(number) is int and 0 <= number < 1 << 63 for number in numbers):
        raise DocumentError("not a checkpoint", expected="whole numbers", found=repr(entry))
    seq, prev_size, size, time, block_number, key_no = numbers
    root = bytes.fromhex(entry["root"].removeprefix("0x"))
    if len(root) != HASH_BYTES:
        raise DocumentError("not a root", expected="32 bytes", found=entry["root"])
    return LogCheckpoint(seq, prev_size, size, root, time, block_number, key_no)


def _checkpoint_json(checkpoint: LogCheckpoint) -> dict[str, Any]:
    return {
        "blockNumber": checkpoint.block_number,
        "keyNo": checkpoint.key_no,
        "prevSize": checkpoint.prev_size,
        "root": "0x" + checkpoint.root.hex(),
        "seq": checkpoint.seq,
        "size": checkpoint.size,
        "time": checkpoint.time,
    }


def _publish_statement(store: Store, folder: Path, facts: PassportFacts) -> int:
    digest = Digest(facts.statement.digest)
    statement, opened = _statement_files(folder, facts)
    rows = b"".join(body + b"\n" for body in store.rows(digest).values())
    return _write(statement, store.get_document(DocumentKind.STATEMENT, digest)) + _write(opened, rows)


def _deliveries_of(store: Store, facts: PassportFacts) -> dict[str, bytes]:
    """The deliveries that a passport's opened rows name, by file name: what a row shows, its delivery shows too."""
    named = (parse(row)["row"].get("delivery") for row in store.rows(Digest(facts.statement.digest)).values())
    found = {digest: body for digest in named if digest for body in islice(find_events(store, digest), 1)}
    return {f"{digest}.{'json' if body[:1] == b'{' else 'jwt'}": body for digest, body in found.items()}


def _linked(store: Store, links: Mapping[str, str]) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """Others' passports that ours link to, and those that they link to in turn, by file name, with a list of all.

    The list says whose each is: its issuer's own publication has the log, the keys and the status that belong to it. Of
    one that is not here it says the id alone, under which its issuer has it.
    """
    carried: dict[str, bytes] = {}
    listed: dict[str, dict[str, str]] = {}
    waiting = list(links.items())
    seen = set(links)
    while waiting:
        digest, url = waiting.pop(0)
        body = store.documents(DocumentKind.PASSPORT, [Digest(digest)]).get(Digest(digest))
        if body is None:
            listed[digest] = {"digest": digest, "id": url}
            continue
        secured = read_secured(body, canonical=True)
        facts = passport_facts(secured.document, secured.doc_hash)
        if any(
            ref.own for ref in store.find_documents(DocumentKind.PASSPORT, document_id=facts.id) if ref.digest == digest
        ):
            continue  # published with ours
        place = facts.place
        listed[digest] = {
            "digest": digest,
            "id": facts.id,
            "did": facts.issuer_did,
            "log": log_key(place.log, place.issuer_id),
        }
        carried[f"{digest}.signed.json"] = body
        for _, pin in facts.links:
            if pin.digest not in seen and len(seen) < MAX_LINKED:
                seen.add(pin.digest)
                waiting.append((pin.digest, pin.url))
    return carried, [listed[digest] for digest in sorted(listed)]


def _publish_these(folder: Path, files: Mapping[str, bytes]) -> int:
    """Write files into a folder, and take away those that nothing published names any more."""
    kept = {folder / name: body for name, body in files.items()}
    gone = [path for path in folder.iterdir() if path not in kept] if folder.is_dir() else []
    return sum(map(_remove, gone)) + sum(_write(path, body) for path, body in kept.items())


def _statement_files(folder: Path, facts: PassportFacts) -> tuple[Path, Path]:
    """Where a passport's statement and its opened rows are published."""
    name = _file_name(facts.statement.url)
    return folder / "statements" / f"{name}.json", folder / "statements" / f"{name}.rows.jsonl"


def _is_withheld(store: Store, passport_id: str) -> bool:
    """Whether the inventory behind one of our passports keeps the statement to ourselves."""
    refs = store.find_documents(DocumentKind.INVENTORY, document_id=passport_id, own=True)
    inventories = (parse(store.get_document(DocumentKind.INVENTORY, ref.digest)) for ref in refs)
    return any(inventory["disclosure"] == Disclosure.WITHHELD for inventory in inventories)


def _opened_rows(statement: Path) -> list[bytes]:
    """The opened rows that lie beside a statement."""
    rows = statement.with_name(statement.stem + ".rows.jsonl")
    return _read(rows).splitlines() if rows.is_symlink() or rows.exists() else []


def _entries(path: Path) -> Sequence[bytes]:
    if not path.is_symlink() and not path.exists():
        return []
    _check_plain(path)
    size = path.stat().st_size
    if size > MAX_LOG_BYTES or size % HASH_BYTES:
        raise BoundError("not a log", where=str(path), expected="whole entries of 32 bytes, at most 2 GB", found=size)
    data = path.read_bytes()
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def _files(folder: Path) -> Iterator[Path]:
    """Every file, in a fixed order, without following links out of the folder."""
    count = 0
    for directory in [folder, *(folder / name for name in _FOLDERS)]:
        if not directory.is_dir() or directory.is_symlink():
            continue
        for path in sorted(directory.iterdir()):
            if path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > MAX_FILES:
                raise BoundError("too many files in a publication", where=str(folder), expected=f"at most {MAX_FILES}")
            yield path


def _check_plain(path: Path) -> None:
    """Refuse what would lead out of the folder, or never end."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise DocumentError("not a plain file", where=str(path), hint="publications hold no links")


def _read(path: Path) -> bytes:
    _check_plain(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BoundError("file too large", where=str(path), expected=f"at most {MAX_FILE_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise DocumentError("cannot be read", where=str(path), found=error.strerror) from error


def _write(path: Path, body: bytes) -> int:
    """Write a file at once or not at all; 0 when it is there already."""
    if path.exists() and path.read_bytes() == body:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return 1


def _remove(path: Path) -> bool:
    """Take a file away; False when it is not there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _all(store: Store, kind: DocumentKind, *, own: bool) -> Iterator[Any]:
    after: int | None = None
    while page := store.find_documents(kind, own=own, limit=_PAGE, after=after):
        yield from page
        after = page[-1].sequence


def _file_name(identifier: str) -> str:
    """The last part of a URL or URN, which is a UUID."""
    return identifier.rsplit("/", 1)[-1].removeprefix("urn:uuid:")

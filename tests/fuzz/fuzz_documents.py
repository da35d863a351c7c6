"""Targets: what companies exchange as files: inventories, footprints, bundles, trust, statements, settings, tables."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from fuzz_credentials import STRANGER, text
from fuzz_packed import unpacked
from fuzz_target import CORPUS, Target

from passport.credentials import jcs, parse, parse_canonical, read_secured
from passport.errors import AmountError, ArithmeticRuleError, DocumentError, PassportError, SignatureError
from passport.exchange.edge_table import read_edge_table
from passport.exchange.inventory_file import read_inventory_bytes
from passport.exchange.pact import read_body, read_footprints
from passport.exchange.process_shares import read_process
from passport.exchange.untp06 import read_untp06
from passport.exchange.untp06_received import receive_untp06
from passport.model import schema
from passport.model.amount import from_text, read_decimal
from passport.model.digest import from_sha256
from passport.model.facts import passport_facts
from passport.model.units import read_unit
from passport.publication import Received, receive
from passport.store import Store
from passport.workspace.settings import read_chain_settings
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.layered_source import EmptySource
from verifier.open_log import open_log, read_void_nonces
from verifier.policy import default_policy
from verifier.trust import KnownBlock, Trust, parse_trust

AT = datetime(2026, 11, 22, 11, tzinfo=UTC)


@cache
def folder() -> Path:
    """One folder for the inputs of readers that take files, gone with the process."""
    holder = tempfile.TemporaryDirectory(prefix="fuzz-")
    _KEPT.append(holder)
    return Path(holder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def written(name: str, data: bytes) -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path


def read_inventory(file_format: str) -> object:
    def read(data: bytes) -> object:
        found = read_inventory_bytes(data, file_format=file_format)  # type: ignore[arg-type]  # of the two
        found.inventory.model_dump_json(by_alias=True)
        return found

    return read


def read_statement(data: bytes) -> object:
    """A footprint statement by its closed schema, then the process that it states."""
    statement = parse_canonical(data)
    schema.check("statement-1.0-issuing", statement)
    stated = statement["extensions"][0]["data"].get("process")
    return read_process(stated) if stated else statement


def read_pact(data: bytes) -> object:
    footprints = read_footprints(data)
    for footprint in footprints:
        assert read_body(footprint.body).body == footprint.body
        try:
            jcs(footprint.upstream_facts().copy_for_row())
        except (AmountError, ArithmeticRuleError):
            continue
    return footprints


def read_untp(data: bytes) -> object:
    """Received and read: who signed may be unknown, what is stated may not differ."""

    def stranger(_: str) -> str:
        return STRANGER

    try:
        received = receive_untp06(data, stranger, at=AT)
    except SignatureError:
        received = None
    passport = read_untp06(data)
    assert received is None or received.passport == passport
    return passport


def read_bundle(data: bytes) -> object:
    """A bundle with its hash put right, as a liar would, trusted at its own block: a report, or refused."""
    first, line_end, body = data.partition(b"\n")
    try:
        header = parse(first)
    except PassportError:
        header = None
    if isinstance(header, dict) and "body" in header and line_end:
        data = jcs({**header, "body": from_sha256(sha256(body).digest())}) + b"\n" + body
    with BundleFile(written("x.bundle", data)) as bundle:
        source = BundleSource(bundle)
        trust = _trust()
        if bundle.header.block is not None and bundle.header.block_hash is not None:
            try:
                block = KnownBlock(number=bundle.header.block, hash=bundle.header.block_hash)
            except ValueError:
                block = None
            if block:
                chain = trust.chains[0].model_copy(update={"blocks": (block,)})
                trust = trust.model_copy(update={"chains": (chain,)})
        settings = Settings(at=AT, is_snapshot=True)
        report = audit(source, bundle.header.top, policy=default_policy(), trust=trust, settings=settings)
        source.refuse_surplus(report)
        jcs(report.to_json())
        return report.verdict


@cache
def _trust() -> Trust:
    return parse_trust((CORPUS / "trust" / "mill").read_bytes())


def read_trust(data: bytes) -> object:
    trust = parse_trust(data)
    return trust.quorum(), trust.authorities(), trust.headers()


def read_nonces(data: bytes) -> object:
    name = parse((CORPUS / "void_nonces" / "mill").read_bytes())["log"]
    return read_void_nonces(data, name)


def read_amount(data: bytes) -> object:
    amount = from_text(text(data))
    assert read_decimal(text(data)) == amount
    return amount


def read_settings(data: bytes) -> object:
    return read_chain_settings(written("chain.json", data), folder())


def read_tables(data: bytes) -> object:
    """A node table and an edge table, with a zero byte between them."""
    nodes, _, edges = data.partition(b"\0")
    written("x.nodes.csv", nodes)
    return read_edge_table(written("x.csv", edges), nodes=folder() / "x.nodes.csv", use_cache=False)


def read_publication(data: bytes) -> object:
    """Somebody's folder, received by one who knows nobody; what came of it is forgotten again."""
    place = folder() / "publication"
    shutil.rmtree(place, ignore_errors=True)
    for name, content in unpacked(data).items():
        path = place / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:  # a folder and a file of one name
            raise DocumentError("not a folder") from error
    if not place.is_dir():
        raise DocumentError("not a folder")
    found: list[Received] = []
    try:
        with _store().transaction():
            found.append(receive(_store(), place))
            raise _Forgotten
    except _Forgotten:
        return found[0]


class _Forgotten(Exception):  # noqa: N818  # not an error
    """Rolls a transaction back."""


@cache
def _store() -> Store:
    return Store.open(folder() / "auditor.db", clock=lambda: AT)


def read_opened(data: bytes) -> object:
    """A document that somebody hands out to open a log with, judged without any chain."""
    mill = read_secured((CORPUS / "opened_log" / "mill").read_bytes())
    place, files = passport_facts(mill.document, mill.doc_hash).place, [("x", data)]
    report = open_log("x", place, [bytes(32)], documents=files, void_nonces={}, source=EmptySource(), chain=None)
    if report.unread:
        raise DocumentError(report.unread[0][1])
    return report


TARGETS = [
    Target("publication", read_publication, 32768, 20),
    Target("opened_log", read_opened, 8192, 2),
    Target("inventory_yaml", read_inventory("yaml"), 12000, 20),
    Target("inventory_json", read_inventory("json"), 12000, 20),
    Target("statement", read_statement),
    Target("pact", read_pact, 4096, 2),
    Target("untp06", read_untp),
    Target("bundle", read_bundle, 1 << 16, 20),
    Target("trust", read_trust, 2048),
    Target("void_nonces", read_nonces, 1024),
    Target("amount", read_amount, 128),
    Target("unit", lambda data: read_unit(text(data)), 64),
    Target("chain_settings", read_settings, 2048, 4),
    Target("edge_table", read_tables, 2048, 10),
]

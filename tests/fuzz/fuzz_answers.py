"""Targets: what others answer and hand in: tiles, witnesses, nodes and contracts, files of figures, what is posted."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fuzz_credentials import text
from fuzz_packed import unpacked
from fuzz_target import CORPUS, Target

from api.sources import PostedPassport
from contracts import load
from passport.credentials import Ed25519Signer, parse
from passport.credentials.proof import sign_document
from passport.errors import DocumentError, LedgerError, NodeError, PassportError
from passport.exchange.plain_values import read_plain_values
from passport.ledger.rpc_client import RpcClient, explained, refusal, reverted_with
from passport.ledger.rpc_header import _without_seals
from passport.ledger.signed_note import parse_note
from passport.ledger.tile_reader import read_log
from passport.ledger.transactions import decode_output
from passport.ledger.witness import read_answer as read_answer_of_witness
from passport.ledger_footprint.data_file import parse_data_file
from passport.ledger_reports import MeterReading
from passport.ledger_reports.signing import read_statement

AT = datetime(2026, 11, 22, 11, tzinfo=UTC)
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\2"))


def read_tiles(data: bytes) -> object:
    """A log of a size and a root, and whatever files are said to be its tiles: the log of that root, or refused."""
    files = unpacked(data)
    try:
        size, root = int(files.pop("size", b"0")[:19]), bytes.fromhex(text(files.pop("root", b"")))
    except ValueError as error:
        raise DocumentError("not a checkpoint") from error
    if size < 0:
        raise DocumentError("not a size")
    log = read_log(files.get, size, root)
    assert log.root() == root
    assert len(log) == size
    return log


def read_of_witness(data: bytes) -> object:
    note = parse_note((CORPUS / "note" / "mill").read_bytes())
    return read_answer_of_witness(data, note)


class Answering:
    """A way to a node that answers the same to everything."""

    place, connections = "node", 1

    def __init__(self, body: bytes) -> None:
        self.body = body

    def exchange(self, _: bytes) -> bytes:
        return self.body

    def close(self) -> None:
        """There is nothing to close."""


def read_rpc(data: bytes) -> object:
    """What a node answers; a refusal is an answer too, and is told in our words for each of its uses."""
    client = RpcClient(Answering(data))
    try:
        return client.ask("eth_chainId")
    except NodeError as error:
        return reverted_with(error), refusal(error), explained(error)


def read_reading(data: bytes) -> object:
    """Whoever has a key signs what he likes: the bytes are what is signed, and the key is true."""
    document = parse(data)
    if not isinstance(document, dict):
        raise DocumentError("not an object")
    signed = sign_document({key: value for key, value in document.items() if key != "proof"}, SIGNER, AT)
    kinds = {"carbon-passport/meter-reading/1.0": MeterReading}
    return read_statement(signed.body, kinds, key_lookup=lambda _: SIGNER.multikey)


def read_plain(data: bytes) -> object:
    """As YAML; and what JSON reads of it, YAML reads too or refuses."""
    try:
        read_plain_values(data, name="x.json")
    except PassportError:
        return read_plain_values(data, name="x.yaml")
    return data


def read_posted(data: bytes) -> object:
    posted = PostedPassport.of(data)
    if posted is None:
        raise DocumentError("something else")
    return posted


def read_seals(data: bytes) -> object:
    """Every form of the extra data of a block without its seals; there may be none."""
    found = list(_without_seals(data))
    if not found:
        raise DocumentError("no seals")
    return found


def read_output(data: bytes) -> object:
    """What a contract returned, taken for the output of a function with a struct, and of one with texts."""
    found: list[object] = []
    for function in ("headOf", "eip712Domain"):
        try:
            found.append(decode_output(load("PassportLog"), function, data))
        except LedgerError as error:
            problem = error
    if not found:
        raise problem
    return found


TARGETS = [
    Target("seals", read_seals, 1024),
    Target("output", read_output, 1024),
    Target("tiles", read_tiles, 4096, 2),
    Target("witness_answer", read_of_witness, 1024),
    Target("rpc_answer", read_rpc, 1024),
    Target("data_file", lambda data: parse_data_file(data, name="x.json"), 2048),
    Target("meter_reading", read_reading, 2048, 2),
    Target("plain_values", read_plain, 1024),
    Target("posted", read_posted, 8192),
]

"""Targets: logs and notes, timestamps, blocks and state proofs, transactions, orders, what nodes answer."""

from __future__ import annotations

import base64
import json
from functools import cache

import rlp
from fuzz_credentials import text
from fuzz_target import Target
from test_opentimestamps import BLOCK_358391, HELLO_TEXT

from contracts import load
from passport.errors import DocumentError, LedgerError, PassportError, ProofError
from passport.ledger.chain_id import parse_account_id, parse_address, parse_chain_id
from passport.ledger.log_events import read_log_events
from passport.ledger.log_note import parse_checkpoint, parse_origin
from passport.ledger.observed import observed_of_header, read_observed
from passport.ledger.opentimestamps import verify_opentimestamps
from passport.ledger.order import order_bytes, read_order
from passport.ledger.proofs import ProvenState, StateEvidence, block_of_header
from passport.ledger.raw_transaction import read_transaction
from passport.ledger.receipt_proof import ReceiptEvidence, prove_receipt
from passport.ledger.receipt_trie import sealed_receipts
from passport.ledger.relay_client import _read as read_answer_of_relay
from passport.ledger.relay_client import _said as said_by_relay
from passport.ledger.revert import describe_revert
from passport.ledger.rpc_header import header_rlp
from passport.ledger.rpc_values import read_block, read_receipt
from passport.ledger.sealed_receipt import cumulative_gas, read_sealed_receipt
from passport.ledger.signed_note import parse_note, parse_note_key, parse_signatures
from passport.ledger.tiles import Tile, parse_tile_path, read_bundle, write_bundle
from passport.ledger.timestamp_token import read_certificate, verify_token
from passport.ledger.trie_walk import lookup, lookup_raw, rlp_index, rlp_list
from passport.ledger.witness import parse_add_checkpoint
from passport.model.keccak import keccak


def read_note(data: bytes) -> object:
    """A note is written again as it was read, and so is a checkpoint that it holds."""
    note = parse_note(data)
    assert note.to_bytes() == data
    try:
        checkpoint = parse_checkpoint(note.text)
    except ProofError:
        return note
    assert checkpoint.text == note.text
    try:
        parse_origin(checkpoint.origin)
    except LedgerError:
        return checkpoint
    return checkpoint


def read_key(data: bytes) -> object:
    key = parse_note_key(text(data))
    assert key.text == text(data)
    try:
        key.verify(b"x\n", bytes(64))
    except ProofError:
        return key
    return key


def read_signatures(data: bytes) -> object:
    found = parse_signatures(text(data))
    assert "".join(each.line for each in found) == text(data)
    return found


def read_request(data: bytes) -> object:
    request = parse_add_checkpoint(data)
    assert request.to_bytes() == data
    return request


def read_place(data: bytes) -> object:
    """Origins, and the ids that they are made of."""
    contract, issuer_id, genesis = parse_origin(text(data))
    chain, address = parse_account_id(contract)
    return parse_chain_id(chain), parse_address(address), issuer_id, genesis


def read_tile(data: bytes) -> object:
    tile = parse_tile_path(text(data))
    assert tile.path == text(data)
    assert Tile(tile.level, tile.number, tile.width) == tile
    return tile


def read_entries(data: bytes) -> object:
    """The first byte says how many entries there must be."""
    width, rest = (data[0] + 1, data[1:]) if data else (1, data)
    entries = read_bundle(rest, width)
    assert write_bundle(entries) == rest
    return entries


def read_opentimestamps(data: bytes) -> object:
    return verify_opentimestamps(data, HELLO_TEXT, {358_391: BLOCK_358391})


def read_token(data: bytes) -> object:
    """A root certificate, a zero byte, and a token."""
    pem, _, token = data.partition(b"\0")
    return verify_token(token, HELLO_TEXT, [_root(pem)])


@cache
def _root(pem: bytes) -> object:
    return read_certificate(text(pem))


def read_header(data: bytes) -> object:
    """The same fields as the library of Ethereum's clients reads, where that can read the header to its depths."""
    block = block_of_header(data)
    observed = observed_of_header(data, transactions=1)
    fields = rlp.decode(data, strict=True)
    assert (fields[3], int.from_bytes(fields[8], "big"), int.from_bytes(fields[11], "big")) == (
        block.state_root,
        block.number,
        block.timestamp,
    )
    return observed


def read_rlp(data: bytes) -> object:
    """One level of a list, against the library: a list is one to both, of the same items, or to neither.

    The library goes all the way down, so it may refuse what lies deeper.
    """
    try:
        whole = rlp.decode(data, strict=True)
    except (rlp.RLPException, RecursionError):
        whole = None
    try:
        items = rlp_list(data, max_items=17)
    except ProofError:
        assert not isinstance(whole, list) or len(whole) > 17
        raise
    if whole is not None:
        assert [rlp.encode(each) for each in whole] == [each.encoded for each in items]
    return items


def read_evidence(data: bytes) -> object:
    """A contract, a slot, a header and trie nodes, a line each: every walk ends, whatever the nodes are.

    Each node stands under the hash that it has, and is taken for the root of a trie too, so that a changed one is
    walked through and not refused at the door.
    """
    try:
        contract, slot, *encoded = data.split(b"\n")
        header, *nodes = [base64.b64decode(each, validate=True) for each in encoded]
        number = int(slot) % 2**256
    except ValueError as error:
        raise DocumentError("not evidence") from error
    evidence = StateEvidence(header, tuple(sorted(set(nodes))))
    state = ProvenState(evidence, block_hash=keccak(header))
    address = text(contract)
    parse_address(address)
    held = {keccak(node): node for node in nodes}

    def node_of(wanted: bytes) -> bytes:
        if wanted not in held:
            raise ProofError("not there")
        return held[wanted]

    for node in nodes:  # each as the root of a trie of its own
        try:
            lookup(keccak(node), parse_address(address), node_of)
        except ProofError:
            continue
    return state.storage(address, number)


def read_receipt_alone(data: bytes) -> object:
    """The library finds what is read here, as deep as it goes; events of every address are taken for a log's."""
    receipt = read_sealed_receipt(data)
    assert cumulative_gas(data) == receipt.cumulative_gas
    status, gas, _, logs = rlp.decode(data if data[0] >= 0xC0 else data[1:], strict=True)
    assert int.from_bytes(gas, "big") == receipt.cumulative_gas
    assert receipt.took_effect is None or receipt.took_effect == (status == b"\x01")
    assert [[each.address, list(each.topics), each.data] for each in receipt.events] == logs
    for event in receipt.events:
        try:
            said = read_log_events(receipt.events, event.address)
        except LedgerError:
            continue
        assert said.changed_leaves() <= len(said.statuses) + 256 * len(said.ranges)
    return receipt


def read_receipt_proof(data: bytes) -> object:
    """A position, a header and trie nodes, a line each; every node is taken for the root of a trie, too."""
    try:
        index, *encoded = data.split(b"\n")
        header, *nodes = [base64.b64decode(each, validate=True) for each in encoded]
        position = int(index)
    except ValueError as error:
        raise DocumentError("not evidence") from error
    evidence = ReceiptEvidence(header, position, tuple(sorted(set(nodes))))
    held = {keccak(node): node for node in nodes}

    def node_of(wanted: bytes) -> bytes:
        if wanted not in held:
            raise ProofError("not there")
        return held[wanted]

    for node in nodes:
        try:
            lookup_raw(keccak(node), rlp_index(position), node_of)
        except ProofError:
            continue
    return prove_receipt(evidence)


def read_raw_transaction(data: bytes) -> object:
    return read_transaction(data).sender()


def read_relay_order(data: bytes) -> object:
    """What is read is written again, and read from there, as the same order."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError("not JSON") from error
    order = read_order(value)
    assert read_order(json.loads(order_bytes(order))) == order
    return order


def read_answer(data: bytes) -> object:
    """What a node or a relay answers, taken for each of the things that it could be."""
    answer = read_answer_of_relay(data)
    if answer is None:
        raise DocumentError("not an answer")
    said_by_relay(answer, 400)
    found: list[object] = []
    for read in (
        read_block,
        lambda told: read_receipt(told, bytes(32)),
        read_observed,
        header_rlp,
        lambda told: sealed_receipts([told], where="block"),
    ):
        try:
            found.append(read(answer))
        except PassportError:
            continue
    if not found:
        raise LedgerError("none of them")
    return found


def read_revert(data: bytes) -> object:
    return describe_revert(data, *(load(name).abi for name in ("PassportLog", "IssuerRegistry")))


TARGETS = [
    Target("note", read_note, 2048),
    Target("note_key", read_key, 512),
    Target("signatures", read_signatures, 1024),
    Target("add_checkpoint", read_request, 2048),
    Target("origin", read_place, 512),
    Target("tile_path", read_tile, 128),
    Target("entry_bundle", read_entries, 1024),
    Target("opentimestamps", read_opentimestamps, 1024),
    Target("timestamp_token", read_token, 4096, 2),
    Target("certificate", lambda data: read_certificate(text(data)), 2048),
    Target("header", read_header, 2100),
    Target("rlp", read_rlp, 1024),
    Target("evidence", read_evidence),
    Target("receipt", read_receipt_alone, 4096),
    Target("receipt_proof", read_receipt_proof),
    Target("transaction", read_raw_transaction, 4096),
    Target("order", read_relay_order, 2048),
    Target("answer", read_answer, 4096),
    Target("revert", read_revert, 1024),
]

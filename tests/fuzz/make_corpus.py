"""Makes the corpus: for every target, what a real world of ours issues, signs, keeps and serves.

To be run when a format has changed: `python tests/fuzz/make_corpus.py [TARGET...]`. Keys are drawn, so the bytes differ
from run to run; a test reads every file with its target.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [
    str(TESTS.parent),
    str(TESTS),
    *(str(TESTS / room) for room in ("issuer", "ledger", "exchange", "ledger_reports")),
]

import rlp  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from eth_account import Account as EthAccount  # noqa: E402
from footprint_corpus import of_footprint  # noqa: E402
from fuzz_target import CORPUS  # noqa: E402
from issuer_world import NOW, SECRET, World, bought, direct, inventory  # noqa: E402
from own_authority import certify, stamp  # noqa: E402
from receipt_blocks import block_of, sealed  # noqa: E402
from test_opentimestamps import HELLO, HELLO_TEXT  # noqa: E402
from test_pact_fuzz import FOOTPRINT  # noqa: E402
from test_untp06 import SMALL  # noqa: E402
from wider_corpus import of_wider  # noqa: E402

from passport.credentials import Role, add_proof, jcs, multikey_to_jwk, read_secured  # noqa: E402
from passport.credentials.ecdsa import EcdsaSigner  # noqa: E402
from passport.credentials.sd_jwt_parts import SdJwtType  # noqa: E402
from passport.credentials.status_list import (  # noqa: E402
    StatusEntry,
    StatusList,
    StatusPurpose,
    build_status_credential,
)
from passport.credentials.untp_credential import sign_credential  # noqa: E402
from passport.credentials.vc_jwt import envelope, sign_vc_jwt  # noqa: E402
from passport.exchange.inventory_file import read_inventory_bytes  # noqa: E402
from passport.issuer.presenting import present, present_sd_jwt  # noqa: E402
from passport.ledger import Account, CommitOrder, PassportLogView, RecordingState, StatusKind, StatusOrder  # noqa: E402
from passport.ledger.chain_id import Address  # noqa: E402
from passport.ledger.log_events import COMMITTED, RANGE_REVOKED, STATUS_SET  # noqa: E402
from passport.ledger.log_note import log_origin  # noqa: E402
from passport.ledger.order import order_bytes, order_document  # noqa: E402
from passport.ledger.receipt_proof import collect_receipt  # noqa: E402
from passport.ledger.tile_folder import TileFolder  # noqa: E402
from passport.ledger.witness import AddCheckpoint  # noqa: E402
from passport.log_export import export_log, note_key, served_checkpoint  # noqa: E402
from passport.model import conformity_credential, identity_anchor, traceability_event  # noqa: E402
from passport.model.credential import Link, credential_issuer  # noqa: E402
from passport.model.digest import digest_of  # noqa: E402
from passport.model.role_map import ANNEX_XIII  # noqa: E402
from passport.model.untp import Issued  # noqa: E402
from passport.store import DocumentKind  # noqa: E402
from passport.workspace import Workspace  # noqa: E402
from verifier.bundling import make_bundle  # noqa: E402
from verifier.open_log import write_void_nonces  # noqa: E402
from verifier.policy import default_policy  # noqa: E402
from verifier.store_source import StoreSource  # noqa: E402
from verifier.trust import KnownBlock, trust_in  # noqa: E402

CONTENT = {
    "roleMap": ANNEX_XIII,
    "sets": {"1": {"ratedCapacity": "94 Ah"}, "2": {"partNumbers": ["P-1"]}, "4": {"stateOfHealth": "97 %"}},
    "rowAudiences": {"legitimate": ["own"]},
}


def main() -> None:
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as folder:
        world = World.create(Path(folder))
        try:
            of_documents(world, found)
            of_others(world, found)
            of_footprint(found)
        finally:
            world.close()
    of_json(found)
    for target, files in found.items():
        if sys.argv[1:] and target not in sys.argv[1:]:
            continue
        shutil.rmtree(CORPUS / target, ignore_errors=True)
        (CORPUS / target).mkdir(parents=True)
        for name, data in files.items():
            (CORPUS / target / name).write_bytes(data)
        print(target, {name: len(data) for name, data in files.items()})  # noqa: T201


def by(company: Workspace, name: str) -> Issued:
    host = company.settings.host
    return Issued(
        f"https://{host}/credentials/{name}", company.settings.did or "", company.party, NOW, NOW + timedelta(9)
    )


def of_documents(world: World, found: dict[str, dict[str, bytes]]) -> None:
    """Passports, what stands beside them, and a bundle of two of them."""
    beans, mill = world.beans, world.mill
    product, below = world.sell()
    upstream = bought("0.5", product=product)
    issuer = world.issuer(mill)
    issued = issuer.issue(inventory(world.product(), direct(), upstream, contentSets=CONTENT))
    issuer.anchor()
    mill.publish()
    store, signer = mill.store, mill.signer(SECRET)
    body = store.get_document(DocumentKind.PASSPORT, issued.digest)
    passport = read_secured(body, canonical=True).document
    statement = store.documents(DocumentKind.STATEMENT, [issued.statement_digest])[issued.statement_digest]
    rows = list(store.rows(issued.statement_digest).values())
    found["passport"] = {"mill": body, "beans": beans.store.get_document(DocumentKind.PASSPORT, below.digest)}
    found["statement"] = {"mill": statement}
    found["row"] = {"own": rows[0], "bought": rows[1]}
    p256 = EcdsaSigner(ec.derive_private_key(7, ec.SECP256R1()))
    small = {"@context": passport["@context"], "id": "urn:x", "type": ["VerifiableCredential"], "issuer": "did:web:a.b"}
    found["secured"] = {
        "passport": body,
        "pretty": json.dumps(json.loads(body), indent=1).encode(),
        "p256": add_proof(small, p256, NOW),
    }
    jwt = sign_vc_jwt(passport, signer).body
    small_jwt = sign_vc_jwt({**small, "issuer": mill.settings.did}, signer).body
    found["jws"] = {"passport": jwt, "small": small_jwt}
    found["vc_jwt"] = {"passport": jwt, "small": small_jwt}
    found["envelope"] = {"small": jcs(envelope(small_jwt))}
    found["sd_jwt"] = {
        str(kind).replace("+", "-"): present_sd_jwt(store, issued.digest, "legitimate", signer=signer, sd_jwt_type=kind)
        for kind in SdJwtType
    }
    found["disclosure"] = {"one": found["sd_jwt"]["vc-sd-jwt"].split(b"~")[1]}
    found["presentation"] = {
        "unsigned": present(store, issued.digest, "legitimate"),
        "signed": present(store, issued.digest, "public", signer=signer, created=NOW),
    }
    found["did_document"] = {"mill": (mill.public / "did.json").read_bytes()}
    found["multikey"] = {"ed25519": signer.multikey.encode(), "p256": p256.multikey.encode()}
    found["jwk"] = {name: jcs(multikey_to_jwk(key.decode())) for name, key in found["multikey"].items()}
    found["did_web"] = {"mill": (mill.settings.did or "").encode(), "port": b"did:web:a.example%3A8443:b:c"}
    found["key_index"] = {"mill": (mill.folder / "keys" / "index.json").read_bytes()}
    found["key_binding"] = {"mill": next((mill.public / "bindings").iterdir()).read_bytes()}
    keys = mill.keys()
    found["key_file"] = {
        role.value: (mill.folder / "keys" / keys.active(role).file_name).read_bytes()
        for role in (Role.CREDENTIAL, Role.ANCHORING)
    }
    issuer = by(mill, "list")
    listed = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [77]),
        url=issuer.id,
        issuer=credential_issuer(issuer.did, issuer.party),
        valid_from=NOW,
        valid_until=NOW + timedelta(9),
    )
    found["status_list"] = {"mill": add_proof(listed, signer, NOW)}
    entry = StatusEntry(issuer.id, 77, StatusPurpose.REVOCATION).to_json()
    found["status_entries"] = {"mill": jcs({"credentialStatus": [entry, entry]})}
    found["events"] = events(world, passport, issued)
    found["bundle"] = {"mill": bundle(world, issued.digest)}
    trust = trust_in(mill.chain, KnownBlock(number=1, hash="0x" + "ab" * 32))
    found["trust"] = {"mill": trust.model_dump_json(by_alias=True).encode()}
    found["chain_settings"] = {"mill": world.chain_settings.read_bytes()}


def events(world: World, passport: dict[str, Any], issued: Any) -> dict[str, bytes]:
    """The three other credentials of UNTP, events of each kind."""
    mill, beans = world.mill, world.beans
    subject = passport["credentialSubject"]
    made = traceability_event.EventProduct(
        subject["id"], subject["name"], "model", "1.5", "tonne", issued.id, issued.digest
    )
    plant = traceability_event.Site("https://id.example/plants/1", "Plant 1")
    buyer = traceability_event.Counterparty(beans.settings.did or "", beans.party)
    move = traceability_event.build_move_event(
        by(mill, "move"),
        moved=[made],
        at=NOW,
        buyer=buyer,
        origin=plant,
        destination=plant,
        consignment="urn:example:consignment:1",
    )
    make = traceability_event.build_make_event(by(mill, "make"), inputs=[made], outputs=[made], at=NOW, site=plant)
    attested = conformity_credential.build_conformity_credential(
        by(beans, "dcc"),
        passport=passport,
        evidence=Link(issued.id, "Passport", issued.digest, "application/vc", traceability_event.LINK_PASSPORT),
        verdict="passed",
        report=Link(
            "https://beans.example/r", "Report", digest_of(b"{}"), "application/json", conformity_credential.LINK_REPORT
        ),
        assessed=NOW,
    )
    place = mill.place
    anchor = identity_anchor.build_identity_anchor(
        by(beans, "dia"),
        member_did=mill.settings.did or "",
        member=mill.party,
        registered=NOW,
        entry=identity_anchor.RegistryEntry(
            place.registry, place.genesis, place.issuer_id, mill.settings.controller or ""
        ),
    )
    signed = [
        ("move", move, traceability_event, mill),
        ("make", make, traceability_event, mill),
        ("attestation", attested, conformity_credential, beans),
        ("anchor", anchor, identity_anchor, beans),
    ]
    return {
        name: sign_credential(document, kind.SCHEMA, company.signer(SECRET), NOW).body
        for name, document, kind, company in signed
    }


def bundle(world: World, digest: str) -> bytes:
    path = world.folder / "mill.bundle"
    source = StoreSource(world.mill.store, world.mill.ledger)
    report = make_bundle(
        path,
        source,
        digest,
        trust=trust_in(world.mill.chain),
        ledger=world.mill.ledger,
        policy=default_policy(),
        at=NOW + timedelta(hours=1),
    )
    assert str(report.verdict) == "passed", report.to_json()
    return path.read_bytes()


def of_others(world: World, found: dict[str, dict[str, bytes]]) -> None:
    """Of logs, chains, relays and timestamps."""
    mill = world.mill
    place, signer = mill.place, mill.signer(SECRET)
    origin = log_origin(place.log, place.issuer_id, place.genesis)
    folder = TileFolder(world.folder / "exported")
    entries = mill.store.log_entries(mill.log_key, stop=256)
    served = export_log(entries, folder, origin=origin, signer=signer)
    again = served_checkpoint(folder.fetch)
    assert again == served
    found["note"] = {"mill": served.note.to_bytes()}
    found["note_key"] = {"mill": note_key(signer, origin).text.encode()}
    found["add_checkpoint"] = {
        "first": AddCheckpoint(0, (), served.note).to_bytes(),
        "later": AddCheckpoint(3, (bytes(32), b"\1" * 32), served.note).to_bytes(),
    }
    found["signatures"] = {"mill": b"".join(each.line.encode() for each in served.note.signatures)}
    found["origin"] = {"mill": origin.encode()}
    found["tile_path"] = {"entries": b"tile/entries/x001/234.p/5", "level": b"tile/2/003"}
    found["entry_bundle"] = {"two": b"\1\0\3abc\0\0"}
    found["void_nonces"] = {"mill": write_void_nonces(mill.log_key, {3: b"\1" * 16})}
    ledger, chain = mill.ledger, mill.ledger.chain
    anchorer = mill.keys().open_account(mill.keys().active(Role.ANCHORING), SECRET)
    account = Account(anchorer)
    orders = {
        "commit": CommitOrder(
            place.issuer_id,
            prev_size=0,
            root=bytes(32),
            size=256,
            deadline=1,
            account=account.address,
            signature=bytes(65),
        ),
        "status": StatusOrder(place.issuer_id, 3, StatusKind.REVOKED, 0, bytes(32), 1, 1, account.address, bytes(65)),
    }
    log = mill.chain.log
    found["order"] = {name: order_bytes(order_document(each, chain=chain, log=log)) for name, each in orders.items()}
    found["opentimestamps"] = {"hello": HELLO}
    root = certify("Test Root", is_ca=True)
    authority = certify("Test Authority", root, is_for_timestamps=True)
    found["timestamp_token"] = {"hello": root.pem.encode() + b"\0" + stamp(HELLO_TEXT, authority)}
    found["certificate"] = {"root": root.pem.encode()}
    head = ledger.head()
    evidence_of(mill, head, found)
    of_wider(world, found)


def evidence_of(mill: Workspace, head: Any, found: dict[str, dict[str, bytes]]) -> None:
    state = RecordingState(mill.ledger.state())
    PassportLogView(state, Address(mill.chain.log)).head(mill.issuer_id)
    evidence = mill.ledger.evidence(state.block, state.reads)
    contract, slots = next(iter(state.reads.items()))
    found["header"] = {"embedded": evidence.header_rlp}
    found["evidence"] = {
        "head": b"\n".join(
            [
                contract.encode(),
                str(sorted(slots)[0]).encode(),
                *(base64.b64encode(each) for each in (evidence.header_rlp, *evidence.nodes)),
            ]
        )
    }


def of_receipts(found: dict[str, dict[str, bytes]]) -> None:
    """A transaction that said everything to a log that it can, among others in a block."""
    log, issuer, word = b"\x11" * 20, b"\x01" * 32, bytes(31)
    said = [
        (log, [COMMITTED, issuer, b"\x02" * 32], word + b"\1" + word + b"\4" + word + b"\1"),
        (log, [STATUS_SET, issuer, word + b"\3", word + b"\4"], bytes(96)),
        (log, [RANGE_REVOKED, issuer, word + b"\0"], word + b"\7" + word + b"\1"),
    ]
    receipts = [sealed(21_000), sealed(42_000, status=0), sealed(190_000, said, kind=2), sealed(211_000, kind=4)]
    found["receipt"] = {"legacy": receipts[0], "events": receipts[2], "root": sealed(21_000, status=b"\7" * 32)}
    header, nodes = block_of(5, receipts)
    found["receipt_proof"] = {}
    for name, index in (("first", 0), ("events", 2)):
        proof = collect_receipt(header, index, node_of=nodes.__getitem__)
        lines = [str(index).encode(), *(base64.b64encode(each) for each in (header, *proof.nodes))]
        found["receipt_proof"][name] = b"\n".join(lines)


def of_json(found: dict[str, dict[str, bytes]]) -> None:
    """Formats of others, and small things."""
    found["pact"] = {
        "one": json.dumps(FOOTPRINT).encode(),
        "two": json.dumps({"data": [FOOTPRINT, FOOTPRINT]}).encode(),
    }
    found["untp06"] = {"small": json.dumps(SMALL).encode()}
    numbers = [0, -1, 2**53 - 1, 1.5, 1e-7, 1e21, -0.0, "\U0001f33f\ue000", {"\u00e9": [None, True]}]
    found["json"] = {"numbers": json.dumps(numbers).encode(), "nested": b'{"a":[[[{"b":{}}]]],"c":"\\"\\\\"}'}
    found["canonical"] = {"numbers": jcs([1, 1.5, 1e-7, 1e21, {"\U0001f33f": 1, "\ue000": 2}])}
    found["together"] = {"two": b'{"a":1,"b":[1.5]}\n{"c":"\xc3\xa9"}', "one": b"[]"}
    found["base58"] = {"zeros": b"11", "text": b"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}
    found["base64url"] = {"text": base64.urlsafe_b64encode(bytes(range(250, 256)) * 5).rstrip(b"="), "short": b"_w"}
    found["multibase"] = {"url": b"uEiAml_M", "bitcoin": b"z6MkhaXgBZ"}
    found["rlp"] = {"nested": rlp.encode([b"", b"a", [b"b", [b"c" * 60]], b"d" * 300])}
    of_receipts(found)
    call = {"nonce": 1, "gas": 5, "to": "0x" + "01" * 20, "value": 0, "data": b"data", "chainId": 1337}
    fees = {"maxFeePerGas": 3, "maxPriorityFeePerGas": 2}
    signed, legacy = (
        bytes(EthAccount.sign_transaction({**call, **paid}, bytes(31) + b"\1").raw_transaction)
        for paid in (fees, {"gasPrice": 3})
    )
    found["transaction"] = {"fees": signed, "legacy": legacy}
    block = {
        "number": "0x1",
        "hash": "0x" + "ab" * 32,
        "timestamp": "0x2",
        "stateRoot": "0x" + "cd" * 32,
        "parentHash": "0x" + "00" * 32,
        "gasUsed": "0x1",
        "gasLimit": "0x2",
        "transactions": [],
        "miner": "0x" + "00" * 20,
        "extraData": "0x" + "00" * 97,
    }
    qbft = {**block, "extraData": "0x" + rlp.encode([bytes(32), [b"\1" * 20], [], b"", [b"\2" * 65]]).hex()}
    receipt = {
        "blockHash": "0x" + "ab" * 32,
        "blockNumber": "0x1",
        "transactionHash": "0x" + "00" * 32,
        "status": "0x1",
        "gasUsed": "0x5",
        "contractAddress": None,
    }
    found["answer"] = {name: jcs(each) for name, each in (("block", block), ("qbft", qbft), ("receipt", receipt))}
    event = {"address": "0x" + "11" * 20, "topics": ["0x" + "02" * 32], "data": "0x07"}
    whole = {"type": "0x2", "cumulativeGasUsed": "0x5", "logsBloom": "0x" + "00" * 256, "logs": [event]}
    found["answer"]["sealed"] = jcs({**receipt, **whole})
    found["revert"] = {
        "text": bytes.fromhex("08c379a0")
        + (32).to_bytes(32, "big")
        + (3).to_bytes(32, "big")
        + b"why".ljust(32, b"\0"),
        "panic": bytes.fromhex("4e487b71") + (17).to_bytes(32, "big"),
    }
    found["amount"] = {"whole": b"12", "part": b"-0.125", "long": b"9" * 15}
    found["unit"] = {"pact": b"ton kilometer", "ours": b"kilogram"}
    yaml = (TESTS / "exchange" / "inventory_example.yaml").read_bytes()
    found["inventory_yaml"] = {"example": yaml, "bread": (TESTS.parent / "docs/example/bread.yaml").read_bytes()}
    small = read_inventory_bytes(found["inventory_yaml"]["bread"]).inventory
    found["inventory_json"] = {"bread": small.model_dump_json(by_alias=True, exclude_none=True).encode()}
    nodes = (TESTS.parent / "docs/example/pack/nodes.csv").read_bytes()
    edges = (TESTS.parent / "docs/example/pack/edges.csv").read_bytes()
    found["edge_table"] = {"pack": nodes + b"\0" + edges}


if __name__ == "__main__":
    main()

"""The corpus of `fuzz_answers` and `fuzz_graphs`, and of what companies hand to one another as folders and backups."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import rlp
from eth_abi.abi import encode as abi_encode
from fuzz_answers import AT, SIGNER
from fuzz_credentials import CONTEXT
from fuzz_packed import packed
from issuer_world import SECRET, World
from test_spreads_of_models import FACTORS, bakery, datapackage, lognormal

from passport.credentials import Role, base58_encode, jcs
from passport.credentials.key_backup import write_backup
from passport.exchange.graph_cache import keep_graph
from passport.exchange.graphs import read_graph
from passport.ledger.log_note import log_origin
from passport.ledger.merkle import MerkleLog
from passport.ledger.tile_folder import TileFolder
from passport.ledger.tiles import tiles as tiles_of
from passport.ledger_reports import MeterReading
from passport.ledger_reports.signing import sign_statement
from passport.ledger_reports.statements import Entity
from passport.log_export import export_log

Found = dict[str, dict[str, bytes]]
TESTS = Path(__file__).resolve().parent.parent


def of_wider(world: World, found: Found) -> None:
    """All of it; what stands in the corpus of others already is taken from there."""
    of_companies(world, found)
    of_answers(world, found)
    of_small_things(found)
    of_graphs(found)


def of_companies(world: World, found: Found) -> None:
    """What a company publishes, states of its accounts and puts away."""
    beans, mill, body = world.beans, world.mill, found["passport"]["mill"]
    mill.state_account(Role.ANCHORING, SECRET)
    mill.publish()
    found["accounts"] = {"mill": (mill.public / "did.json").read_bytes()}
    write_backup(mill.keys(), world.folder / "x.backup", SECRET, kdf_passes=1)
    found["key_backup"] = {"mill": (world.folder / "x.backup").read_bytes()}
    found["posted"] = {"mill": body}
    found["opened_log"] = {"mill": body}
    found["publication"] = {"beans": packed(published(beans.public))}


def published(folder: Path) -> dict[str, bytes]:
    """A publication without what would make it long."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_relative_to(folder / ".well-known")
    }


def of_answers(world: World, found: Found) -> None:
    """Tiles, and what witnesses, meters, nodes and contracts say."""
    mill, signer = world.mill, world.mill.signer(SECRET)
    origin = log_origin(mill.place.log, mill.place.issuer_id, mill.place.genesis)
    few = MerkleLog()
    few.extend([sha256(bytes([each])).digest() for each in range(5)])
    tiles = TileFolder(world.folder / "tiles")
    export_log([sha256(bytes([each])).digest() for each in range(5)], tiles, origin=origin, signer=signer)
    paths = [tile.path for tile in tiles_of(5)]
    found["tiles"] = {
        "five": packed({"size": b"5", "root": few.root().hex().encode()} | {p: tiles.fetch(p) or b"" for p in paths})
    }
    found["witness_answer"] = {"mill": found["signatures"]["mill"]}
    reading = {
        "signedBy": Entity.of(mill.party).to_json(),
        "chain": "ours",
        "node": "node-1",
        "period": {"first": "2026-11-02", "last": "2026-11-08"},
        "kwh": "12.5",
        "meter": {"serial": "EM-1", "accuracyPercent": "1", "boundary": "machine"},
        "country": "NL",
    }
    said = sign_statement(
        MeterReading.model_validate(reading),
        signer=SIGNER,
        did=SIGNER.verification_method.partition("#")[0],
        party=mill.party,
        statement_id="urn:uuid:00000000-0000-4000-8000-000000000001",
        now=AT,
    )
    unsigned = {key: value for key, value in json.loads(said.body).items() if key != "proof"}
    found["meter_reading"] = {"meter": jcs(unsigned)}


def of_small_things(found: Found) -> None:
    """Answers and documents that need no world."""
    found["seals"] = {
        "qbft": rlp.encode([bytes(32), [b"\1" * 20], [], b"", [b"\2" * 65]]),
        "istanbul": bytes(32) + rlp.encode([[b"\1" * 20], b"\2" * 65, [b"\3" * 65]]),
    }
    domain = (b"\x0f", "x", "1", 1337, "0x" + "01" * 20, bytes(32), [])
    kinds = ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"]
    found["output"] = {"head": bytes(31) + b"\1" + bytes(32 * 4), "domain": abi_encode(kinds, domain)}
    found["rpc_answer"] = {
        "result": b'{"jsonrpc":"2.0","id":1,"result":"0x1"}',
        "error": b'{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"execution reverted","data":"0x08c379a0"}}',
    }
    thing = {"@context": [CONTEXT], "id": "urn:a:b", "type": "Thing", "name": "x", "has": [{"size": 1.5}]}
    context = {"@version": 1.1, "id": "@id", "type": "@type", **DATA_INTEGRITY}
    context |= {name: f"urn:x:{name}" for name in ("Thing", "name", "has", "size")}
    found["context"] = {"small": json.dumps({"@context": context}).encode()}
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-22T10:00:00Z",
        "verificationMethod": SIGNER.verification_method,
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + base58_encode(bytes(range(64))),
    }
    found["graph_proof"] = {"small": json.dumps({**thing, "proof": proof}).encode()}
    prices = TESTS.parent / "passport/ledger_footprint/data/prices.json"
    found["data_file"] = {"prices": prices.read_bytes()}
    found["plain_values"] = {
        "json": b'{"a": [1, "x", true, null], "b": 1e3}',
        "yaml": b"a: [1, x, true]\nb: {c: 'd'}\n",
    }


def of_graphs(found: Found) -> None:
    """Tables in every form, packages of two LCA programs, tables of two LCA databases."""
    pack = TESTS.parent / "docs/example/pack"
    tables = {name: pyarrow.csv.read_csv(pack / f"{name}.csv") for name in ("edges", "nodes")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for name, table in tables.items():
            pyarrow.parquet.write_table(table, folder / f"{name}.parquet", compression="none")
            found["parquet"][name] = (folder / f"{name}.parquet").read_bytes()
            found["csv_gz"][name] = gzip.compress((pack / f"{name}.csv").read_bytes(), mtime=0)
        keep_graph(folder / "arrays", read_graph(pack, use_cache=False), key="k")
        found["arrays"]["pack"] = (folder / "arrays").read_bytes()
        bakery(folder / "olca.zip", {"flour": lognormal(1400, 1.3)})
        with zipfile.ZipFile(folder / "olca.zip") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        found["olca_package"]["bakery"] = packed({name.replace("@", "_"): each for name, each in members.items()})
        datapackage(folder / "bw", characterization=FACTORS)
        files = {path.name: path.read_bytes() for path in sorted((folder / "bw").iterdir())}
        found["datapackage"]["bakery"] = packed(files)
        found["zip"]["datapackage"] = zipped_of({name: each for name, each in files.items() if len(each) < 4000})
        found["zip"]["olca"] = zipped_of(members)
    found["uslci_tables"]["mill"] = packed({f"{name}.csv": text.encode() for name, text in USLCI.items()})
    found["useeio_tables"]["two"] = packed({f"{name}.csv": text.encode() for name, text in USEEIO.items()})


def zipped_of(files: dict[str, bytes]) -> bytes:
    packed_file = io.BytesIO()
    with zipfile.ZipFile(packed_file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed_file.getvalue()


DATA_INTEGRITY = {
    name: {"@id": f"https://w3id.org/security#{name}", "@type": "@id"}
    for name in ("proofPurpose", "verificationMethod")
} | {
    "assertionMethod": "https://w3id.org/security#assertionMethod",
    "created": {"@id": "http://purl.org/dc/terms/created", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
    "cryptosuite": "https://w3id.org/security#cryptosuite",
    "DataIntegrityProof": "https://w3id.org/security#DataIntegrityProof",
}
DATA_INTEGRITY["proofPurpose"] = {"@id": "https://w3id.org/security#proofPurpose", "@type": "@vocab"}
USLCI = {
    "processes": "process_id,name,location\nmill,Mill,US\noven,Bakery,US\n",
    "flows": "flow_id,name\nflour,Flour\nbread,Bread\nco2,Carbon dioxide\n",
    "linked_edges": "input_process_id,output_process_id\nmill,oven\n",
    "exchanges": "process_id,flow_id,ghg,kind,direction,reference,amount,unit,distribution,geometric_sd\n"
    "mill,flour,,product,out,1,1,kg,,\nmill,co2,CO2_fossil,elementary,out,0,0.5,kg,log_normal,1.2\n"
    "oven,bread,,product,out,1,2,kg,,\noven,flour,,product,in,0,1.4,kg,,\n",
}
USEEIO = {
    "A_edges": "input_id,output_id,amount_usd_per_usd\nflour,bread,0.25\n",
    "D_direct_intensity": "id,GHG [kg CO2e] per USD\nflour,0.5\nbread,0.1\n",
    "sectors": "id,name,location,category\nflour,Flour,US,11\nbread,Bread,US,31\n",
}

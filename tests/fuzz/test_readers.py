"""No reader of outsiders' bytes without a fuzz target: the readers are found in the source, and the targets are run.

What no target reaches is listed here with the reason why nobody from outside writes what it reads, or why another
reader has judged it before. A name that is no reader any more, or that a target does reach, has to go from the list.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fuzz_target import Target
from fuzz_targets import TARGETS
from readers import reached, readers, readers_of

HERE = Path(__file__).resolve().parent

SHIPPED = "a file that comes with the program"
OWN = "the workspace's, witness's or issuer's own: whoever writes there has its keys"
STORED = "judged by another reader before it was stored"
MADE_HERE = "bytes that were made here a moment before"
THIN = "hands on to readers that have targets"
TOOL = "a developer's tool"

NOT_FUZZED: dict[str, str] = {
    "contracts/analyse.py::run_slither": TOOL,
    "contracts/build.py::_differing_members": TOOL,
    "contracts/build.py::_run_compiler": TOOL,
    "passport/carbon/electricity.py::_grid": SHIPPED,
    "passport/carbon/uncertain_inputs.py::product_keys": MADE_HERE,
    "passport/credentials/batch.py::_Signing.opened": THIN,
    "passport/credentials/keys.py::load_credential_key": OWN,
    "passport/credentials/local_contexts.py::read_local_contexts": THIN,
    "passport/credentials/presentation.py::_row_at_hand": STORED,
    "passport/credentials/presentation.py::build_presentation": STORED,
    "passport/exchange/packed_texts.py::PackedTexts.of": MADE_HERE,
    "passport/exchange/packed_texts.py::PackedTexts.places": MADE_HERE,
    "passport/exchange/passport_graph.py::_rows": STORED,
    "passport/filing.py::committed_rows": STORED,
    "passport/filing.py::file_footprint_bytes": THIN,
    "passport/filing.py::file_untp06": THIN,
    "passport/filing.py::verify_event": THIN,
    "passport/issuer/presenting.py::openings_of": OWN,
    "passport/issuer/presenting.py::present_sd_jwt": STORED,
    "passport/issuer/upstream.py::_imported_facts": STORED,
    "passport/ledger/evm.py::_header": MADE_HERE,
    "passport/ledger/merkle.py::verify_consistency": "hashes of one length in a list; tests/ledger has its properties",
    "passport/ledger/relay.py::Relay._same_under_way": STORED,
    "passport/ledger/relay_anchor.py::RelayAnchor.send": STORED,
    "passport/ledger/rpc_wire.py::_is_json": "asks whether it is JSON; `RpcClient.ask` then reads it",
    "passport/ledger_footprint/log_gas.py::_written_down": SHIPPED,
    "passport/model/profile.py::read_profile": SHIPPED,
    "passport/publication.py::_deliveries_of": STORED,
    "passport/publication.py::_is_withheld": OWN,
    "passport/store/observed_rows.py::ObservedBlocks.observed_validators": STORED,
    "passport/store/store.py::Store.get_setting": OWN,
    "passport/witness_folder.py::read_witness": OWN,
    "passport/workspace/keys_on_chain.py::register": "a closed model of a few texts over `parse`",
    "passport/workspace/workspace.py::Workspace.open": OWN,
    "verifier/bundle_source.py::_method_of": "of a document that no reader has taken: names nothing then",
    "verifier/examine.py::_without_proof": "`read_secured` has read the same bytes, up to the proof",
    "verifier/imports.py::examine_import": THIN,
    "verifier/presentation.py::judge_sd_jwt": THIN,
    "passport/credentials/status_list.py::verify_status_credential": THIN,
    "passport/filing.py::file_pinned_did_document": THIN,
    "passport/filing.py::verify_event_with_key": THIN,
    "passport/filing.py::verify_status_list": THIN,
    "passport/ledger/organisation_key.py::_public_key": OWN,
    "passport/ledger/relay_follow.py::_order": STORED,
    "api/lookup.py::_is_shown": STORED,
    "api/lookup.py::_names_delivery": STORED,
    "api/server.py::_JsonLines.format": MADE_HERE,
    "api/describe.py::_add_examples": SHIPPED,
    "api/routers/relay.py::_accept": THIN,
    "api/sources.py::is_withheld": OWN,
    "cli/commands/init.py::_read": OWN,
    "cli/commands/keys.py::linked_accounts": THIN,
    "cli/commands/ledger_sign.py::ledger_sign": OWN,
    "cli/commands/register.py::_registration_cost": "a closed model of a few texts over `parse`",
    "cli/demo/data.py::load_cast": SHIPPED,
    "cli/demo/sabotage.py::UnsafeQuantityLiar._calculate": MADE_HERE,
    "cli/demo/story.py::_is_ours": OWN,
}


def test_every_reader_is_reached_by_a_target_or_reads_what_no_outsider_writes() -> None:
    """In a process of its own: here others may have filled what is computed once, and no reader would run again."""
    path = os.pathsep.join(map(str, (HERE.parent.parent, HERE, HERE.parent, HERE.parent / "ledger")))
    command = [sys.executable, "-W", "ignore", str(HERE / "readers.py")]
    environment = {**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    found, run = set(readers()), set(done.stdout.splitlines())
    left = sorted(found - run - NOT_FUZZED.keys())
    assert left == [], "give these a target in tests/fuzz, or say here why nobody from outside writes what they read"
    assert sorted(NOT_FUZZED.keys() - found) == [], "these read nothing any more"
    assert sorted(NOT_FUZZED.keys() & run) == [], "these have a target by now"


SOURCE = """
import json as j
import numpy as np
from base64 import b64decode as decode
from passport.credentials import parse


class Reader:
    def of(self, text):
        return j.loads(text)


def lines(text):
    def each(line):
        return decode(line)

    return [each(line) for line in text]


def values(data):
    return np.load(data)


def document(data):
    return parse(data)


def read_tag(data: bytes) -> int:
    return data[0]


def read_text(data: str) -> str:
    return data


def write(value):
    return j.dumps(value)
"""


def test_readers_are_found_by_what_they_do_and_by_what_they_take() -> None:
    """Under whatever name a decoder is imported, in a class, and in a function inside another."""
    assert list(readers_of(SOURCE)) == ["Reader.of", "lines", "values", "document", "read_tag"]


def test_what_a_target_reaches_is_what_it_runs() -> None:
    """A target by itself: it runs its own reader and those below it, and no other's."""
    run = reached([TARGETS["base64url"]], bent=0)
    assert "passport/credentials/multikey.py::base64url_decode" in run
    assert "passport/credentials/jws.py::read_jws" not in run
    idle = Target("base64url", lambda data: data)
    assert not {name for name in reached([idle], bent=0) if name.startswith("passport/")}
    assert sys.getprofile() is None

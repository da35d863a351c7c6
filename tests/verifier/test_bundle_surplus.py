"""Bundles that hold more or less than an audit asks for: surplus lines, histories, what is withheld."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundle_text import BundleText, judge, make, outcome
from forge import commit, draft_of, filler
from judged import row
from verifier_world import World, signer_of

from passport.credentials import build_did_web_document, jcs
from passport.errors import DocumentError
from passport.model.digest import digest_of
from verifier.bundle import BundleFile, from_base64url, to_base64url
from verifier.bundle_source import BundleSource
from verifier.outcome import CheckId, Outcome
from verifier.policy import default_policy
from verifier.trust import KnownBlock, Trust
from verifier.verifier import Verifier


def test_a_line_that_nothing_asks_for(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """One more line in each section: refused, naming it, with trust and without."""
    digest = world.issued["pack"].digest
    additions = {
        "did": ("did:web:zebra.example", to_base64url(b"{}")),
        "header": ("ff" * 32, to_base64url(b"x")),
        "history": (text.sections["history"][0][0].decode()[:-64] + "ff" * 32, text.sections["history"][0][1]),
        "imported": (digest, b"{}"),
        "inclusion": (text.sections["inclusion"][0][0].decode()[:-1] + "9", text.sections["inclusion"][0][1]),
        "key": ("0x" + "ff" * 32 + ":" + "ff" * 32, text.sections["key"][0][1]),
        "passport": (digest, world.source.passports[digest]),
        "statement": (digest, b"{}"),
    }
    for section, (key, payload) in additions.items():
        changed = text.copy()
        changed.put(section, key, payload)
        path = changed.write(tmp_path / "b")
        if section == "header":
            assert outcome(world, path, trust) != "passed"
            continue
        with pytest.raises(DocumentError, match="holds what nothing in its tree asks for") as caught:
            judge(world, path, trust)
        assert key[:60] in str(caught.value.found)
        if section in ("did", "imported", "passport", "statement"):
            with pytest.raises(DocumentError, match="holds what nothing in its tree asks for"):
                judge(world, path, None)


def test_a_trie_node_that_nothing_asks_for(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """A node of the same state, under its right hash, that no check reads."""
    from eth_hash.auto import keccak

    node = bytes([0xC8, 0x82, 0x20, 0x01, 0x84, 1, 2, 3, 4])
    text.put("node", keccak(node).hex(), to_base64url(node))
    with pytest.raises(DocumentError, match="holds what nothing in its tree asks for"):
        judge(world, text.write(tmp_path / "b"), trust)


def test_did_documents_hold_nothing_but_the_keys_in_use(
    world: World, text: BundleText, trust: Trust, tmp_path: Path
) -> None:
    """Nobody signs them, so nothing in them is left to anybody's choice."""
    key, payload = text.sections["did"][0]
    did = key.decode()
    honest = json.loads(from_base64url(payload, where="did"))
    assert set(honest) == {"assertionMethod", "id", "verificationMethod"}
    method = honest["verificationMethod"][0]
    second = {**method, "id": f"{did}#key-2"}
    for changed in (
        jcs({**honest, "alsoKnownAs": ["https://famous.example"]}),
        jcs({**honest, "verificationMethod": [method, second], "assertionMethod": [method["id"], second["id"]]}),
        jcs({**honest, "service": []}),
        json.dumps(honest, indent=1).encode(),
        jcs({**honest, "verificationMethod": [{**method, "type": "Multikey", "note": "x"}]}),
    ):
        other = text.copy()
        other.put("did", did, to_base64url(changed))
        for known in (trust, None):
            with pytest.raises(DocumentError, match="more than the methods that signatures name"):
                judge(world, other.write(tmp_path / "b"), known)


def test_only_strangers_documents(own_world: World, tmp_path: Path) -> None:
    """Nobody knows who signed the ore; the bundle asks the chain of the keys in it and of no others, and is taken."""
    did, source, strangers = "did:web:mine.example", own_world.source.clone(), range(6)
    source.forget_did_documents(did)
    source.more_dids[did] = [
        build_did_web_document(did, multikeys=[signer_of(f"stranger {number}", f"{did}#key-1").multikey])
        for number in strangers
    ]
    trust, digest = own_world.trust_with(), own_world.issued["ore"].digest
    written = make(own_world, tmp_path / "b", digest, trust, source)
    read = judge(own_world, tmp_path / "b", trust)
    reason = "no DID document at hand names a key that the registry has bound to the issuer"
    for report in (written, read):
        assert report.verdict == "undecided"
        assert row(report, "ore", "signature").reason == reason


def test_a_key_that_ended_between_two_passports(own_world: World, tmp_path: Path) -> None:
    """One method signed both; the bundle keeps its end, or the later passport would pass in it and nowhere else."""
    did, source = "did:web:smelter.example", own_world.source.clone()
    document = json.loads(source.dids[did])
    for method in document["verificationMethod"]:
        method["expires"] = own_world.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    source.dids[did] = jcs(document)
    later = draft_of(own_world, "metal")
    later.credential["credentialSubject"]["batchNumber"] = "metal-2"
    forged = later.publish(source=source, keeps_honest=True)
    pack = draft_of(own_world, "pack")
    pack.build_on("cable", forged)
    pack.row("cable")["unit"] = "kilogram"
    pack.recompute()
    pack.settle()
    top = pack.publish(source=source)
    trust = Trust(chains=(own_world.trusted,))
    written = make(own_world, tmp_path / "b", top.digest, trust, source)
    head = BundleText.read(tmp_path / "b").block
    read = judge(own_world, tmp_path / "b", own_world.trust_with(head))
    for report in (written, read):
        found = report.records[forged.digest].row(CheckId.SIGNATURE)
        assert found is not None
        assert (found.outcome, "had ended (expires)" in str(found.reason)) == (Outcome.FAILED, True)
        honest = own_world.issued["metal"].digest
        assert report.records[honest].outcome(CheckId.SIGNATURE) is Outcome.PASSED
        assert report.verdict == "failed"


HISTORIES: dict[str, Callable[[Any], object]] = {
    "a checkpoint beyond the block": lambda h: (
        h["checkpoints"].append(["0x" + "11" * 32, 10_000]),
        h["consistency"].append(""),
    ),
    "a checkpoint before the first that is needed": lambda h: (
        h.update(first=0),
        h["checkpoints"].insert(0, ["0x" + "11" * 32, 0]),
        h["consistency"].insert(0, ""),
    ),
    "a size as text": lambda h: h["checkpoints"][0].__setitem__(1, str(h["checkpoints"][0][1])),
    "a root in capitals": lambda h: h["checkpoints"][0].__setitem__(0, "0X" + str(h["checkpoints"][0][0])[2:].upper()),
    "the first as true": lambda h: h.update(first=True),
    "a member more": lambda h: h.update(note="x"),
    "a path of half a hash": lambda h: h["consistency"].__setitem__(0, "AAAA"),
    "no checkpoints": lambda h: h.update(checkpoints=[], consistency=[]),
    "checkpoints as an object": lambda h: h.update(checkpoints={}),
}


@pytest.mark.parametrize("change", HISTORIES.values(), ids=HISTORIES.keys())
def test_histories_that_say_more_or_less(own_world: World, tmp_path: Path, change: Callable[[Any], object]) -> None:
    """A history is exactly what the audit follows: from the first leaf's checkpoint to the head, in one spelling."""
    parts = own_world.companies["parts"]
    log = own_world.source.logs[parts.log_key]
    commit(own_world, parts, log, [filler(1)])
    commit(own_world, parts, log, [filler(2)])
    make(own_world, tmp_path / "b", own_world.issued["housing"].digest, own_world.trust)
    known = own_world.trust_with()
    text = BundleText.read(tmp_path / "b")
    assert outcome(own_world, tmp_path / "b", known) == "passed"
    key = parts.log_key.encode()
    history = json.loads(dict(text.sections["history"])[key])
    change(history)
    text.put("history", key.decode(), jcs(history))
    assert outcome(own_world, text.write(tmp_path / "b"), known) != "passed"


def test_an_older_history(own_world: World, tmp_path: Path) -> None:
    """The proofs of yesterday's bundle beside today's state: the newest checkpoints are missing."""
    parts = own_world.companies["parts"]
    make(own_world, tmp_path / "old", own_world.issued["housing"].digest, own_world.trust)
    commit(own_world, parts, own_world.source.logs[parts.log_key], [filler(1)])
    make(own_world, tmp_path / "new", own_world.issued["housing"].digest, own_world.trust)
    old, new = BundleText.read(tmp_path / "old"), BundleText.read(tmp_path / "new")
    new.put("history", parts.log_key, old.payload("history", parts.log_key))
    new.write(tmp_path / "b")
    assert outcome(own_world, tmp_path / "b", own_world.trust_with()) in ("undecided", "refused")
    with BundleFile(tmp_path / "b") as bundle:
        report = own_world.audit(
            own_world.issued["housing"].digest, BundleSource(bundle), trust=own_world.trust_with(), is_snapshot=True
        )
    assert row(report, "housing", "consistency").reason == "checkpoints 2 to 2 are not at hand"
    assert report.verdict == "undecided"


def test_a_history_from_a_store_that_knows_more(own_world: World, tmp_path: Path) -> None:
    """Judged as of an older block, a bundle holds the log as it was then, and still passes."""
    parts = own_world.companies["parts"]
    head = own_world.chain.head()
    block = KnownBlock(number=head.number, hash="0x" + head.hash.hex())
    commit(own_world, parts, own_world.source.logs[parts.log_key], [filler(1)])
    earlier = own_world.source.clone()
    earlier.block = head.number
    make(own_world, tmp_path / "b", own_world.issued["housing"].digest, own_world.trust, earlier)
    history = json.loads(BundleText.read(tmp_path / "b").payload("history", parts.log_key))
    assert len(history["checkpoints"]) == 1
    assert judge(own_world, tmp_path / "b", own_world.trust_with(block)).verdict == "passed"


def _withhold(world: World, text: BundleText, name: str) -> BundleText:
    digest = world.issued[name].statement_digest
    changed = text.copy()
    changed.drop("statement", digest)
    return changed


def test_statements_left_out(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """Whoever hands over the bundle may leave statements out: it is said, and counts as withheld."""
    report = judge(world, _withhold(world, text, "ore").write(tmp_path / "b"), trust)
    assert row(report, "ore", "arithmetic").reason == "the statement is withheld"
    assert report.coverage.withheld > 0.3
    assert report.verdict == "undecided"  # more than a fifth of the emissions cannot be re-done
    assert judge(world, tmp_path / "b", trust, default_policy(min_recomputed=0.5, accept_imported=True)).verdict == (
        "passed"
    )
    with pytest.raises(DocumentError, match="nothing in its tree asks for"):  # nothing below the top is reached
        judge(world, _withhold(world, text, "housing").write(tmp_path / "b"), trust)


def test_the_tops_statement_left_out_with_all_below_it(own_world: World, tmp_path: Path) -> None:
    """A bundle of nothing but a top passport that keeps its sum to itself is well-formed, and no pass."""
    source = own_world.source.clone()
    source.statements.pop(own_world.issued["housing"].statement_digest)
    make(own_world, tmp_path / "b", own_world.issued["housing"].digest, own_world.trust, source)
    report = judge(own_world, tmp_path / "b", own_world.trust_with())
    assert report.verdict == "undecided"
    assert report.reasons[0] == "Product housing: arithmetic unknown: the statement is withheld"


def test_rows_in_another_order_are_refused(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """Rows stand in the order of their bytes: there is one way to write them."""
    key = world.issued["housing"].statement_digest
    statement, *rows = text.payload("statement", key).split(b"\t")
    assert len(rows) >= 2
    text.put("statement", key, b"\t".join([statement, *reversed(rows)]))
    report = judge(world, text.write(tmp_path / "b"), trust)
    assert report.verdict == "failed"
    assert "opened rows are not in their one order" in str(row(report, "housing", "arithmetic").reason)


def test_another_top(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """The bundle said to be about a supplier of its supplier: then most of it is for nothing."""
    text.header["top"] = world.issued["ore"].digest
    with pytest.raises(DocumentError, match="nothing in its tree asks for"):
        judge(world, text.write(tmp_path / "b"), trust)
    text.header["top"] = world.issued["pack"].digest
    assert outcome(world, text.write(tmp_path / "b"), trust) == "refused"


def test_the_sdk_refuses_surplus_too(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """`Verifier` over a bundle with one statement that nothing pins raises, for `audit` and for `verify`."""
    text.put("statement", digest_of(b"{}"), b"{}")
    path = text.write(tmp_path / "b")
    with BundleFile(path) as bundle:
        policy = default_policy(accept_imported=True)
        verifier = Verifier(BundleSource(bundle), trust=trust, policy=policy, clock=world.now, is_snapshot=True)
        for judged in (verifier.audit, verifier.verify):
            with pytest.raises(DocumentError, match="holds what nothing in its tree asks for"):
                judged(bundle.header.top)

"""Bundles: the same verdict as from the store with everything else gone, and no lie survives the header's hash."""

from __future__ import annotations

import base64
import json
import random
import shutil
from array import array
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_text import BundleText, judge, make, outcome
from forge import commit, draft_of, filler
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judged import only_failure, row, rows_of
from verifier_world import World, reopen, signer_of, ticking

from passport.credentials import build_did_web_document, jcs
from passport.errors import BoundError, DocumentError, PassportError
from passport.ledger import EmbeddedChain, StatusKind
from passport.model.digest import digest_of
from verifier.bundle import SECTIONS, BundleFile, BundleHeader, from_base64url, to_base64url, write_bundle
from verifier.bundle_lines import Lines
from verifier.bundle_source import BundleSource
from verifier.outcome import CheckId, Outcome, Severity
from verifier.policy import default_policy, strict_policy
from verifier.store_source import StoreSource
from verifier.trust import KnownBlock, Trust
from verifier.verifier import Verifier

SEED = 20261122


@pytest.fixture(scope="module")
def bundle(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the housing: two tiers below it, and the import that nobody signed."""
    path = tmp_path_factory.mktemp("bundle") / "housing.bundle"
    report = make(world, path, world.issued["housing"].digest, world.trust)
    assert report.verdict == "passed", report.reasons
    return path


@pytest.fixture(scope="module")
def trust(world: World, bundle: Path) -> Trust:
    """The trust file with the bundle's block in it."""
    return world.trust_with(BundleText.read(bundle).block)


@pytest.fixture
def text(bundle: Path) -> BundleText:
    """The bundle taken apart."""
    return BundleText.read(bundle)


# --- the same judgement ---


def test_the_same_report_as_from_the_store(world: World, tmp_path: Path) -> None:
    """Verdict, rows, coverage and responsibility; only the note of the bundle's own age is added."""
    with world.auditor_store() as store:
        source = StoreSource(store, world.chain)
        made = make(world, tmp_path / "top.bundle", world.top, world.trust, source)
        stored = world.audit(source=source).to_json()
    report = judge(world, tmp_path / "top.bundle", world.trust_with()).to_json()
    assert report.pop("notes") == [
        {"code": "bundle_age", "severity": "info", "text": report_age(report["as_of"]["block"])}
    ]
    assert stored.pop("notes") == []
    assert report == stored
    assert made.to_json()["nodes"] == report["nodes"]


def report_age(block: int) -> str:
    """The note of a bundle judged at its own block's time."""
    return f"judged as of its own block {block}, 0 days before the moment asked for"


def test_two_bundles_of_one_tree_are_the_same_bytes(own_world: World, tmp_path: Path) -> None:
    """There is one way to write it, whatever order the source hands things out in."""
    make(own_world, tmp_path / "one", own_world.top, own_world.trust)
    source = own_world.source.clone()
    for rows in source.rows.values():
        rows.reverse()
    make(own_world, tmp_path / "other", own_world.top, own_world.trust, source)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_written_again_it_is_the_same(bundle: Path, tmp_path: Path) -> None:
    """Taken apart and put together by the tests' own writer."""
    assert BundleText.read(bundle).write(tmp_path / "b").read_bytes() == bundle.read_bytes()


def test_everything_else_gone(world_folder: Path, tmp_path: Path) -> None:
    """Chain, stores and publications are deleted; the bundle and a trust file are left."""
    shutil.copytree(world_folder, tmp_path / "world")
    with EmbeddedChain.open(tmp_path / "world" / "chain.db", clock=ticking()) as chain:
        gone = reopen(tmp_path / "world", chain)
        make(gone, tmp_path / "top.bundle", gone.top, gone.trust)
        known, moment = gone.trust_with(), gone.now()
    shutil.rmtree(tmp_path / "world")
    report = judge(gone, tmp_path / "top.bundle", known, at=moment)
    assert report.verdict == "passed"
    assert report.as_of.block == known.chains[0].blocks[0].number
    strict = judge(gone, tmp_path / "top.bundle", known, strict_policy(), at=moment)
    assert strict.verdict == "undecided"


def test_without_a_trust_file(world: World, bundle: Path) -> None:
    """Whatever needs the chain is unknown, saying so; what the documents show by themselves is not."""
    report = judge(world, bundle, None)
    assert report.verdict == "undecided"
    assert rows_of(report, Outcome.FAILED) == {}
    for check in ("validity", "inclusion", "consistency", "identity", "status"):
        assert row(report, "metal", check).outcome is Outcome.UNKNOWN
    assert row(report, "metal", "inclusion").reason == "no trust file says which chain counts"
    for check in ("signature", "digest", "schema", "agreement", "arithmetic", "double_counting"):
        assert row(report, "metal", check).outcome is Outcome.PASSED


def test_a_block_that_the_trust_file_does_not_know(world: World, bundle: Path) -> None:
    """The bundle's block may be anybody's: unknown, naming it and what would count."""
    block = BundleText.read(bundle).block
    for known in ((), (KnownBlock(number=block.number, hash="0x" + "11" * 32),)):
        trusted = world.trusted.model_copy(update={"blocks": known})
        report = judge(world, bundle, Trust(chains=(trusted,)))
        assert report.verdict == "undecided"
        found = row(report, "housing", "inclusion")
        assert found.outcome is Outcome.UNKNOWN
        assert "the bundle's block is not in the trust file" in str(found.reason)
        assert f"block {block.number}, {block.hash}" in str(found.reason)


def test_the_trust_file_of_another_chain(world: World, bundle: Path) -> None:
    """The same chain id from another genesis."""
    block = BundleText.read(bundle).block
    other = world.trusted.model_copy(update={"genesis": "0x" + "33" * 32, "blocks": (block,)})
    report = judge(world, bundle, Trust(chains=(other,)))
    assert {check for _, check in rows_of(report, Outcome.FAILED)} == {"inclusion"}
    assert row(report, "housing", "inclusion").reason == "not the chain in the trust file"


def test_a_bundle_that_fails_still_says_where(world: World, tmp_path: Path) -> None:
    """A bundle of a bad tree is no bad bundle."""
    draft = draft_of(world, "housing")
    draft.row("metal")["quantity"] = "1"
    forged = draft.publish()
    report = make(world, tmp_path / "bad.bundle", forged.digest, world.trust, forged.source)
    assert report.verdict == "failed"
    found = only_failure(judge(world, tmp_path / "bad.bundle", world.trust_with()), "housing", "arithmetic")
    assert "row metal" in str(found.reason)


def test_the_age_of_a_bundle(world: World, bundle: Path, trust: Trust) -> None:
    """Judged as of its own block for ever, with a note that becomes a warning after 30 days."""
    for days, severity in ((0, Severity.INFO), (30, Severity.INFO), (31, Severity.WARNING)):
        report = judge(world, bundle, trust, at=world.now() + timedelta(days=days))
        assert report.verdict == "passed"
        (note,) = report.notes
        assert (note.code, note.severity) == ("bundle_age", severity)
        assert f"{days} days before the moment asked for" in note.text


def test_an_old_bundle_hides_a_revocation_and_says_how_old_it_is(own_world: World, tmp_path: Path) -> None:
    """As of a block that the trust file knows nothing of it was said yet; as of the newer one it was."""
    old_block = KnownBlock(number=own_world.chain.head().number, hash="0x" + own_world.chain.head().hash.hex())
    make(own_world, tmp_path / "old.bundle", own_world.top, own_world.trust)
    own_world.set_status(own_world.companies["smelter"], 0, StatusKind.REVOKED)
    make(own_world, tmp_path / "new.bundle", own_world.top, own_world.trust)
    new_block = own_world.trust_with().chains[0].blocks[0]
    both = own_world.trust_with(old_block, new_block)
    old = judge(own_world, tmp_path / "old.bundle", both)
    assert old.verdict == "passed"
    assert old.as_of.block == old_block.number
    assert [note.code for note in old.notes] == ["bundle_age"]
    only_failure(judge(own_world, tmp_path / "new.bundle", both), "metal", "status")
    # A verifier that knows only the newer block is not taken in.
    assert judge(own_world, tmp_path / "old.bundle", own_world.trust_with(new_block)).verdict == "undecided"


# --- a bundle that is none ---

NO_BUNDLES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "the bundle is empty"),
    "one line feed": (lambda data: b"\n", "not JSON"),
    "no line feed": (lambda data: data[:50], "not a bundle"),
    "only its header": (lambda data: data[: data.index(b"\n") + 1], "truncated or was changed"),
    "the last byte gone": (lambda data: data[:-1], "truncated or was changed"),
    "half of it": (lambda data: data[: len(data) // 2], "truncated or was changed"),
    "a byte more": (lambda data: data + b"\n", "truncated or was changed"),
    "a byte flipped": (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "truncated or was changed"),
    "white space in the header": (lambda data: data.replace(b'{"asOf":', b'{ "asOf":', 1), "not in canonical form"),
    "a header as long as a book": (lambda data: b"x" * (1 << 20) + b"\n", "not a bundle"),
    "another format": (lambda data: data.replace(b"bundle/1.0", b"bundle/2.0", 1), "another format"),
    "a number as header": (lambda data: b"7\n", "not a bundle's header"),
    "a list as header": (lambda data: b"[]\n", "not a bundle's header"),
    "nothing in the header": (lambda data: b"{}\n", "not a bundle's header"),
    "NaN in the header": (lambda data: data.replace(b'"block":', b'"block":NaN,"x":', 1), "not JSON"),
    "a deep header": (lambda data: b"[" * 5000 + b"\n", "too deep"),
    "not UTF-8": (lambda data: b"\xff\xfe\n", "not JSON"),
    "a picture": (lambda data: b"\x89PNG\r\n\x1a\n" + bytes(100), "not JSON"),
}


@pytest.mark.parametrize(("change", "reason"), NO_BUNDLES.values(), ids=NO_BUNDLES.keys())
def test_a_file_that_is_no_bundle(bundle: Path, tmp_path: Path, change: Callable[[bytes], bytes], reason: str) -> None:
    """Refused on opening, saying what is wrong."""
    path = tmp_path / "b"
    path.write_bytes(change(bundle.read_bytes()))
    with pytest.raises(PassportError, match=reason):
        BundleFile(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, nothing at all, and a file of more than 2 GB (without writing 2 GB)."""
    with pytest.raises(DocumentError, match="cannot be read"):
        BundleFile(tmp_path)
    with pytest.raises(DocumentError, match="cannot be read; found No such file"):
        BundleFile(tmp_path / "nothing")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((2 << 30) + 1)
    with pytest.raises(BoundError, match="the bundle is too large; expected at most 2 GB; found 2147483649"):
        BundleFile(large)


HEADERS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a count too many": (
        lambda h: h["sections"][7].__setitem__(1, 5),
        "more lines than its header says|no key|must rise",
    ),
    "a count too few": (lambda h: h["sections"][7].__setitem__(1, 1), "more lines|no key|must rise"),
    "a count below zero": (lambda h: h["sections"][0].__setitem__(1, -1), "too many lines"),
    "a count that is true": (lambda h: h["sections"][1].__setitem__(1, True), "too many lines"),
    "twenty million lines": (lambda h: h["sections"][0].__setitem__(1, 19_000_000), "fewer lines than its header says"),
    "more lines than are read": (lambda h: h["sections"][0].__setitem__(1, 10**15), "too many lines"),
    "sections in another order": (lambda h: h["sections"].reverse(), "other sections"),
    "a section twice": (lambda h: h["sections"].append(["did", 0]), "other sections"),
    "sections as an object": (lambda h: h.update(sections={"did": 1}), "not a bundle's header|other sections"),
    "a member more": (lambda h: h.update(note="trust me"), "holds other members"),
    "no top": (lambda h: h.pop("top"), "not a bundle's header"),
    "a top that is no digest": (lambda h: h.update(top="uEiAAAA"), "not a SHA-256 digest"),
    "a block as text": (lambda h: h["asOf"].update(block="7"), "not a block"),
    "a block that is true": (lambda h: h["asOf"].update(block=True), "not a block"),
    "a chain that is null": (lambda h: h["asOf"].update(chain=None), "not a block"),
    "an as-of of its own": (lambda h: h["asOf"].update(trusted=True), "holds other members"),
}


@pytest.mark.parametrize(("change", "reason"), HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_does_not_fit(
    text: BundleText, tmp_path: Path, change: Callable[[Any], object], reason: str
) -> None:
    """The hash of the lines is right; what the header says of them is not. Nothing of that size is ever made."""
    path = text.write(tmp_path / "b")
    first, _, body = path.read_bytes().partition(b"\n")
    header = json.loads(first)
    change(header)
    path.write_bytes(jcs(header) + b"\n" + body)
    with pytest.raises(DocumentError, match=reason):
        BundleFile(path)


def test_a_line_longer_than_is_read(text: BundleText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many bytes a line, key and all; what would be longer is not written either."""
    longest = max(len(key) + 1 + len(payload) for lines in text.sections.values() for key, payload in lines)
    monkeypatch.setattr("verifier.bundle_lines.MAX_LINE_BYTES", longest)
    BundleFile(text.write(tmp_path / "b")).close()
    key, payload = text.sections["statement"][0]
    text.sections["statement"][0] = (key, payload + b"x" * longest)
    with pytest.raises(DocumentError, match="a line is missing, too long or has no key") as caught:
        BundleFile(text.write(tmp_path / "b"))
    assert str(caught.value.where).endswith("statement, line 1")
    monkeypatch.setattr("verifier.bundle.MAX_LINE_BYTES", 100)
    header = BundleHeader(digest_of(b"top"), None, None, None, None)
    with pytest.raises(BoundError, match="a line is too long; expected at most 100 bytes; found 105"):
        write_bundle(tmp_path / "w", header, {"statement": {"a" * 52: b"x" * 52}})
    with pytest.raises(DocumentError, match="a line feed in what is to be bundled"):
        write_bundle(tmp_path / "w", header, {"statement": {"a": b"x\ny"}})
    assert not (tmp_path / "w").exists()


def test_keys_that_crowd_together_are_refused() -> None:
    """Where Python was told to hash by one known key, whoever writes a bundle can choose keys of one place."""
    spread, crowded = array("q", range(2000)), array("q", [7] * 2000)
    assert Lines(memoryview(bytearray(16_000)).cast("Q"), spread, 0).used == bytes(2000)
    with pytest.raises(BoundError, match="the keys of the bundle were chosen to slow readers down"):
        Lines(memoryview(bytearray(16_000)).cast("Q"), crowded, 0)


def test_a_key_with_a_space_is_no_key(world: World, text: BundleText, tmp_path: Path) -> None:
    """The beginning of another line looks like one."""
    key, payload = text.sections["passport"][0]
    with BundleFile(text.write(tmp_path / "b")) as bundle:
        assert bundle.peek("passport", key.decode()) == payload
        assert bundle.peek("passport", (key + b" " + payload[:5]).decode()) is None


def test_what_an_issuer_committed_to_and_nobody_can_read_is_not_bundled(own_world: World, tmp_path: Path) -> None:
    """A row with a tab in it would come apart into several: it is no row in canonical form, and said so."""
    source = own_world.source.clone()
    statement = own_world.issued["housing"].statement_digest
    source.rows[statement] = [*source.rows[statement][:-1], b"\t".join(source.rows[statement][-2:])]
    with pytest.raises(DocumentError, match="a document that is not in canonical form cannot be bundled"):
        make(own_world, tmp_path / "b", own_world.issued["housing"].digest, own_world.trust, source)
    assert not (tmp_path / "b").exists()


def test_the_block_of_the_header(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """Another number, another hash, another chain, or none: never the block that the proofs are of."""
    honest = dict(text.header["asOf"])
    for change, expected in (
        ({"block": honest["block"] + 1}, {"undecided", "refused"}),
        ({"hash": "0x" + "11" * 32}, {"undecided"}),
        ({"chain": "eip155:1"}, {"undecided"}),
        ({"genesis": "0x" + "11" * 32}, {"undecided"}),
    ):
        text.header["asOf"] = {**honest, **change}
        assert outcome(world, text.write(tmp_path / "b"), trust) in expected, change
    text.header["asOf"] = None
    assert outcome(world, text.write(tmp_path / "b"), trust) == "undecided"


# --- lies that survive the hash ---


def _lines(text: BundleText) -> Iterator[tuple[str, int]]:
    for name in SECTIONS:
        for index in range(len(text.sections[name])):
            yield name, index


def _flip(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def _may_be_withheld(section: str) -> bool:
    """A statement with its rows, or a delivery, may be kept from anybody; below the top that is passed and said."""
    return section in ("delivery", "statement")


def test_every_line_changed_dropped_doubled_and_swapped(
    world: World, text: BundleText, trust: Trust, tmp_path: Path
) -> None:
    """Each line of the bundle in turn, with the header's hash and counts made to fit: never the same pass."""
    rng = random.Random(SEED)
    honest = judge(world, text.write(tmp_path / "honest"), trust).to_json()
    path = tmp_path / "b"
    tried = 0
    wrong: list[tuple[object, ...]] = []

    def attempt(changed: BundleText, what: str, section: str, index: int) -> None:
        nonlocal tried
        tried += 1
        try:
            report = judge(world, changed.write(path), trust)
        except PassportError:
            return
        if report.verdict != "passed":
            return
        says_withheld = report.coverage.withheld > honest["coverage"]["withheld"]
        if section == "delivery":
            says_withheld = row(report, "metal", "custody").reason == "row ore: the delivery is not at hand"
        if not (what == "drop" and _may_be_withheld(section) and says_withheld):
            wrong.append((what, section, index, text.sections[section][index]))

    for section, index in _lines(text):
        lines = text.sections[section]
        key, payload = lines[index]
        changes = [
            ("key", (_flip(key, rng.randrange(len(key)), rng.randrange(8)), payload)),
            ("payload", (key, _flip(payload, rng.randrange(len(payload)), rng.randrange(8)))),
        ]
        if section != "node":  # of which there are many, and which are their own hashes
            changes += [
                ("payload", (key, _flip(payload, rng.randrange(len(payload)), 0))),
                ("cut", (key, payload[:-1])),
                ("beheaded", (key, payload[1:])),
                ("shorter key", (key[:-1], payload)),
                ("longer", (key, payload + b"A")),
                ("space", (key, payload + b" ")),
            ]
        for what, line in changes:
            changed = text.copy()
            changed.sections[section][index] = line
            if b"\n" not in line[0] + line[1] and b" " not in line[0]:
                attempt(changed, what, section, index)
        changed = text.copy()
        del changed.sections[section][index]
        attempt(changed, "drop", section, index)
        if section == "node" and index % 5:
            continue
        changed = text.copy()
        changed.sections[section].insert(index, lines[index])
        attempt(changed, "double", section, index)
        if len(lines) == 1:
            continue
        other = (index + 1) % len(lines)
        changed = text.copy()
        changed.sections[section][index] = (key, lines[other][1])
        changed.sections[section][other] = (lines[other][0], payload)
        if lines[other][1] != payload:
            attempt(changed, "swap", section, index)
        changed = text.copy()
        changed.sections[section][index], changed.sections[section][other] = lines[other], lines[index]
        attempt(changed, "order", section, index)
    for index, (key, payload) in enumerate(text.sections["statement"]):
        for what, parts in _rearranged(payload.split(b"\t")):
            changed = text.copy()
            changed.sections["statement"][index] = (key, b"\t".join(parts))
            attempt(changed, what, "statement", index)
    assert not wrong, wrong
    assert tried >= 500


def _rearranged(parts: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A statement with its opened rows, each of them dropped, doubled, put elsewhere or joined to the one before."""
    for at, part in enumerate(parts):
        yield "drop", [*parts[:at], *parts[at + 1 :]]
        yield "double", [*parts[:at], part, *parts[at:]]
        yield "empty", [*parts[:at], b"", *parts[at:]]
        if at:
            yield "order", [*parts[: at - 1], part, parts[at - 1], *parts[at + 1 :]]
            yield "join", [*parts[: at - 1], parts[at - 1] + part, *parts[at + 1 :]]
    yield "empty", [*parts, b""]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_change_of_any_bytes(world: World, bundle: Path, trust: Trust, tmp_path: Path, data: st.DataObject) -> None:
    """Some bytes anywhere replaced by any others, with the header made to fit where it can be."""
    text = BundleText.read(bundle)
    section, index = data.draw(st.sampled_from(list(_lines(text))))
    key, payload = text.sections[section][index]
    line = key + b" " + payload
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start, min(start + 40, len(line))))
    changed = line[:start] + data.draw(st.binary(max_size=40)).replace(b"\n", b"") + line[end:]
    if changed == line:
        return
    new_key, _, new_payload = changed.partition(b" ")
    text.sections[section][index] = (new_key, new_payload)
    assert outcome(world, text.write(tmp_path / "b"), trust) != "passed"


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
    del source.dids[did]
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


def test_base64_with_other_trailing_bits(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """The same bytes spelt otherwise."""
    tried = 0
    for section in ("did", "header", "node"):
        for index, (key, payload) in enumerate(text.sections[section]):
            if len(payload) % 4 == 0 or (section == "node" and index % 4):
                continue
            alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            other = payload[:-1] + bytes([alphabet[alphabet.index(payload[-1:]) ^ 1]])
            pad = b"=" * (-len(payload) % 4)
            assert base64.urlsafe_b64decode(other + pad) == base64.urlsafe_b64decode(payload + pad)
            for spelt in (other, payload + pad):
                changed = text.copy()
                changed.sections[section][index] = (key, spelt)
                assert outcome(world, changed.write(tmp_path / "b"), trust) != "passed"
                tried += 1
    assert tried > 10


def test_json_written_otherwise(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """The same values with spaces between them."""
    for section in ("history", "imported", "key", "passport", "statement"):
        for index, (key, payload) in enumerate(text.sections[section]):
            parts = payload.split(b"\t")
            for at, part in enumerate(parts):
                changed = text.copy()
                pretty = json.dumps(json.loads(part), ensure_ascii=False, separators=(", ", ": ")).encode()
                changed.sections[section][index] = (key, b"\t".join([*parts[:at], pretty, *parts[at + 1 :]]))
                assert outcome(world, changed.write(tmp_path / "b"), trust) != "passed", (section, key)


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

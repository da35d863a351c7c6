"""A log in static files judged as a whole: its files, the chain, witnesses and timestamps, each for itself."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from exported_logs import WATCHERS, exported, origin_of, trust_with_witnesses
from forge import commit
from own_authority import STAMPED_AT, chain_of_trust, stamp
from verifier_world import TOP, World

from passport.errors import ConflictError, LedgerUnavailableError, SchemaError
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, parse_note
from passport.ledger.tile_folder import TileFolder
from passport.log_export import beside, export_log, note_key, served_checkpoint
from verifier.exported_log import ExportedLogReport, judge_exported
from verifier.report import Verdict
from verifier.trust import TRUST_FORMAT_1_1, KnownHeader, Trust, parse_trust

IDS = ["tiles", "signature", "chain", "witnesses", "token", "opentimestamps"]
OTS_MAGIC = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294")


def rows(report: ExportedLogReport) -> dict[str, str]:
    return {row.id: str(row.outcome) for row in report.rows}


def said(report: ExportedLogReport, name: str) -> str:
    return next(row.found for row in report.rows if row.id == name)


def judged(world: World, folder: TileFolder, trust: Trust | None = None, **more: object) -> ExportedLogReport:
    source = more.pop("source", world.source)
    return judge_exported(folder.fetch, trust=trust or world.trust, source=source, **more)  # type: ignore[arg-type]


def test_whole_and_on_the_chain(world: World, tmp_path: Path) -> None:
    company = world.company_of(TOP)
    folder = exported(world, company, tmp_path / "log")
    key = note_key(company.signer, origin_of(company))
    report = judged(world, folder, log_keys=[key])
    assert [row.id for row in report.rows] == IDS
    assert rows(report) == {
        "tiles": "passed",
        "signature": "passed",
        "chain": "passed",
        "witnesses": "skipped",
        "token": "skipped",
        "opentimestamps": "skipped",
    }
    assert report.verdict is Verdict.PASSED
    assert report.to_json()["root"] == "0x" + world.source.logs[company.log_key].merkle().root().hex()
    stranger = NoteKey(key.name, NoteAlgorithm.ED25519, bytes(31) + b"\x01")
    assert rows(judged(world, folder, log_keys=[stranger]))["signature"] == "failed"


def test_by_witnesses_alone(world: World, tmp_path: Path) -> None:
    folder = exported(world, world.company_of(TOP), tmp_path / "log", cosigned_by=2)
    trust = trust_with_witnesses(world)
    report = judged(world, folder, trust, source=None)
    assert (rows(report)["chain"], rows(report)["witnesses"]) == ("unknown", "passed")
    assert said(report, "witnesses").startswith("2 of 3: w1.example at 2026-11-22T10:00:00Z")
    assert report.verdict is Verdict.PASSED
    three = judged(world, folder, trust_with_witnesses(world, 3), source=None)
    assert (rows(three)["witnesses"], three.verdict) == ("unknown", Verdict.UNDECIDED)
    nobody = judged(world, folder, source=None)
    assert (rows(nobody)["witnesses"], nobody.verdict) == ("skipped", Verdict.UNDECIDED)


def test_witnesses_do_not_outweigh_a_chain(own_world: World, tmp_path: Path) -> None:
    """A cosigned log of the same size with another entry: the chain has gone past it and holds another root."""
    world = own_world
    company = world.company_of(TOP)
    entries = [*world.source.logs[company.log_key].entries]
    entries[1] = b"\x07" * 32
    folder = TileFolder(tmp_path / "forged")
    export_log(entries, folder, origin=origin_of(company), signer=company.signer)
    for watcher in WATCHERS:
        watcher.cosign(folder, note_key(company.signer, origin_of(company)))
    report = judged(world, folder, trust_with_witnesses(world))
    assert (rows(report)["tiles"], rows(report)["chain"], rows(report)["witnesses"]) == ("passed", "failed", "passed")
    assert report.verdict is Verdict.FAILED


def test_ahead_of_the_chain_is_unknown(own_world: World, tmp_path: Path) -> None:
    company = own_world.company_of(TOP)
    entries = [*own_world.source.logs[company.log_key].entries, b"\x01" * 32]
    folder = TileFolder(tmp_path / "ahead")
    export_log(entries, folder, origin=origin_of(company), signer=company.signer)
    report = judged(own_world, folder)
    assert (rows(report)["chain"], report.verdict) == ("unknown", Verdict.UNDECIDED)
    assert "the chain's log ends at 4 leaves" in said(report, "chain")


def test_of_no_trusted_chain(world: World, tmp_path: Path) -> None:
    company = world.company_of(TOP)
    folder = TileFolder(tmp_path / "other")
    entries = world.source.logs[company.log_key].entries
    origin = origin_of(company).replace(company.place.genesis, "0x" + "00" * 32)
    export_log(entries, folder, origin=origin, signer=company.signer)
    assert rows(judged(world, folder))["chain"] == "failed"
    elsewhere = TileFolder(tmp_path / "elsewhere")
    export_log(entries, elsewhere, origin="example.com/log", signer=company.signer)
    assert rows(judged(world, elsewhere))["chain"] == "unknown"


def test_damaged_files(world: World, tmp_path: Path) -> None:
    folder = exported(world, world.company_of(TOP), tmp_path / "log")
    entries = next(path for path in (tmp_path / "log" / "tile" / "entries").rglob("*") if path.is_file())
    whole = entries.read_bytes()
    entries.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    report = judged(world, folder)
    assert (rows(report)["tiles"], rows(report)["chain"], report.verdict) == ("failed", "passed", Verdict.FAILED)
    entries.unlink()
    assert (rows(judged(world, folder))["tiles"], judged(world, folder).verdict) == ("unknown", Verdict.UNDECIDED)
    with pytest.raises(LedgerUnavailableError, match="not an exported log"):
        judged(world, TileFolder(tmp_path))


def test_exporting_again_extends(own_world: World, tmp_path: Path) -> None:
    """Nothing that is served ever changes but the newest checkpoint; cosignatures stay where they were."""
    company = own_world.company_of(TOP)
    folder = exported(own_world, company, tmp_path / "log", cosigned_by=2)
    before = {path: path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file()}
    exported(own_world, company, tmp_path / "log")
    assert {path: path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file()} == before
    commit(own_world, company, own_world.source.logs[company.log_key], [b"\x01" * 32] * 300)
    exported(own_world, company, tmp_path / "log")
    changed = {path for path, body in before.items() if path.read_bytes() != body}
    assert changed == {tmp_path / "log" / "checkpoint"}
    served = served_checkpoint(folder.fetch)
    assert served is not None
    assert (served.checkpoint.size, len(served.note.signatures)) == (304, 1)
    kept = parse_note((tmp_path / "log" / beside(4, "checkpoint")).read_bytes())
    assert len(kept.signatures) == 3
    assert judged(own_world, folder).verdict is Verdict.PASSED
    for watcher in WATCHERS[:2]:
        watcher.cosign(folder, note_key(company.signer, origin_of(company)))  # by a proof out of the folder's tiles
    assert rows(judged(own_world, folder, trust_with_witnesses(own_world)))["witnesses"] == "passed"


def test_a_folder_of_another_log_is_left_alone(own_world: World, tmp_path: Path) -> None:
    company, other = own_world.company_of(TOP), own_world.company_of("metal")
    folder = exported(own_world, company, tmp_path / "log")
    entries = own_world.source.logs[company.log_key].entries
    with pytest.raises(ConflictError, match="the folder holds another log"):
        exported(own_world, other, tmp_path / "log")
    with pytest.raises(ConflictError, match="more of the log than we know"):
        export_log(entries[:2], folder, origin=origin_of(company), signer=company.signer)
    with pytest.raises(ConflictError, match="another root"):
        export_log([bytes(32), *entries], folder, origin=origin_of(company), signer=company.signer)


def trusting(world: World, **more: object) -> Trust:
    return Trust.model_validate({**world.trust.to_json(), "format": TRUST_FORMAT_1_1, **more})


def test_a_token_beside_the_checkpoint(world: World, tmp_path: Path) -> None:
    root, authority = chain_of_trust()
    folder = exported(world, world.company_of(TOP), tmp_path / "log")
    body = (tmp_path / "log" / beside(4, "body")).read_bytes()
    token = tmp_path / "log" / beside(4, "body.tsr")
    token.write_bytes(stamp(body, authority))
    trust = trusting(world, timestampAuthorities=[root.pem])
    report = judged(world, folder, trust)
    assert rows(report)["token"] == "passed"
    assert said(report, "token") == f"there by {STAMPED_AT:%Y-%m-%dT%H:%M:%SZ}, says CN=Test Root"
    assert rows(judged(world, folder))["token"] == "unknown"
    token.write_bytes(stamp(body + b"\n", authority))
    failed = judged(world, folder, trust)
    assert (rows(failed)["token"], failed.verdict) == ("failed", Verdict.FAILED)


def test_an_opentimestamps_proof_beside_the_checkpoint(world: World, tmp_path: Path) -> None:
    """One operation to the Merkle root of a block of two transactions, worked by hand."""
    folder = exported(world, world.company_of(TOP), tmp_path / "log")
    body = (tmp_path / "log" / beside(4, "body")).read_bytes()
    digest = sha256(body).digest()
    root = sha256(sha256(digest + b"\x05" * 32).digest()).digest()
    operations = b"\xf0\x20" + b"\x05" * 32 + b"\x08\x08" + b"\x00" + bytes.fromhex("0588960d73d71901") + b"\x01\x07"
    proof = tmp_path / "log" / beside(4, "body.ots")
    proof.write_bytes(OTS_MAGIC + b"\x01\x08" + digest + operations)
    header = bytes(36) + root + (1_800_000_000).to_bytes(4, "little") + bytes(8)
    known = [KnownHeader(height=7, header=header.hex()).to_json()]
    report = judged(world, folder, trusting(world, bitcoinHeaders=known))
    assert (rows(report)["opentimestamps"], said(report, "opentimestamps")) == (
        "passed",
        "there by 2027-01-15T08:00:00Z, says Bitcoin block 7",
    )
    assert rows(judged(world, folder))["opentimestamps"] == "unknown"
    other = [KnownHeader(height=7, header=bytes(80).hex()).to_json()]
    assert rows(judged(world, folder, trusting(world, bitcoinHeaders=other)))["opentimestamps"] == "failed"


def test_trust_files_of_both_versions(world: World) -> None:
    """A file of 1.0 is read as ever and written as ever; what 1.0 does not know needs 1.1."""
    old = world.trust.to_json()
    assert parse_trust(json.dumps(old).encode()) == world.trust
    assert set(old) == {"format", "chains"}
    new = trust_with_witnesses(world).to_json()
    assert parse_trust(json.dumps(new).encode()) == trust_with_witnesses(world)
    with pytest.raises(SchemaError, match=r"need format carbon-passport/trust/1\.1"):
        parse_trust(json.dumps({**new, "format": old["format"]}).encode())


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("witnesses", {"keys": ["w+00000000+AAAA"], "threshold": 1}, "not an algorithm"),
        ("witnesses", {"keys": [WATCHERS[0].key.text], "threshold": 2}, "not a quorum"),
        ("witnesses", {"keys": [WATCHERS[0].key.text] * 2, "threshold": 1}, "the same key"),
        ("witnesses", {"keys": [], "threshold": 1}, "at least 1 item"),
        ("timestampAuthorities", ["a certificate"], "not a certificate"),
        ("bitcoinHeaders", [{"height": 1, "header": "00"}], "match pattern"),
        ("bitcoinHeaders", [{"height": -1, "header": "00" * 80}], "greater than or equal to 0"),
    ],
)
def test_trust_that_cannot_be_kept(world: World, field: str, value: object, reason: str) -> None:
    document = {**world.trust.to_json(), "format": TRUST_FORMAT_1_1, field: value}
    with pytest.raises(SchemaError, match=reason):
        parse_trust(json.dumps(document).encode())

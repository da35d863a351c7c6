"""The path without a chain: what witnesses show stands beside the checks, and never makes one that failed pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from exported_logs import WATCHERS, all_exported, exported, origin_of, trust_with_witnesses
from verifier_world import TOP, World

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger.signed_note import parse_note
from passport.ledger.tile_folder import TileFolder
from passport.log_export import export_log, note_key
from verifier.outcome import CheckId, Outcome
from verifier.policy import AnyOf, default_policy, witnessed_policy
from verifier.record import NodeKind
from verifier.report import Report, Verdict
from verifier.witnessed import NOT_AS_WITNESSED, WITNESSED, WitnessedLogs, open_witnessed

WITNESS_UNKNOWN = "witness_unknown"
POLICY = witnessed_policy(min_recomputed=0.0, accept_imported=True)


def codes(report: Report, digest: str | None = None) -> list[str]:
    record = report.records[digest or report.top]
    return [note.code for note in record.notes if "witness" in note.code]


def logs_of(world: World, folders: list[TileFolder], threshold: int = 2) -> WitnessedLogs:
    quorum = trust_with_witnesses(world, threshold).quorum()
    assert quorum is not None
    return WitnessedLogs([folder.fetch for folder in folders], quorum)


def without_chain(world: World) -> object:
    source = world.source.clone()
    source.ledger = None
    return source


def judged(world: World, source: object, logs: WitnessedLogs | None, **more: object) -> Report:
    from verifier.audit import Settings, audit

    return audit(
        source,  # type: ignore[arg-type]
        world.top,
        policy=more.pop("policy", POLICY),  # type: ignore[arg-type]
        trust=world.trust,
        settings=Settings(at=world.now()),
        witnessed=logs,
    )


def test_places_are_shown_without_a_chain(world: World, tmp_path: Path) -> None:
    """Every check that needs the chain stays unknown; the verdict says what was not judged."""
    logs = logs_of(world, all_exported(world, tmp_path, cosigned_by=2))
    report = judged(world, without_chain(world), logs)
    assert report.verdict is Verdict.PASSED, report.reasons
    assert report.reasons == (
        "shown by witnesses alone: identity, status, time of anchoring, deliveries and what the ledger took "
        "were not judged",
    )
    top = report.top_record
    for check in (CheckId.INCLUSION, CheckId.CONSISTENCY, CheckId.IDENTITY, CheckId.STATUS):
        assert top.outcome(check) is Outcome.UNKNOWN
    passports = [record for record in report.records.values() if record.kind is NodeKind.PASSPORT]
    assert all(WITNESSED in [note.code for note in record.notes] for record in passports)
    (text,) = [note.text for note in top.notes if note.code == WITNESSED]
    assert "cosigned by 2 of 3 trusted witnesses (w1.example, w2.example)" in text


def test_the_default_policy_takes_no_notice(world: World, tmp_path: Path) -> None:
    logs = logs_of(world, all_exported(world, tmp_path, cosigned_by=3))
    default = default_policy(min_recomputed=0.0, accept_imported=True)
    assert judged(world, without_chain(world), logs, policy=default).verdict is Verdict.UNDECIDED
    either = AnyOf((default, POLICY))
    assert judged(world, without_chain(world), logs, policy=either).verdict is Verdict.PASSED
    with_chain = judged(world, world.source, logs, policy=either)
    assert (with_chain.verdict, with_chain.reasons) == (Verdict.PASSED, ())


def test_without_witnesses_nothing_is_shown(world: World, tmp_path: Path) -> None:
    report = judged(world, without_chain(world), None)
    assert report.verdict is Verdict.UNDECIDED
    assert any("not shown by witnesses" in reason for reason in report.reasons)
    only_top = [exported(world, world.company_of(TOP), tmp_path / "top", cosigned_by=2)]
    report = judged(world, without_chain(world), logs_of(world, only_top))
    assert report.verdict is Verdict.UNDECIDED
    assert codes(report) == [WITNESSED]
    assert codes(report, world.issued["housing"].digest) == [WITNESS_UNKNOWN]


def test_too_few_witnesses_open_no_log(world: World, tmp_path: Path) -> None:
    folders = [exported(world, world.company_of(TOP), tmp_path / "log", cosigned_by=1)]
    with pytest.raises(ProofError, match=r"cosigned by too few trusted witnesses.*2 of 3.*w1.example"):
        logs_of(world, folders)
    company = world.company_of(TOP)
    WATCHERS[1].cosign(folders[0], note_key(company.signer, origin_of(company)))
    logs_of(world, folders)
    with pytest.raises(ValueError, match="expected 2 to 3; found 1"):  # two histories could be cosigned without a lie
        trust_with_witnesses(world, 1)
    with pytest.raises(LedgerUnavailableError, match="checkpoint is not at hand"):
        logs_of(world, [TileFolder(tmp_path / "nothing")])


def test_a_chain_that_says_no_is_not_outvoted(own_world: World, tmp_path: Path) -> None:
    """The chain is in reach and holds other roots: `failed` stays, whatever witnesses cosigned."""
    world = own_world
    logs = logs_of(world, all_exported(world, tmp_path, cosigned_by=3))
    source = world.source.clone()
    log = source.logs[world.company_of(TOP).log_key]
    log.checkpoints = [(prev, size, bytes(32)) for prev, size, _ in log.checkpoints]
    report = judged(world, source, logs, policy=AnyOf((default_policy(accept_imported=True), POLICY)))
    assert report.top_record.outcome(CheckId.INCLUSION) is Outcome.FAILED
    assert codes(report) == [WITNESSED]
    assert report.verdict is Verdict.FAILED


def test_another_entry_at_the_leaf_is_proven(own_world: World, tmp_path: Path) -> None:
    """The issuer showed witnesses a log in which something else stands where the passport says that it is."""
    world = own_world
    company = world.company_of(TOP)
    log = world.source.logs[company.log_key]
    index = next(at for at, entry in enumerate(log.entries) if entry == _entry(world))
    forged = [*log.entries]
    forged[index] = b"\x07" * 32
    folder = TileFolder(tmp_path / "forged")
    export_log(forged, folder, origin=origin_of(company), signer=company.signer)
    for watcher in WATCHERS[:2]:
        watcher.cosign(folder, note_key(company.signer, origin_of(company)))
    others = [
        exported(world, each, tmp_path / name, cosigned_by=2)
        for name, each in world.companies.items()
        if each is not company and each.log_key in world.source.logs
    ]
    report = judged(world, without_chain(world), logs_of(world, [folder, *others]))
    assert codes(report) == [NOT_AS_WITNESSED]
    assert report.verdict is Verdict.FAILED
    assert any("contradicts what witnesses cosigned" in reason for reason in report.reasons)
    # The chain is asked again: it holds the passport, and the note says that witnesses saw otherwise.
    with_chain = judged(world, world.source, logs_of(world, [folder]), policy=default_policy(accept_imported=True))
    assert with_chain.top_record.outcome(CheckId.INCLUSION) is Outcome.PASSED
    assert codes(with_chain) == [NOT_AS_WITNESSED]


def _entry(world: World) -> bytes:
    from passport.model.digest import to_sha256

    return to_sha256(world.issued[TOP].digest)


def test_bad_files_count_against_nobody(world: World, tmp_path: Path) -> None:
    """Tiles that do not lead to the cosigned root may be their keeper's fault."""
    folder = exported(world, world.company_of(TOP), tmp_path / "log", cosigned_by=2)
    logs = logs_of(world, [folder])
    tile = next(path for path in (tmp_path / "log" / "tile" / "0").rglob("*") if path.is_file())
    tile.write_bytes(bytes(len(tile.read_bytes())))
    report = judged(world, without_chain(world), logs)
    assert codes(report) == [WITNESS_UNKNOWN]
    tile.unlink()
    assert codes(judged(world, without_chain(world), logs_of(world, [folder]))) == [WITNESS_UNKNOWN]


def test_a_log_that_ends_before_the_leaf(world: World, tmp_path: Path) -> None:
    company = world.company_of(TOP)
    folder = TileFolder(tmp_path / "short")
    export_log([b"\x01" * 32], folder, origin=origin_of(company), signer=company.signer)
    for watcher in WATCHERS[:2]:
        watcher.cosign(folder, note_key(company.signer, origin_of(company)))
    place = world.company_of(TOP).place.leaf(1)
    note = logs_of(world, [folder]).judge(place, world.top)
    assert (note.code, note.text) == (WITNESS_UNKNOWN, "the cosigned log at hand ends before leaf 1, at 1 leaves")
    elsewhere = place._replace(genesis="0x" + "00" * 32)
    assert logs_of(world, [folder]).judge(elsewhere, world.top).code == WITNESS_UNKNOWN


def test_the_largest_checkpoint_of_a_log_counts(world: World, tmp_path: Path) -> None:
    company = world.company_of(TOP)
    entries = world.source.logs[company.log_key].entries
    early, late = TileFolder(tmp_path / "early"), TileFolder(tmp_path / "late")
    for folder, count in ((early, 1), (late, len(entries))):
        export_log(entries[:count], folder, origin=origin_of(company), signer=company.signer)
        for watcher in WATCHERS[:2]:
            watcher.cosign(folder, note_key(company.signer, origin_of(company)))
    place = company.place.leaf(entries.index(_entry(world)))
    for order in ([early, late], [late, early]):
        assert logs_of(world, order).judge(place, world.top).code == WITNESSED
    quorum = trust_with_witnesses(world).quorum()
    assert quorum is not None
    opened = open_witnessed(late.fetch, quorum)
    assert opened.checkpoint.size == len(entries)
    assert [each.witness.name for each in opened.cosignatures] == ["w1.example", "w2.example"]
    assert parse_note((tmp_path / "late" / "checkpoint").read_bytes()).text == opened.checkpoint.text


def test_notes_alter_no_check(world: World, tmp_path: Path) -> None:
    logs = logs_of(world, all_exported(world, tmp_path, cosigned_by=2))
    plain, noted = judged(world, world.source, None), judged(world, world.source, logs)
    for digest, record in plain.records.items():
        assert record.ordered() == noted.records[digest].ordered()
    assert replace(noted, records=plain.records, verdict=plain.verdict, reasons=plain.reasons) == plain

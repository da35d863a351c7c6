"""`inclusion` and `consistency`: forged proofs, forged histories, strangers' chains, and other people's logs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bent_state import bend, put_bits
from forge import Forged, commit, draft_of, filler
from judged import node, only_failure, row, rows_of
from memory_source import Log, MemorySource
from verifier_world import World, account_of, build, reopen, ticking

from passport.ledger import Address, EmbeddedChain, PassportLogView, deploy
from passport.model.credential import Place
from passport.model.digest import to_sha256
from verifier.chain_facts import ChainFacts
from verifier.outcome import Outcome
from verifier.source import InclusionEvidence, LogHistory
from verifier.trust import Trust


class Forger(MemorySource):
    """A source whose proofs go through somebody's hands."""

    change_inclusion: Callable[[InclusionEvidence], InclusionEvidence | None] | None = None
    change_history: Callable[[LogHistory], LogHistory | None] | None = None

    @classmethod
    def over(cls, source: MemorySource) -> Forger:
        """The same documents and logs."""
        forger = cls(source.ledger, source.block)
        forger.__dict__.update(source.clone().__dict__)
        return forger

    def inclusion(self, place: Place, entry: bytes) -> InclusionEvidence | None:
        """The honest proof of the pack, changed."""
        evidence = super().inclusion(place, entry)
        if evidence is None or self.change_inclusion is None or not self._is_packs(place):
            return evidence
        return self.change_inclusion(evidence)

    def history(self, place: Place, first_seq: int) -> LogHistory | None:
        """The honest history of the pack's log, changed."""
        history = super().history(place, first_seq)
        if history is None or self.change_history is None or not self._is_packs(place):
            return history
        return self.change_history(history)

    def _is_packs(self, place: Place) -> bool:
        return any(issuer == place.issuer_id and "maker" in name for name, issuer, _ in self.names.values())


def _grown(world: World, *, checkpoints: int = 3, leaves: int = 5) -> Forged:
    """Another pack, with checkpoints after it."""
    forged = draft_of(world, "pack").publish()
    company = world.companies["maker"]
    log = forged.source.logs[company.log_key]
    for number in range(checkpoints):
        commit(world, company, log, [filler(1000 * number + leaf) for leaf in range(leaves)])
    world.source.logs[company.log_key] = copy.deepcopy(log)
    return forged


# --- inclusion ---


def test_places_in_a_log_of_several_checkpoints(world: World) -> None:
    """Leaves of the first, a middle and the last checkpoint, alone in it and among others."""
    for _ in range(3):
        forged = _grown(world, checkpoints=1)
        report = world.audit(forged.digest, forged.source)
        assert report.verdict == "passed", report.reasons
        assert node(report, "pack").signed_at is not None


def test_the_index_of_another_passport(world: World) -> None:
    """The leaf at the named index is another document's."""
    first = _grown(world, checkpoints=0)
    draft = draft_of(world, "pack")
    draft.stated["place"]["leafIndex"] = first.index
    digest, body = draft.seal(None)
    company = world.companies["maker"]
    log = world.source.logs[company.log_key]
    commit(world, company, log, [to_sha256(digest)])
    source = world.source.clone()
    source.drop(world.top)
    draft.file(source, body)
    found = only_failure(world.audit(digest, source), "pack", "inclusion")
    assert "the entry is not at this index of the log with this root" in str(found.reason)


@pytest.mark.parametrize("beyond", [0, 1, 10**6])
def test_never_anchored(world: World, beyond: int) -> None:
    """Signed by the right key and in no log: the next index that would be free, or any later one."""
    size = len(world.source.logs[world.companies["maker"].log_key].entries)
    draft = draft_of(world, "pack")
    draft.stated["place"]["leafIndex"] = size + beyond
    forged = draft.publish(is_anchored=False)
    report = world.audit(forged.digest, forged.source)
    found = only_failure(report, "pack", "inclusion")
    assert (found.reason, found.expected, found.found) == (
        "not anchored: the issuer's log does not reach that index",
        f"more than {size + beyond} leaves",
        f"{size} leaves",
    )
    for check in ("consistency", "status"):
        unknown = row(report, "pack", check)
        assert (unknown.outcome, unknown.reason) == (Outcome.UNKNOWN, "the leaf is in no checkpoint that counts")


def test_in_the_place_of_a_void_leaf(world: World) -> None:
    """An index inside the log that holds something else."""
    draft = draft_of(world, "pack")
    draft.stated["place"]["leafIndex"] = 1  # padding of the first checkpoint
    forged = draft.publish(is_anchored=False)
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "inclusion")
    assert "the entry is not at this index" in str(found.reason)


def test_in_the_log_of_another_entity(world: World) -> None:
    """Anchored by somebody else in their own log, under the maker's name."""
    draft = draft_of(world, "pack")
    parts = world.companies["parts"]
    draft.stated["place"]["issuerId"] = parts.issuer_id
    log = world.source.logs[parts.log_key]
    digest, body = draft.seal(len(log.entries))
    commit(world, parts, log, [to_sha256(digest)])
    source = world.source.clone()
    source.drop(world.top)
    draft.file(source, body)
    found = only_failure(world.audit(digest, source), "pack", "inclusion")
    assert (found.reason, found.expected, found.found) == (
        "the log belongs to another entity than the one that signed",
        world.companies["maker"].issuer_id,
        parts.issuer_id,
    )


def _of_last_checkpoint(world: World, forged: Forged) -> InclusionEvidence:
    log = forged.source.logs[world.companies["maker"].log_key]
    _, size, root = log.checkpoints[-1]
    return InclusionEvidence(root, size, log.merkle().inclusion_proof(forged.index, size))


def _with(
    honest: InclusionEvidence, *, root: bytes | None = None, size: int | None = None, path: Any = None
) -> InclusionEvidence:
    return InclusionEvidence(
        honest.root if root is None else root,
        honest.size if size is None else size,
        honest.path if path is None else tuple(path),
    )


PATHS: dict[str, tuple[Callable[[InclusionEvidence], InclusionEvidence], str]] = {
    "a hash more": (lambda e: _with(e, path=(*e.path, bytes(32))), "the proof is too long"),
    "a hash less": (lambda e: _with(e, path=e.path[:-1]), "the proof is too short"),
    "a hash flipped": (
        lambda e: _with(e, path=(bytes([e.path[0][0] ^ 1]) + e.path[0][1:], *e.path[1:])),
        "the entry is not at this index",
    ),
    "two hashes swapped": (lambda e: _with(e, path=(e.path[1], e.path[0], *e.path[2:])), "the entry is not at this"),
    "a hash of 31 bytes": (lambda e: _with(e, path=(e.path[0][:31], *e.path[1:])), "is not a hash"),
    "no path": (lambda e: _with(e, path=()), "the proof is too short"),
    "a root that is not on the chain": (
        lambda e: _with(e, root=bytes(32)),
        "the proof leads to a root that the chain does not hold",
    ),
    "a root of another size": (
        lambda e: _with(e, size=e.size + 1),
        "the proof is not for the first checkpoint that covers the leaf",
    ),
}


@pytest.mark.parametrize(("change", "reason"), PATHS.values(), ids=PATHS.keys())
def test_a_forged_audit_path(
    world: World, change: Callable[[InclusionEvidence], InclusionEvidence], reason: str
) -> None:
    """The pack really is in the log; what is handed out does not show it."""
    forged = _grown(world, checkpoints=0)
    company = world.companies["maker"]
    draft = draft_of(world, "pack")
    log = world.source.logs[company.log_key]
    digest, body = draft.seal(len(log.entries))
    commit(world, company, log, [to_sha256(digest), *(filler(number) for number in range(20))])
    source = Forger.over(world.source)
    source.drop(forged.digest)
    source.drop(world.top)
    draft.file(source, body)
    assert world.audit(digest, source).verdict == "passed"
    source.change_inclusion = change
    assert reason in str(only_failure(world.audit(digest, source), "pack", "inclusion").reason)


def test_a_later_checkpoint_than_the_first(world: World) -> None:
    """It would make the passport younger, and its key's retirement older, than they are."""
    forged = _grown(world)
    source = Forger.over(forged.source)
    evidence = _of_last_checkpoint(world, forged)
    source.change_inclusion = lambda honest: evidence
    found = only_failure(world.audit(forged.digest, source), "pack", "inclusion")
    assert found.reason == "the proof is not for the first checkpoint that covers the leaf"
    assert found.expected == f"leaf {forged.index}"


def test_no_audit_path_at_hand(world: World) -> None:
    """Unknown; and so is what rests on it."""
    source = Forger.over(world.source)
    source.change_inclusion = lambda honest: None
    report = world.audit(source=source)
    assert report.verdict == "undecided"
    assert row(report, "pack", "inclusion").reason == "no inclusion proof at hand"
    assert row(report, "pack", "identity").reason == "the signing time is not proven"
    assert {check for name, check in rows_of(report, Outcome.UNKNOWN) if name == "pack"} == {
        "validity",
        "inclusion",
        "consistency",
        "identity",
        "status",
    }


def test_no_trust_and_no_chain(world: World) -> None:
    """Without a trust file, and with one whose chain is out of reach: unknown, each saying why."""
    report = world.audit(without_trust=True)
    assert report.verdict == "undecided"
    assert {row(report, name, "inclusion").reason for name in ("pack", "metal", "ore")} == {
        "no trust file says which chain counts"
    }
    source = world.source.clone()
    source.ledger = None
    report = world.audit(source=source)
    assert report.verdict == "undecided"
    assert row(report, "pack", "inclusion").reason == "the chain's state is not at hand"
    assert report.as_of.block is None


def test_a_strangers_chain_with_the_same_chain_id(world: World, tmp_path: Path) -> None:
    """Everything is honest on the stranger's own chain, with the stranger's own registrar: not the chain trusted."""
    build(tmp_path, chain_seed=bytes(31) + b"\x01")
    with EmbeddedChain.open(tmp_path / "chain.db", clock=ticking()) as chain:
        stranger = reopen(tmp_path, chain)
        assert stranger.audit().verdict == "passed"
        assert stranger.trusted.chain == world.trusted.chain
        assert (stranger.trusted.registry, stranger.trusted.log) == (world.trusted.registry, world.trusted.log)
        report = stranger.audit(trust=world.trust)
        assert {check for _, check in rows_of(report, Outcome.FAILED)} == {"inclusion"}
        found = row(report, "pack", "inclusion")
        assert found.reason == "not the chain in the trust file"
        assert world.trusted.genesis in str(found.expected)
        assert stranger.trusted.genesis in str(found.found)
        # A source that passes the stranger's state off as the trusted chain's: the place still names another genesis.
        lying = stranger.source.clone()
        lying.state = lambda trusted: chain.state(chain.head())  # type: ignore[method-assign]
        assert row(stranger.audit(source=lying, trust=world.trust), "pack", "inclusion").reason == found.reason


def test_other_contracts_on_the_same_chain(own_world: World) -> None:
    """A registry of one's own beside the trusted one, where one vouches for oneself."""
    placed = deploy(
        own_world.chain, account_of("stranger"), scheme="VAT", identifier="DE1234567", evidence_hash=b"\x01" * 32
    )
    for name, address in (("registry", placed.registry), ("log", placed.log)):
        draft = draft_of(own_world, "pack")
        draft.stated["place"][name] = f"{own_world.trusted.chain}:{address}"
        forged = draft.publish(is_anchored=False)
        found = only_failure(own_world.audit(forged.digest, forged.source), "pack", "inclusion")
        assert found.reason == "not the chain in the trust file"
        assert address in str(found.found)
    theirs = own_world.trusted.model_copy(update={"registry": placed.registry, "log": placed.log})
    report = own_world.audit(trust=Trust(chains=(theirs,)))
    assert row(report, "pack", "inclusion").reason == "not the chain in the trust file"


def test_a_second_trusted_chain_does_not_lend_its_trust(world: World, tmp_path: Path) -> None:
    """Trusting two chains is not trusting one chain's passports on the other."""
    build(tmp_path, chain_seed=bytes(31) + b"\x02")
    with EmbeddedChain.open(tmp_path / "chain.db", clock=ticking()) as chain:
        stranger = reopen(tmp_path, chain)
        both = Trust(chains=(world.trusted, stranger.trusted))
        assert world.audit(trust=both).verdict == "passed"
        report = stranger.audit(source=_over(stranger.source, world.chain), trust=both)
        assert row(report, "pack", "inclusion").reason == "the chain's state is not at hand"


def _over(source: MemorySource, chain: EmbeddedChain) -> MemorySource:
    other = source.clone()
    other.ledger = chain
    return other


# --- consistency ---


def _without(history: LogHistory, at: int) -> LogHistory:
    checkpoints = tuple(c for number, c in enumerate(history.checkpoints) if number != at)
    return LogHistory(history.first_seq, checkpoints, history.consistency[1:])


HISTORIES: dict[str, tuple[Callable[[LogHistory], LogHistory | None], str]] = {
    "none": (lambda h: None, "the checkpoints after the leaf are not at hand"),
    "beginning later": (
        lambda h: LogHistory(h.first_seq + 1, h.checkpoints[1:], h.consistency[1:]),
        "the checkpoints after the leaf are not at hand",
    ),
    "a gap": (lambda h: _without(h, 1), "are not at hand"),
    "truncated": (
        lambda h: LogHistory(h.first_seq, h.checkpoints[:-1], h.consistency[:-1]),
        "are not at hand",
    ),
    "a forged root": (
        lambda h: LogHistory(
            h.first_seq, (h.checkpoints[0], (bytes(32), h.checkpoints[1][1]), *h.checkpoints[2:]), h.consistency
        ),
        "as supplied is not the one on the chain",
    ),
    "a forged size": (
        lambda h: LogHistory(
            h.first_seq,
            (h.checkpoints[0], (h.checkpoints[1][0], h.checkpoints[1][1] + 1), *h.checkpoints[2:]),
            h.consistency,
        ),
        "is numbered",
    ),
    "two checkpoints swapped": (
        lambda h: LogHistory(
            h.first_seq, (h.checkpoints[0], h.checkpoints[2], h.checkpoints[1], *h.checkpoints[3:]), h.consistency
        ),
        "is numbered",
    ),
    "one checkpoint twice": (
        lambda h: LogHistory(h.first_seq, (h.checkpoints[0], h.checkpoints[0], *h.checkpoints[2:]), h.consistency),
        "is numbered",
    ),
    "a forged path": (
        lambda h: LogHistory(h.first_seq, h.checkpoints, ((bytes(32), *h.consistency[0][1:]), *h.consistency[1:])),
        "does not lead to",
    ),
    "a short path": (
        lambda h: LogHistory(h.first_seq, h.checkpoints, (h.consistency[0][:-1], *h.consistency[1:])),
        "the proof is too short",
    ),
    "paths missing": (lambda h: LogHistory(h.first_seq, h.checkpoints, ()), "consistency proofs are missing"),
}


@pytest.mark.parametrize(("change", "reason"), HISTORIES.values(), ids=HISTORIES.keys())
def test_a_history_that_does_not_show_one_growing_log(
    world: World, change: Callable[[LogHistory], LogHistory | None], reason: str
) -> None:
    """The source may be at fault as well as the issuer, so it is unknown: never passed."""
    forged = _grown(world)
    source = Forger.over(forged.source)
    assert world.audit(forged.digest, source).verdict == "passed"
    source.change_history = change
    report = world.audit(forged.digest, source)
    found = row(report, "pack", "consistency")
    assert found.outcome is Outcome.UNKNOWN
    assert reason in str(found.reason)
    assert report.verdict == "undecided"


def test_a_log_that_was_rewritten(own_world: World) -> None:
    """The issuer replaced an entry that was anchored, and anchored the new log: no proof can join the two."""
    company = own_world.companies["maker"]
    forged = draft_of(own_world, "pack").publish()
    log = forged.source.logs[company.log_key]
    rewritten = Log([*log.entries], [*log.checkpoints])
    rewritten.entries[forged.index - 1] = filler(1)
    commit(own_world, company, rewritten, [filler(2)])
    for entries in (rewritten.entries, [*log.entries, rewritten.entries[-1]]):
        source = forged.source.clone()
        source.logs[company.log_key] = Log(list(entries), rewritten.checkpoints)
        report = own_world.audit(forged.digest, source)
        assert report.verdict != "passed"
        assert {row(report, "pack", check).outcome for check in ("inclusion", "consistency")} & {
            Outcome.UNKNOWN,
            Outcome.FAILED,
        }


def test_a_root_that_nobody_can_open_ends_a_log(own_world: World) -> None:
    """Committed with a stolen anchoring key: reporting the theft voids what follows, and the log stays broken for all.

    What was anchored before is not failed, since nothing contradicts it; but nobody can show any more that it is still
    in the log, so no audit passes it (SECURITY.md).
    """
    maker = own_world.companies["maker"]
    size = len(own_world.source.logs[maker.log_key].entries)
    own_world.send(
        maker.anchorer, own_world.log.commit(maker.issuer_id, prev_size=size, root=b"\x66" * 32, size=size + 1)
    )
    stolen = own_world.time
    call = own_world.registry.report_account_key_compromise(maker.anchorer.address, bad_from=stolen)
    own_world.send(maker.controller, call)
    report = own_world.audit()
    assert report.verdict == "undecided"
    found = row(report, "pack", "consistency")
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "checkpoints 2 to 2 are not at hand")
    assert row(report, "pack", "identity").outcome is Outcome.PASSED


def test_a_chain_that_contradicts_itself(world: World) -> None:
    """Two checkpoints of which the second does not begin where the first ends: proven by the chain, so failed."""
    maker = world.companies["maker"]
    forged = _grown(world, checkpoints=1)
    root = forged.source.logs[maker.log_key].checkpoints[-1][2]
    bent = bend(
        world,
        lambda state: PassportLogView(state, Address(world.trusted.log)).checkpoint(maker.issuer_id, root),
        lambda word: put_bits(word, 48, 48, 1),  # size 48, prevSize 48
    )
    forged.source.state = bent.state  # type: ignore[method-assign]
    found = only_failure(world.audit(forged.digest, forged.source), "pack", "consistency")
    assert "does not follow the one before it" in str(found.reason)


def test_every_leaf_of_a_long_log_is_followed_once(own_world: World) -> None:
    """The way to the head is walked once, whatever leaf comes first."""
    company = own_world.companies["maker"]
    published = [draft_of(own_world, "pack").publish() for _ in range(12)]
    source = published[-1].source
    for forged in published:
        source.put(forged.body)
    chain = ChainFacts(own_world.trusted, own_world.chain.state(), source)
    seqs = list(range(1, len(source.logs[company.log_key].checkpoints) + 1))
    place = company.place.leaf(0)
    source.calls.clear()
    assert all(chain.broken_since(place, seq) is None for seq in [5, *seqs, *reversed(seqs)])
    assert source.calls["history"] == 2  # from the fifth, and then from the first to the fifth

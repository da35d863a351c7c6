"""A chain that stops answering, or answers what no contract writes: the report is whole all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bent_state import BentState
from judged import node, row, rows_of
from verifier_world import TOP, World, signer_of

from passport.credentials import build_did_web_document
from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger import Address, BlockRef, PassportLogView, RecordingState, RegistryView, StateView
from passport.store import Store
from verifier.outcome import CHECK_ORDER, Outcome
from verifier.patient_state import MAX_UNANSWERED
from verifier.report import Report
from verifier.store_source import StoreSource

DOWN = LedgerUnavailableError("the node does not answer", where="node")
NEEDS_CHAIN = {"inclusion", "consistency", "identity", "status", "ledger_footprint", "validity", "custody"}


class FailingLedger:
    """A chain that gives no answer from one question on, or to that one alone.

    Args:
        chain: The real one.
        at: Which question fails, counted from 1; 0 for none.
        for_good: All later ones fail, too.
    """

    def __init__(self, chain: Any, *, at: int = 0, for_good: bool = True) -> None:
        self._chain = chain
        self._at = at
        self._for_good = for_good
        self.asked = 0

    def ask(self) -> None:
        self.asked += 1
        if self._at and (self.asked == self._at or (self._for_good and self.asked > self._at)):
            raise DOWN

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._chain, name)
        if not callable(real):
            return real

        def answer(*arguments: Any, **named: Any) -> Any:
            self.ask()
            found = real(*arguments, **named)
            return FailingState(found, self.ask) if name == "state" else found

        return answer


class FailingState:
    """A state that asks somebody before each word."""

    def __init__(self, inner: StateView, ask: Any) -> None:
        self._inner = inner
        self._ask = ask

    @property
    def block(self) -> BlockRef:
        return self._inner.block

    def storage(self, contract: Address, slot: int) -> int:
        self._ask()
        return self._inner.storage(contract, slot)


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    with world.auditor_store() as opened:
        yield opened


def _is_whole(report: Report) -> None:
    """Every check stands at every passport, nothing failed, and whatever is unknown is so for want of the chain."""
    assert rows_of(report, Outcome.FAILED) == {}
    passports = [record for record in report.records.values() if record.kind == "passport"]
    assert len(passports) == 6
    for record in passports:
        assert [found.id for found in record.ordered()] == list(CHECK_ORDER)
        unknown = {found.id for found in record.ordered() if found.outcome is Outcome.UNKNOWN}
        assert unknown - {"arithmetic", "completeness"} <= NEEDS_CHAIN  # the cable's statement is withheld


@pytest.mark.parametrize("for_good", [True, False], ids=["for good", "once"])
def test_whenever_it_stops_the_report_is_whole(world: World, store: Store, for_good: bool) -> None:
    """At a number of moments from the first question to the last: open, with the reason, and never an error."""
    counting = FailingLedger(world.chain)
    assert world.audit(source=StoreSource(store, counting)).verdict == "passed"
    whole, withheld = (rows_of(world.audit(), outcome) for outcome in (Outcome.PASSED, Outcome.UNKNOWN))
    for at in [*range(1, counting.asked, 23), counting.asked]:
        report = world.audit(source=StoreSource(store, FailingLedger(world.chain, at=at, for_good=for_good)))
        _is_whole(report)
        unknown = rows_of(report, Outcome.UNKNOWN)
        # Deliveries are judged last; below the top one may stay open, as it may be withheld.
        below = all(check == "custody" and name != TOP for name, check in unknown.keys() - withheld.keys())
        assert report.verdict == ("passed" if below else "undecided"), at
        because = [found.reason for found in unknown.values()]
        assert any("the node does not answer" in str(reason) for reason in because), (at, because)
        if at == counting.asked and not for_good:  # all but the last answer were there, and count
            assert len(rows_of(report, Outcome.PASSED)) == len(whole) - 1


def _slots(world: World, read: Any) -> set[tuple[str, int]]:
    recording = RecordingState(world.chain.state())
    read(recording)
    return {(contract, slot) for contract, slots in recording.reads.items() for slot in slots}


def test_one_word_that_nobody_hands_out_takes_one_row(world: World) -> None:
    """Whether the top is revoked cannot be read: its status is unknown, its place and its signer are not."""
    maker = world.companies["maker"]
    log, leaf = Address(world.trusted.log), world.issued[TOP].leaf_index
    status = _slots(world, lambda state: PassportLogView(state, log).status(maker.issuer_id, leaf))
    head = _slots(world, lambda state: PassportLogView(state, log).head(maker.issuer_id))

    class Holed:
        block = world.chain.state().block

        def storage(self, contract: Address, slot: int) -> int:
            if (contract, slot) in status - head:
                raise DOWN
            return world.chain.state().storage(contract, slot)

    source = world.source.clone()
    source.state = lambda chain: Holed()  # type: ignore[method-assign]
    report = world.audit(source=source)
    assert {at for at, _ in rows_of(report, Outcome.UNKNOWN).items() if at[0] == TOP} == {(TOP, "status")}
    assert row(report, TOP, "status").reason == str(DOWN)
    assert report.verdict == "undecided"


def test_a_chain_that_is_gone_is_not_asked_for_every_passport(world: World) -> None:
    asked: list[int] = []

    class Gone:
        block = world.chain.state().block

        def storage(self, contract: Address, slot: int) -> int:
            asked.append(slot)
            raise DOWN

    source = world.source.clone()
    source.state = lambda chain: Gone()  # type: ignore[method-assign]
    report = world.audit(source=source)
    assert len(asked) == MAX_UNANSWERED < len(report.records)
    assert report.verdict == "undecided"
    _is_whole(report)
    reasons = {str(row(report, name, "inclusion").reason) for name in (TOP, "housing", "metal", "ore", "grid", "cable")}
    more = f"node: the chain is asked no more: {MAX_UNANSWERED} questions running got no answer"
    assert sorted(reason.partition(";")[0] for reason in reasons) == sorted({str(DOWN), more})


def test_answers_in_between_count_anew(world: World) -> None:
    """Every second question fails: that is no chain that is gone, so it goes on being asked."""
    count = [0]
    state = world.chain.state()

    class Shaky:
        block = state.block

        def storage(self, contract: Address, slot: int) -> int:
            count[0] += 1
            if count[0] % 2 == 0:
                raise DOWN
            return state.storage(contract, slot)

    source = world.source.clone()
    source.state = lambda chain: Shaky()  # type: ignore[method-assign]
    report = world.audit(source=source)
    assert "asked no more" not in str(report.to_json())
    assert report.verdict == "undecided"


def test_a_strangers_did_document_while_nobody_answers(world: World) -> None:
    """Whose document it is only the registry can say: unknown, as long as it says nothing; failed by no stranger."""
    source = world.source.clone()
    did = "did:web:maker.example"
    source.forget_did_documents(did)
    source.dids[did] = build_did_web_document(did, multikeys=[signer_of("stranger", f"{did}#key-1").multikey])

    class Gone:
        block = world.chain.state().block

        def __init__(self, error: Exception) -> None:
            self.error = error

        def storage(self, contract: Address, slot: int) -> int:
            raise self.error

    source.state = lambda chain: Gone(DOWN)  # type: ignore[method-assign]
    found = row(world.audit(source=source), TOP, "signature")
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, str(DOWN))
    # Evidence that leaves the registry's word out is another matter: whoever hands it out would choose that.
    source.state = lambda chain: Gone(ProofError("not proven"))  # type: ignore[method-assign]
    assert row(world.audit(source=source), TOP, "signature").outcome is Outcome.FAILED


def test_a_chain_out_of_reach_from_the_beginning(world: World, store: Store) -> None:
    report = world.audit(source=StoreSource(store, None, problem=DOWN))
    assert report.verdict == "undecided"
    _is_whole(report)
    assert {str(row(report, name, "inclusion").reason) for name in (TOP, "ore", "grid")} == {str(DOWN)}
    assert report.as_of.block is None


def test_how_long_a_state_holds_is_asked_of_its_own_block(world: World, store: Store) -> None:
    """The final head goes on while an audit runs; what is known until then is known of a later state, not of this."""
    early, late = world.chain.block(world.chain.head().number - 3), world.chain.head()
    asked: list[int] = []

    heads = [early, late, late]

    class Moving:
        chain = world.chain.chain

        def final_head(self) -> BlockRef:
            return heads.pop(0)

        def state(self, block: BlockRef) -> StateView:
            return world.chain.state(block)

        def known_until(self, block: BlockRef) -> int:
            asked.append(block.number)
            return block.timestamp

    source = StoreSource(store, Moving())  # type: ignore[arg-type]
    state = source.state(world.trusted)
    assert state is not None
    assert source.known_until(world.trusted) == early.timestamp
    assert (state.block.number, asked) == (early.number, [early.number])


def test_an_age_that_nobody_can_tell_is_asked_once(world: World) -> None:
    """The block is older than allowed, and whether it still is the newest nobody says: unknown, for one question."""
    source = world.source.clone()
    asked: list[int] = []

    def refuse(chain: object) -> int:
        asked.append(1)
        raise DOWN

    source.known_until = refuse  # type: ignore[method-assign]
    assert world.audit(source=source).verdict == "passed"
    assert asked == []  # a state that is young enough by its own block needs no more
    report = world.audit(source=source, max_status_age_s=-1)
    assert asked == [1]
    assert (row(report, TOP, "status").outcome, row(report, TOP, "status").reason) == (Outcome.UNKNOWN, str(DOWN))


@pytest.mark.parametrize("word", [(1 << 256) - 1, 0xFF << 240, 9], ids=["all ones", "a kind of 255", "nine"])
def test_words_that_no_contract_writes_end_no_audit(world: World, word: int) -> None:
    """A node may answer anything for any slot: each makes rows of the report, and none an error."""
    recording = RecordingState(world.chain.state())
    source = world.source.clone()
    source.state = lambda chain: recording  # type: ignore[method-assign]
    assert world.audit(source=source).verdict == "passed"
    for contract, slots in recording.reads.items():
        for slot in slots:
            state = BentState(world.chain.state(), {(contract, slot): word})
            source.state = lambda chain, state=state: state  # type: ignore[method-assign,misc]
            report = world.audit(source=source)
            assert len(report.records) == 7
            assert all(len(node(report, name).ordered()) == len(CHECK_ORDER) for name in (TOP, "ore"))


def test_a_storm_on_the_registry_makes_no_audit_longer(own_world: World) -> None:
    """Keys, suspensions and entities by the dozen, and events with each: an audit reads slots, and hardly one more.

    Of the suspensions that have ended the one in question is found by halving: five looks for twenty-four. Ten thousand
    keys and two thousand suspensions are tried on the contract itself (`Limits.t.sol`).
    """
    maker = own_world.companies["maker"]

    def slots_read() -> int:
        recording = RecordingState(own_world.chain.state())
        source = own_world.source.clone()
        source.state = lambda chain: recording  # type: ignore[method-assign]
        assert own_world.audit(source=source).verdict == "passed"
        return sum(len(slots) for slots in recording.reads.values())

    before = slots_read()
    for number in range(24):
        own_world.send(
            maker.controller, own_world.registry.bind_credential_key(maker.issuer_id, bytes([number + 1]) * 32)
        )
        own_world.new_entity(f"other {number}", f"{100_000_000 + number}")
        own_world.send(own_world.root, own_world.registry.suspend(maker.issuer_id))
        own_world.send(own_world.root, own_world.registry.reinstate(maker.issuer_id))
    assert before < slots_read() <= before + 5


def test_a_kind_that_there_is_not_is_named(world: World) -> None:
    maker = world.companies["maker"]
    registry = Address(world.trusted.registry)

    def recoveries(state: StateView) -> object:
        return RegistryView(state, registry).recoveries(maker.issuer_id)

    ((contract, slot),) = _slots(world, recoveries)
    source = world.source.clone()
    state = BentState(world.chain.state(), {(contract, slot): 1})  # one recovery, and no word of it
    source.state = lambda chain: state  # type: ignore[method-assign]
    found = row(world.audit(source=source), TOP, "identity")
    assert found.outcome is Outcome.UNKNOWN
    assert "the state holds no state of a recovery that the contract writes" in str(found.reason)
    assert (found.expected, found.found) == ("1, 2, 3, 4", "0")

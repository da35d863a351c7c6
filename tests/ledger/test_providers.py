"""Several providers of one chain: real chains in files, of which some lie, fall behind, or are not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from consortium_setup import GENESIS_TIME, Consortium, account

from passport.errors import LedgerError, LedgerUnavailableError, TransactionError, WrongChainError
from passport.ledger import (
    Address,
    BlockRef,
    Deployment,
    EmbeddedChain,
    Execution,
    Fees,
    RegistryView,
    StateView,
    Transactor,
)
from passport.ledger.proofs import ProvenState
from passport.ledger.provider import MAX_UNANSWERED, REST_S
from passport.ledger.providers import ProviderQuorum


class Bent:
    """A provider that answers as the real one does, except where it is told otherwise."""

    def __init__(self, chain: EmbeddedChain, **answers: Any) -> None:
        self._chain = chain
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        answer = self._answers.get(name)
        if isinstance(answer, Exception):

            def refuse(*_: object, **__: object) -> object:
                raise answer

            return refuse
        return getattr(self._chain, name) if answer is None else lambda *_, **__: answer


class BentState:
    """A state in which every word is another one."""

    def __init__(self, state: StateView) -> None:
        self._state = state

    @property
    def block(self) -> BlockRef:
        return self._state.block

    def storage(self, contract: Address, slot: int) -> int:
        return self._state.storage(contract, slot) ^ 1


DOWN = LedgerUnavailableError("the node does not answer")


@pytest.fixture
def copies(consortium_file: tuple[Path, Deployment], tmp_path: Path) -> Iterator[list[EmbeddedChain]]:
    """Three nodes of one chain."""
    chains = []
    for number in range(3):
        path = tmp_path / f"node-{number}.db"
        shutil.copyfile(consortium_file[0], path)
        chains.append(EmbeddedChain.open(path, clock=lambda: GENESIS_TIME))
    yield chains
    for chain in chains:
        chain.close()


def quorum(*providers: Any, threshold: int = 2) -> ProviderQuorum:
    names = ("alpha", "beta", "gamma", "delta")
    return ProviderQuorum(dict(zip(names, providers, strict=False)), threshold=threshold)


def slot(consortium: Consortium) -> tuple[Address, int]:
    return consortium.place.registry, 0


def test_agreement_is_the_chain(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    several, one = quorum(*copies), copies[0]
    assert several.chain == one.chain
    assert several.head() == several.final_head() == one.head()
    assert several.block(0) == one.block(0)
    assert several.block(one.head().hash) == one.head()
    contract, number = slot(consortium)
    assert several.state().storage(contract, number) == one.state().storage(contract, number)
    assert several.code(contract) == one.code(contract)
    assert several.nonce(consortium.controller.address) == one.nonce(consortium.controller.address)
    assert several.fees() == one.fees()
    assert several.known_until(one.head()) == one.known_until(one.head())
    assert several.receipt(bytes(32)) is None
    found = RegistryView(several.state(), contract).issuer(consortium.issuer_id)
    assert found == RegistryView(one.state(), contract).issuer(consortium.issuer_id)
    assert several.disagreements == ()


def test_one_liar_is_outvoted_and_named(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    contract, number = slot(consortium)
    honest = copies[0].state().storage(contract, number)
    several = quorum(copies[0], Bent(copies[1], state=BentState(copies[1].state())), copies[2])
    assert several.state().storage(contract, number) == honest
    (told,) = several.disagreements
    assert told.settled
    assert dict(told.answers) == {"alpha": hex(honest), "beta": hex(honest ^ 1), "gamma": hex(honest)}
    assert f"beta says {honest ^ 1:#x}" in str(told)


def test_two_liars_with_two_stories_decide_nothing(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    contract, number = slot(consortium)
    several = quorum(copies[0], Bent(copies[1], code=b"other"), Bent(copies[2], code=b"another"))
    with pytest.raises(
        LedgerUnavailableError, match=r"too few providers agree.*alpha says \d+ bytes.*beta says 0x6f74686572.*2 of 3"
    ):
        several.code(contract)
    (told,) = several.disagreements
    assert not told.settled
    assert several.state().storage(contract, number) == copies[0].state().storage(contract, number)


def test_two_liars_with_one_story_win(copies: list[EmbeddedChain], consortium: Consortium) -> None:
    """What a quorum cannot do: that is why providers should be of different people. It is told all the same."""
    bent = [Bent(chain, code=b"other") for chain in copies[1:]]
    several = quorum(copies[0], *bent)
    assert several.code(consortium.place.registry) == b"other"
    assert len(several.disagreements) == 1


def test_too_few_answers_are_unknown(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    contract, _ = slot(consortium)
    down = [Bent(chain, code=DOWN, head=DOWN, final_head=DOWN, fees=DOWN, known_until=DOWN) for chain in copies[1:]]
    several = quorum(copies[0], *down)
    for ask in (
        several.head,
        several.final_head,
        several.fees,
        lambda: several.known_until(copies[0].head()),
        lambda: several.code(contract, block=copies[0].head()),
    ):
        with pytest.raises(LedgerUnavailableError, match=r"too few.*beta gives no answer \(the node does not answer\)"):
            ask()
    assert quorum(*copies[:2], down[1]).head() == copies[0].head()


def test_a_node_that_lags_does_not_hold_the_others_up(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    old = copies[2].head()
    call = consortium.registry.update_evidence(consortium.issuer_id, evidence_hash=b"\x09" * 32)
    for chain in copies[:2]:
        Transactor(chain, consortium.root).send(call)
    new = copies[0].head()
    assert new.number == old.number + 1
    several = quorum(*copies)
    assert several.final_head() == new
    assert quorum(*copies, threshold=3).final_head() == old
    state = several.state(new)
    contract, number = slot(consortium)
    assert state.storage(contract, number) == copies[0].state().storage(contract, number)


def test_a_node_that_claims_to_be_ahead(copies: list[EmbeddedChain]) -> None:
    """One that invents a higher block moves nobody; one that invents another block at the height is named."""
    head = copies[0].head()
    ahead = Bent(copies[2], final_head=replace(head, number=head.number + 1000))
    assert quorum(copies[0], copies[1], ahead).final_head() == head
    other = Bent(copies[2], block=replace(head, hash=b"\x01" * 32))
    several = quorum(copies[0], copies[1], other)
    assert several.final_head() == head
    assert "gamma says 0x0101" in str(several.disagreements[0])


def test_a_state_of_another_block_is_no_answer(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    contract, number = slot(consortium)
    stale = Bent(copies[1], state=copies[1].state(copies[1].block(1)))
    with pytest.raises(LedgerUnavailableError, match=r"beta gives no answer.*another block"):
        quorum(copies[0], stale).state().storage(contract, number)


def test_evidence_proves_itself(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    """A forged proof is passed over, however many hand it out: one that holds is enough."""
    contract, number = slot(consortium)
    head, reads = copies[0].head(), {contract: {number}}
    forged = copies[1].evidence(copies[1].block(1), reads)
    several = quorum(Bent(copies[0], evidence=forged), Bent(copies[1], evidence=forged), copies[2])
    found = ProvenState(several.evidence(head, reads), block_hash=head.hash)
    assert found.storage(contract, number) == copies[0].state().storage(contract, number)
    bent = [Bent(chain, evidence=forged) for chain in copies]
    with pytest.raises(LedgerUnavailableError, match="the evidence is about another block"):
        quorum(*bent).evidence(head, reads)


def test_a_transaction_goes_to_all(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    call = consortium.registry.update_evidence(consortium.issuer_id, evidence_hash=b"\x08" * 32)
    signed = Transactor(copies[0], consortium.root).prepare(call)
    refused = TransactionError("refused", where="nonce")
    several = quorum(copies[0], copies[1], Bent(copies[2], send_raw=refused))
    assert several.send_raw(signed.raw) == signed.hash
    receipt = several.receipt(signed.hash)
    assert receipt is not None
    assert receipt.status
    all_refuse = [Bent(chain, send_raw=refused) for chain in copies]
    with pytest.raises(TransactionError, match="refused"):
        quorum(*all_refuse).send_raw(signed.raw)
    one_is_down = [*all_refuse[:2], Bent(copies[2], send_raw=DOWN)]
    with pytest.raises(LedgerUnavailableError, match="gamma gives no answer"):
        quorum(*one_is_down).send_raw(signed.raw)


def test_no_single_one_sets_the_price(copies: list[EmbeddedChain]) -> None:
    dear = Bent(copies[2], fees=Fees(10**18, 10**18))
    assert quorum(copies[0], copies[1], dear).fees() == copies[0].fees()


def test_nor_the_tip_behind_a_usual_price(copies: list[EmbeddedChain]) -> None:
    """Prices of 100, 101 and 102: the middle one asks for all of it as a tip, and gets the middle tip."""
    greedy = Bent(copies[2], fees=Fees(101, 101))
    honest = [Bent(copies[0], fees=Fees(100, 2)), Bent(copies[1], fees=Fees(102, 3))]
    assert quorum(*honest, greedy).fees() == Fees(101, 3)


def test_a_simulation_is_agreed_on(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    call = consortium.registry.update_evidence(consortium.issuer_id, evidence_hash=b"\x07" * 32)
    several = quorum(copies[0], copies[1], Bent(copies[2], simulate=Execution(True, b"", 1)))
    found = several.simulate(consortium.root.address, call.to, call.data)
    assert found == copies[0].simulate(consortium.root.address, call.to, call.data)


def test_clients_estimate_gas_each_in_their_own_way(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    """The outcome is agreed on; of the gas the second highest counts, which no single one can push up."""
    simulated = [
        Bent(chain, simulate=Execution(True, b"", gas)) for chain, gas in zip(copies, (50, 70, 10**9), strict=True)
    ]
    assert quorum(*simulated).simulate(consortium.root.address, None, b"") == Execution(True, b"", 70)
    split = [Bent(copies[0], simulate=Execution(False, b"\x01", 0)), simulated[1], Bent(copies[2], simulate=DOWN)]
    with pytest.raises(LedgerUnavailableError, match="too few providers agree"):
        quorum(*split).simulate(consortium.root.address, None, b"")


def test_what_lags_holds_nothing_down_and_what_boasts_pushes_nothing_up(copies: list[EmbeddedChain]) -> None:
    for name in ("nonce", "sealed_nonce", "balance"):
        several = quorum(*(Bent(chain, **{name: value}) for chain, value in zip(copies, (7, 8, 10**9), strict=True)))
        assert getattr(several, name)(account(1).address) == 8
        few = quorum(Bent(copies[0], **{name: 7}), *(Bent(chain, **{name: DOWN}) for chain in copies[1:]))
        with pytest.raises(
            LedgerUnavailableError, match=rf"{name.replace('_', ' ')} of 0x.*alpha says 7; beta gives no"
        ):
            getattr(few, name)(account(1).address)


def test_a_receipt_counts_when_enough_have_it(consortium: Consortium, copies: list[EmbeddedChain]) -> None:
    """One that has not heard of the block yet is no liar; one that says that it failed is outvoted."""
    call = consortium.registry.update_evidence(consortium.issuer_id, evidence_hash=b"\x06" * 32)
    for chain in copies[:2]:
        Transactor(chain, consortium.root).send(call)
    tx_hash = Transactor(copies[2], consortium.root).prepare(call).hash
    receipt = copies[0].receipt(tx_hash)
    assert receipt is not None
    assert quorum(*copies).receipt(tx_hash) == receipt
    assert quorum(copies[0], copies[2]).receipt(tx_hash) is None  # only one of two has it so far
    assert quorum(*copies[:2], Bent(copies[0], receipt=replace(receipt, status=False))).receipt(tx_hash) == receipt
    with pytest.raises(LedgerUnavailableError, match="receipt of 0x"):
        quorum(copies[0], Bent(copies[1], receipt=DOWN)).receipt(tx_hash)


def test_what_enough_refuse_is_refused(copies: list[EmbeddedChain]) -> None:
    """A block that two of three do not have is not there, whatever the third makes up."""
    with pytest.raises(LedgerError, match="no such block") as told:
        quorum(*copies[:2], Bent(copies[2], block=copies[2].head())).block(10**6)
    assert not isinstance(told.value, LedgerUnavailableError)


def test_who_does_not_answer_is_left_alone_for_a_while(copies: list[EmbeddedChain]) -> None:
    """Three times running; a minute later it is asked again, and one answer makes up for all."""
    asked: list[str] = []
    now = [0.0]
    away = [True]

    class Shaky(Bent):
        def code(self, address: Address, *, block: BlockRef | None = None) -> bytes:
            asked.append(address)
            if away[0]:
                raise DOWN
            return copies[2].code(address, block=block)

    providers: Any = {"alpha": copies[0], "beta": copies[1], "gamma": Shaky(copies[2])}
    several = ProviderQuorum(providers, threshold=2, monotonic=lambda: now[0])
    head, somebody = copies[0].head(), account(1).address
    for _ in range(10):
        assert several.code(somebody, block=head) == b""
    assert len(asked) == MAX_UNANSWERED
    assert several.problems == {"gamma": "the node does not answer"}
    now[0] = REST_S
    assert several.code(somebody, block=head) == b""
    assert len(asked) == MAX_UNANSWERED + 1  # asked again, in vain, and left alone anew
    assert several.code(somebody, block=head) == b""
    assert len(asked) == MAX_UNANSWERED + 1
    now[0], away[0] = 2 * REST_S, False
    for _ in range(5):
        assert several.code(somebody, block=head) == b""
    assert len(asked) == MAX_UNANSWERED + 6
    assert several.problems == {}


def test_the_lowest_limit_of_any_counts(copies: list[EmbeddedChain]) -> None:
    assert quorum(*copies).max_fee_wei_per_gas is None
    limited = [type("Limited", (Bent,), {"max_fee_wei_per_gas": limit})(copies[0]) for limit in (9, 5)]
    assert quorum(copies[0], *limited).max_fee_wei_per_gas == 5


def test_what_is_no_quorum(copies: list[EmbeddedChain], tmp_path: Path) -> None:
    for count, threshold in ((3, 1), (3, 4), (2, 1), (0, 0), (0, 1)):
        with pytest.raises(LedgerError, match="not a quorum"):
            quorum(*copies[:count], threshold=threshold)
    with (
        EmbeddedChain.create(tmp_path / "other.db", clock=lambda: GENESIS_TIME, seed=b"\x05" * 32) as other,
        pytest.raises(WrongChainError, match="different chains"),
    ):
        quorum(copies[0], other)

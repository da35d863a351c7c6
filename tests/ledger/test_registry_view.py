"""The registry out of storage: equal to the contract's own views, live and proven, and judged with reasons."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from consortium_setup import BOTH, ISSUER_LEI, KEY_HASH, ROOT_LEI, Consortium, account

from contracts import load
from passport.errors import LedgerError, ProofError, TransactionError
from passport.ledger import (
    Account,
    AccountPurpose,
    Address,
    EmbeddedChain,
    IssuerId,
    Judgement,
    KeyPurpose,
    KeyWindow,
    ProvenState,
    RecordingState,
    RegistryView,
    Suspension,
    account_key_good_at,
    credential_key_good_at,
    entity_good_at,
    issuer_id,
    registrar_chain,
    suspended_at,
)
from passport.ledger.registry import MAX_PAST_SUSPENSIONS
from passport.ledger.transactions import read_contract

ARTIFACT = load("IssuerRegistry")
GLN = "4012345000009"


def view(consortium: Consortium) -> RegistryView:
    """The registry at the head."""
    return RegistryView(consortium.chain.state(), consortium.place.registry)


def ask(consortium: Consortium, function: str, *arguments: object) -> Any:
    """The contract's own answer."""
    return read_contract(consortium.chain, ARTIFACT, consortium.place.registry, function, *arguments)


def raw(entity: IssuerId) -> bytes:
    """An issuer id as the contract takes it."""
    return bytes.fromhex(entity[2:])


def add_registrar(consortium: Consortium, above: Account, new: Account, gln: str) -> IssuerId:
    """Register an entity under `above` and make its controller `new` a registrar."""
    consortium.send(
        above,
        consortium.registry.register_issuer("GLN", gln, controller=new.address, evidence_hash=b"\x03" * 32),
    )
    entity = issuer_id("GLN", gln)
    consortium.send(above, consortium.registry.accredit_registrar(new.address, entity))
    return entity


def register(consortium: Consortium, registrar: Account, gln: str) -> IssuerId:
    """Register an entity controlled by a stranger."""
    consortium.send(
        registrar,
        consortium.registry.register_issuer(
            "GLN", gln, controller=consortium.stranger.address, evidence_hash=b"\x04" * 32
        ),
    )
    return issuer_id("GLN", gln)


# ---------------------------------------------------------------- records


def test_records_are_those_the_contract_gives(consortium: Consortium) -> None:
    """Two roads: storage slots, and the contract's views."""
    registry, entity = view(consortium), consortium.issuer_id
    issuer = registry.issuer(entity)
    assert issuer is not None
    assert ask(consortium, "issuerOf", raw(entity)) == (
        issuer.controller,
        issuer.issuer_no,
        issuer.suspended_at or 0,
        int(issuer.roles),
        int(issuer.link_state),
        issuer.void_from is not None,
        issuer.registrar,
        issuer.registered_at,
        issuer.void_from or 0,
        issuer.evidence_hash,
    )
    assert (issuer.controller, issuer.registrar) == (consortium.controller.address, consortium.root.address)
    assert (issuer.issuer_no, issuer.evidence_hash, issuer.suspended_at) == (2, b"\x02" * 32, None)
    key = registry.account_key(consortium.anchorer.address)
    assert key is not None
    assert ask(consortium, "accountKeyOf", consortium.anchorer.address) == (2, 1, key.window.valid_from, 0, 0, 3)
    assert (key.issuer_no, key.key_no, key.purposes) == (2, 1, BOTH)
    assert registry.bad_from_of(1) is None
    credential = registry.credential_key(entity, KEY_HASH)
    assert credential is not None
    assert ask(consortium, "credentialKeyOf", raw(entity), KEY_HASH) == (
        credential.bound_at,
        credential.window.valid_from,
        0,
        0,
        1,
    )
    assert credential.purposes == KeyPurpose.ASSERT
    registrar = registry.registrar(consortium.root.address)
    assert registrar is not None
    assert (registrar.issuer_id, registrar.accreditor, registrar.bad_from) == (issuer_id("LEI", ROOT_LEI), None, None)
    assert [registry.issuer_id_of(number) for number in (0, 1, 2, 3)] == [
        None,
        issuer_id("LEI", ROOT_LEI),
        issuer_id("LEI", ISSUER_LEI),
        None,
    ]


def test_what_is_not_there_is_none(consortium: Consortium) -> None:
    registry, nobody = view(consortium), account(99).address
    assert registry.issuer(issuer_id("GLN", GLN)) is None
    assert registry.registrar(nobody) is None
    assert registry.account_key(nobody) is None
    assert registry.bad_from_of(2) is None
    assert registry.link(consortium.issuer_id) is None
    assert registry.recoveries(consortium.issuer_id) == ()
    assert registry.organisation_key(consortium.issuer_id) is None
    assert registry.credential_key(consortium.issuer_id, bytes(32)) is None
    assert registry.credential_key(issuer_id("LEI", ROOT_LEI), KEY_HASH) is None
    assert registry.past_suspensions(consortium.issuer_id) == ()


def test_a_view_of_proven_state_reads_the_same(consortium: Consortium) -> None:
    recording = RecordingState(consortium.chain.state())
    live = RegistryView(recording, consortium.place.registry)
    entity, anchorer = consortium.issuer_id, consortium.anchorer.address
    expected = (live.issuer(entity), live.account_key(anchorer), live.credential_key(entity, KEY_HASH))
    head = consortium.chain.head()
    proven = ProvenState(consortium.chain.evidence(head, recording.reads), block_hash=head.hash)
    offline = RegistryView(proven, consortium.place.registry)
    found = (offline.issuer(entity), offline.account_key(anchorer), offline.credential_key(entity, KEY_HASH))
    assert found == expected
    assert proven.unused_nodes() == ()
    with pytest.raises(ProofError, match="not proven"):
        offline.registrar(consortium.root.address)


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("window", "good"),
    [
        (KeyWindow(100, None, None), {100, 101, 149, 150, 199, 200, 10**9}),
        (KeyWindow(100, 200, None), {100, 101, 149, 150, 199}),
        (KeyWindow(100, 200, 150), {100, 101, 149}),
        (KeyWindow(100, None, 100), set()),
        (KeyWindow(100, None, 1), set()),
        (KeyWindow(0, None, 150), {0, 1, 99, 100, 101, 149}),
    ],
)
def test_a_window_is_half_open(window: KeyWindow, good: set[int]) -> None:
    moments = {0, 1, 99, 100, 101, 149, 150, 199, 200, 10**9}
    assert {time for time in moments if window.holds(time)} == good


def test_account_keys_are_judged_as_the_contract_does(consortium: Consortium) -> None:
    """At every second from before the binding to the end, through a retirement and a compromise reaching back."""
    start = consortium.now
    anchorer, entity = consortium.anchorer.address, consortium.issuer_id
    for _ in range(3):
        consortium.commit(consortium.now, prev_size=0 if _ == 0 else consortium.now - 1)
    consortium.send(consortium.controller, consortium.registry.retire_account_key(anchorer))
    registry = view(consortium)
    after_retirement = self_check(consortium, registry, anchorer, start)
    consortium.send(
        consortium.controller, consortium.registry.report_account_key_compromise(anchorer, bad_from=start + 2)
    )
    after_compromise = self_check(consortium, view(consortium), anchorer, start)
    assert after_retirement - after_compromise == {start + 2, start + 3}
    judgement = account_key_good_at(view(consortium), anchorer, issuer_id=entity, time=start + 2)
    assert judgement == Judgement(
        False, f"account {anchorer} was compromised from {start + 2}, so not good at {start + 2}"
    )


def self_check(consortium: Consortium, registry: RegistryView, anchorer: Address, start: int) -> set[int]:
    """The seconds at which the key is good, once asserted to be those of the contract."""
    times = range(start - 4, consortium.now + 1)
    good = {
        time
        for time in times
        if account_key_good_at(registry, anchorer, issuer_id=consortium.issuer_id, time=time).good
    }
    assert good == {time for time in times if ask(consortium, "authorisedAt", anchorer, time)}
    return good


def test_reasons_about_account_keys(consortium: Consortium) -> None:
    registry, entity, now = view(consortium), consortium.issuer_id, consortium.now
    anchorer, stranger = consortium.anchorer.address, consortium.stranger.address
    root_entity = issuer_id("LEI", ROOT_LEI)
    key = registry.account_key(anchorer)
    assert key is not None
    bound_at = key.window.valid_from
    cases = [
        (account_key_good_at(registry, stranger, issuer_id=entity, time=now), f"{stranger} is bound to no legal"),
        (
            account_key_good_at(registry, anchorer, issuer_id=root_entity, time=now),
            f"{anchorer} is bound to {entity}, not to {root_entity}",
        ),
        (
            account_key_good_at(registry, anchorer, issuer_id=entity, time=bound_at - 1),
            f"account {anchorer} is good only from {bound_at}, not at {bound_at - 1}",
        ),
    ]
    for judgement, reason in cases:
        assert not judgement.good
        assert judgement.reason.startswith(reason)
    assert account_key_good_at(registry, anchorer, issuer_id=entity, time=now) == Judgement(
        True, f"account {anchorer} was good at {now}"
    )


def test_a_purpose_that_was_not_given_is_missing(consortium: Consortium) -> None:
    key = account(20)
    consortium.bind(consortium.controller, consortium.issuer_id, key, AccountPurpose.STATUS)
    judgement = account_key_good_at(view(consortium), key.address, issuer_id=consortium.issuer_id, time=consortium.now)
    assert judgement == Judgement(False, f"{key.address} is bound without the purpose ANCHOR")
    assert account_key_good_at(
        view(consortium),
        key.address,
        issuer_id=consortium.issuer_id,
        time=consortium.now,
        purpose=AccountPurpose.STATUS,
    ).good


def test_credential_keys_are_judged_as_the_contract_does(consortium: Consortium) -> None:
    entity, start = consortium.issuer_id, consortium.now
    other = sha256(b"z6MkOther").digest()
    bind = consortium.registry.bind_credential_key(entity, other, valid_from=start + 3, valid_until=start + 6)
    consortium.send(consortium.controller, bind)
    for size in (256, 512, 768):
        consortium.commit(size, prev_size=size - 256)
    consortium.send(consortium.controller, consortium.registry.retire_credential_key(entity, KEY_HASH))
    consortium.send(
        consortium.controller, consortium.registry.report_credential_key_compromise(entity, other, bad_from=start + 5)
    )
    registry, times = view(consortium), range(start - 2, consortium.now + 1)
    for key_hash, expected in ((KEY_HASH, set(range(start, start + 5))), (other, {start + 3, start + 4})):
        good = {time for time in times if credential_key_good_at(registry, entity, key_hash, time=time).good}
        assert good == expected
        assert good == {
            time for time in times if ask(consortium, "credentialAuthorisedAt", raw(entity), key_hash, time)
        }
    judgement = credential_key_good_at(registry, entity, KEY_HASH, time=start + 5)
    assert (
        judgement.reason == f"credential key 0x{KEY_HASH.hex()} was retired at {start + 5}, so not good at {start + 5}"
    )
    unbound = credential_key_good_at(registry, entity, bytes(32), time=start)
    assert unbound == Judgement(False, f"{entity} has not bound the credential key 0x{'00' * 32}")


def test_the_future_cannot_be_told(consortium: Consortium) -> None:
    registry, entity = view(consortium), consortium.issuer_id
    later = consortium.now + 1
    with pytest.raises(LedgerError, match="cannot be told yet") as caught:
        account_key_good_at(registry, consortium.anchorer.address, issuer_id=entity, time=later)
    assert (caught.value.expected, caught.value.found) == (f"a time up to {later - 1}", later)
    with pytest.raises(LedgerError, match="cannot be told yet"):
        credential_key_good_at(registry, entity, KEY_HASH, time=later)
    with pytest.raises(LedgerError, match="cannot be told yet"):
        suspended_at(registry, entity, time=later)


# ---------------------------------------------------------------- suspensions


def test_suspensions_past_and_present(consortium: Consortium) -> None:
    """Suspended and reinstated three times, then suspended for good: every second as the contract has it."""
    entity, start = consortium.issuer_id, consortium.now
    for _ in range(3):
        consortium.send(consortium.root, consortium.registry.suspend(entity))
        consortium.send(consortium.root, consortium.registry.update_evidence(entity, evidence_hash=b"\x05" * 32))
        consortium.send(consortium.root, consortium.registry.reinstate(entity))
        consortium.send(consortium.root, consortium.registry.update_evidence(entity, evidence_hash=b"\x06" * 32))
    consortium.send(consortium.root, consortium.registry.suspend(entity))
    consortium.send(consortium.root, consortium.registry.update_evidence(entity, evidence_hash=b"\x07" * 32))
    registry = view(consortium)
    past = registry.past_suspensions(entity)
    assert past == tuple(Suspension(start + at, start + at + 2) for at in (1, 5, 9))
    assert ask(consortium, "pastSuspensionCount", raw(entity)) == 3
    assert [ask(consortium, "pastSuspensionOf", raw(entity), at) for at in range(3)] == [
        (suspension.began_at, suspension.ended_at) for suspension in past
    ]
    present = Suspension(start + 13, None)
    for time in range(start - 1, consortium.now + 1):
        expected = next((s for s in (*past, present) if s.covers(time)), None)
        assert suspended_at(registry, entity, time=time) == expected
        assert (
            entity_good_at(registry, entity, time=time, roots={consortium.place.root}).good
            == ask(consortium, "credentialAuthorisedAt", raw(entity), KEY_HASH, time)
            or time < start
        )
    judgement = entity_good_at(registry, entity, time=start + 2, roots={consortium.place.root})
    assert judgement == Judgement(False, f"{entity} was suspended from {start + 1} until {start + 3}")
    judgement = entity_good_at(registry, entity, time=consortium.now, roots={consortium.place.root})
    assert judgement == Judgement(False, f"{entity} was suspended from {start + 13} and still is")


def test_a_list_of_suspensions_is_bounded() -> None:
    class Endless:
        """Every word says there are many."""

        block = None

        def storage(self, contract: Address, slot: int) -> int:
            return MAX_PAST_SUSPENSIONS + 1

    registry = RegistryView(Endless(), account(1).address)
    with pytest.raises(LedgerError, match="too many past suspensions to list; expected at most 4096; found 4097"):
        registry.past_suspensions(issuer_id("GLN", GLN))


# ---------------------------------------------------------------- registrars


def test_the_chain_of_registrars_reaches_the_root(consortium: Consortium) -> None:
    """Root, a national body, a chamber, an issuer: three links, each at the time it vouched."""
    body, chamber = account(11), account(12)
    add_registrar(consortium, consortium.root, body, "4012345000009")
    add_registrar(consortium, body, chamber, "0614141000012")
    entity = register(consortium, chamber, "9506000140445")
    registry = view(consortium)
    chain = registrar_chain(registry, entity, roots={consortium.place.root})
    assert chain.good
    assert [step.registrar.address for step in chain.steps] == [
        chamber.address,
        body.address,
        consortium.root.address,
    ]
    issuer, below, above = (
        registry.issuer(entity),
        registry.registrar(chamber.address),
        registry.registrar(body.address),
    )
    assert issuer is not None
    assert below is not None
    assert above is not None
    assert [step.time for step in chain.steps] == [issuer.registered_at, below.accredited_at, above.accredited_at]
    assert entity_good_at(registry, entity, time=consortium.now, roots={consortium.place.root}).good
    # Who trusts the body itself need not look above it; who trusts nobody here stops at the root.
    assert [s.registrar.address for s in registrar_chain(registry, entity, roots={body.address}).steps] == [
        chamber.address,
        body.address,
    ]
    untrusted = registrar_chain(registry, entity, roots=())
    assert untrusted.broken == f"the chain ends at {consortium.root.address}, which is not among the trusted roots"


def test_a_withdrawal_reaches_back_over_what_hangs_on_it(consortium: Consortium) -> None:
    body, chamber = account(11), account(12)
    roots = {consortium.place.root}
    add_registrar(consortium, consortium.root, body, "4012345000009")
    early = register(consortium, body, "9506000140445")
    add_registrar(consortium, body, chamber, "0614141000012")
    late = register(consortium, chamber, "5790001398644")
    registry = view(consortium)
    issuer, below = registry.issuer(early), registry.registrar(chamber.address)
    assert issuer is not None
    assert below is not None
    bad_from = below.accredited_at
    consortium.send(consortium.root, consortium.registry.withdraw_registrar(body.address, bad_from=bad_from))
    registry = view(consortium)
    assert registrar_chain(registry, early, roots=roots).good
    broken = registrar_chain(registry, late, roots=roots)
    assert [step.registrar.address for step in broken.steps] == [chamber.address]
    assert broken.broken == (
        f"{body.address} accredited {chamber.address} at {bad_from}, and what it did from {bad_from} on is void"
    )
    assert ask(consortium, "registrarGoodAt", chamber.address, consortium.now) is False
    consortium.send(
        consortium.root, consortium.registry.withdraw_registrar(body.address, bad_from=issuer.registered_at)
    )
    judgement = entity_good_at(view(consortium), early, time=consortium.now, roots=roots)
    assert judgement == Judgement(
        False,
        f"{body.address} registered {early} at {issuer.registered_at},"
        f" and what it did from {issuer.registered_at} on is void",
    )


def test_nobody_vouches_for_a_stranger(consortium: Consortium) -> None:
    entity = issuer_id("GLN", GLN)
    chain = registrar_chain(view(consortium), entity, roots={consortium.place.root})
    assert (chain.steps, chain.broken) == ((), f"no legal entity is registered under {entity}")


def test_an_entity_was_nobody_before_it_was_registered(consortium: Consortium) -> None:
    registry = view(consortium)
    issuer = registry.issuer(consortium.issuer_id)
    assert issuer is not None
    judgement = entity_good_at(
        registry, consortium.issuer_id, time=issuer.registered_at - 1, roots={consortium.place.root}
    )
    assert judgement == Judgement(False, f"{consortium.issuer_id} was registered only at {issuer.registered_at}")


class Forged:
    """A state of a cheater's own making, over the words of a real one."""

    def __init__(self, consortium: Consortium, words: dict[int, int]) -> None:
        self.inner = consortium.chain.state()
        self.words = words
        self.block = self.inner.block

    def storage(self, contract: Address, slot: int) -> int:
        """The forged word, or the real one."""
        return self.words.get(slot, self.inner.storage(contract, slot))


def test_chains_no_contract_would_allow_are_broken_too(consortium: Consortium) -> None:
    """A verifier does not rest on the contract's guards alone: self-vouching, a registrar out of nowhere, a ring."""
    from passport.ledger.registry import _layout

    entity, root = consortium.issuer_id, consortium.root.address
    first = _layout().slots("_registrars", root).start
    roots = {account(50).address}
    own = Forged(consortium, {first: int(entity, 16)})
    found = registrar_chain(RegistryView(own, consortium.place.registry), entity, roots=roots)
    assert found.broken == f"{root} registered {entity}, and {entity} is the very entity that answers for it"
    gone = Forged(consortium, {first + 1: 0})
    found = registrar_chain(RegistryView(gone, consortium.place.registry), entity, roots=roots)
    assert found.broken == f"{root} registered {entity} but was never accredited"
    word = consortium.chain.state().storage(consortium.place.registry, first + 1)
    own = Forged(consortium, {first + 1: word | int(root, 16)})
    found = registrar_chain(RegistryView(own, consortium.place.registry), entity, roots=roots)
    assert found.broken == f"{root} accredited {root}, which its own legal entity answers for"
    # Two that accredit each other, each answered for by another entity.
    other = consortium.stranger.address
    second = _layout().slots("_registrars", other).start
    words = {first + 1: word | int(other, 16), second: 0xE1, second + 1: word | int(root, 16)}
    found = registrar_chain(RegistryView(Forged(consortium, words), consortium.place.registry), entity, roots=roots)
    assert found.broken == "the chain is longer than 8 accreditations"
    assert len(found.steps) == 9
    late = Forged(consortium, {first + 1: word + (1000 << 160)})
    found = registrar_chain(RegistryView(late, consortium.place.registry), entity, roots=roots)
    assert found.broken is not None
    assert "before it was accredited" in found.broken


def test_controllers_change_hands(consortium: Consortium) -> None:
    new = account(30)
    consortium.send(consortium.controller, consortium.registry.set_controller(consortium.issuer_id, new.address))
    issuer = view(consortium).issuer(consortium.issuer_id)
    assert issuer is not None
    assert issuer.controller == new.address


def test_pausing_stops_newcomers_only(consortium: Consortium) -> None:
    consortium.send(consortium.root, consortium.registry.pause())
    with pytest.raises(TransactionError, match=r"IsPaused\(\)"):
        register(consortium, consortium.root, GLN)
    consortium.commit(256)
    consortium.send(consortium.root, consortium.registry.unpause())
    entity = register(consortium, consortium.root, GLN)
    assert view(consortium).issuer(entity) is not None


def test_a_chain_without_a_registry_has_nobody(chain: EmbeddedChain) -> None:
    registry = RegistryView(chain.state(), account(1).address)
    assert registry.issuer(issuer_id("LEI", ISSUER_LEI)) is None

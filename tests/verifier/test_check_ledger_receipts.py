"""`ledger_footprint` with receipts: gas is exact out of a chain and out of a bundle, and no lie about one survives."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from bundle_text import BundleText
from forge import Forged, commit, draft_of, filler, publish_all, up_to_date
from judged import node, only_failure, row
from receipt_blocks import block_of, sealed
from verifier_world import World, account_of

from passport.errors import DocumentError, LedgerError
from passport.ledger import Address, BatchWriter, CommitOrder, StatusKind, deploy_batcher
from passport.ledger.ancestry import Ancestry
from passport.ledger.passport_log import PassportLogView
from passport.ledger.proofs import block_of_header
from passport.ledger.receipt_proof import ReceiptEvidence, collect_receipt, prove_receipt
from passport.ledger_footprint.anchoring_profile import AnchoringProfile, Per, Scope
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.ledger_footprint.log_gas import commit_gas
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.rule import Rule
from passport.model.digest import from_sha256, to_sha256
from verifier import bundle_receipts
from verifier.audit import Settings, audit
from verifier.bundle import BUNDLE_FORMAT, BUNDLE_FORMAT_1_1, LATER_SECTIONS, BundleFile, from_base64url, to_base64url
from verifier.bundle_receipts import BundleReceipts, ancestor_key, receipt_key, receipt_payload
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.checks.ledger_footprint import UNDERSTATED, WITHIN
from verifier.live_receipts import MAX_UNANSWERED, LiveReceipts
from verifier.outcome import Outcome
from verifier.policy import default_policy
from verifier.record import LedgerShare
from verifier.report import Report
from verifier.trust import KnownBlock, Trust

CHECK = "ledger_footprint"
KG_PER_GAS = Fraction(1, 10**6)
PER_GAS = AnchoringProfile(
    chain="tests",
    edition="gas",
    chain_id="eip155:1337",
    rule=Rule.PER_GAS,
    per=Per.MILLION_GAS,
    scope=Scope.ELECTRICITY,
    low=Decimal(1),
    central=Decimal(1),
    high=Decimal(1),
    period=Period(date(2026, 1, 1), date(2026, 11, 30)),
)
"""A kilogram for a million gas, whoever counts: what is left of a range is the range of the gas."""

PROFILES = AnchoringProfiles((PER_GAS,))


def with_ceiling(world: World, amount: str, *, batch: int = 1) -> Any:
    draft = draft_of(world, "pack")
    draft.stated["ledgerCeiling"] = {
        "amount": amount,
        "minimumBatch": batch,
        "profileDigest": from_sha256(PER_GAS.sha256),
    }
    return draft


def kg(gas: int | Fraction) -> str:
    """Kilograms as a ceiling is written."""
    text = format(Decimal(Fraction(gas).numerator) / Decimal(Fraction(gas).denominator) / 10**6, "f")
    return text.rstrip("0").rstrip(".")


def judge_live(world: World, forged: Forged, source: Any = None) -> Report:
    return world.audit(forged.digest, source or forged.source, ledger_profiles=PROFILES)


def share_of(report: Report) -> LedgerShare:
    found = node(report, "pack").ledger
    assert found is not None
    return found


def block_gas(world: World, number: int | None = None) -> int:
    """Gas of the one transaction of a block, by its header: another road than the receipt's."""
    return world.chain.observe(world.chain.head().number if number is None else number).gas_used


def test_exact_gas(world: World) -> None:
    """One leaf alone: a ceiling of its very gas holds, and one unit of gas less is understated."""
    probe = with_ceiling(world, "1").publish()
    gas = block_gas(world)
    share = share_of(judge_live(world, probe))
    assert (share.low, share.central, share.high) == (gas / 10**6,) * 3
    assert share.to_json()["gas"] == {
        "commit_receipt": {
            "block": world.chain.head().number,
            "position": 0,
            "gas_used": gas,
            "issuers": 1,
            "leaves": 1,
        },
        "commit_bounded": None,
        "status_receipts": 0,
        "statuses_bounded": 0,
    }
    bound = commit_gas(is_first=False)
    for ceiling, outcome, reason in (
        (lambda used: used, Outcome.PASSED, None),
        (lambda used: used - 12 * 20, Outcome.FAILED, UNDERSTATED),
    ):
        forged = with_ceiling(world, kg(ceiling(gas + 12 * 10))).publish()  # zero bytes of a root cost 12 gas less
        used = block_gas(world)
        assert abs(used - gas) < 12 * 10
        report = judge_live(world, forged)
        found = row(report, "pack", CHECK)
        assert (found.outcome, found.reason) == (outcome, reason)
        said = f"; {used} gas by the receipt at position 0 of block {world.chain.head().number}"
        assert str(found.found).endswith(said)
        if outcome is Outcome.FAILED:
            only_failure(report, "pack", CHECK)
        # Without the receipt the same ceiling lies somewhere between the state's bounds.
        forged.source.has_receipts = False
        bounded = judge_live(world, forged)
        if reason is None:
            assert (row(bounded, "pack", CHECK).outcome, row(bounded, "pack", CHECK).reason) == (
                Outcome.UNKNOWN,
                WITHIN,
            )
            assert str(row(bounded, "pack", CHECK).found).endswith("; gas bounded by the state: no receipt is at hand")
        share = share_of(bounded)
        assert (share.low, share.high) == (bound.low / 10**6, bound.high / 10**6)


def test_shared_by_the_leaves_and_the_promised_batch(world: World) -> None:
    """Four leaves, two promised: a quarter of the gas at least, half of it at most."""
    drafts = [with_ceiling(world, "1", batch=2) for _ in range(4)]
    forged = list(publish_all(drafts))
    gas = block_gas(world)
    for each in forged:
        share = share_of(judge_live(world, each))
        assert (share.low, share.high, share.leaves) == (gas / 4 / 10**6, gas / 2 / 10**6, 4)


def test_a_batch_of_three_issuers(own_world: World) -> None:
    """A relay's transaction for three companies: a third of its gas each."""
    world = own_world
    batcher = deploy_batcher(world.chain, world.root, Address(world.trusted.log))
    draft = with_ceiling(world, "1")
    makers = [world.companies[key] for key in ("maker", "parts", "mine")]
    orders, sealed_pack, logs = [], None, {}
    for company in makers:
        log = logs[company.key] = world.source.logs[company.log_key]
        before = len(log.entries)
        if company.key == "maker":
            sealed_pack = draft.seal(before)
            log.entries.append(to_sha256(sealed_pack[0]))
        else:
            log.entries.append(filler(before))
        root = log.merkle().root()
        terms: dict[str, Any] = {"prev_size": before, "root": root, "size": before + 1, "deadline": 1 << 39}
        signature = world.log.sign_commit(company.anchorer, company.issuer_id, **terms)
        orders.append(
            CommitOrder(company.issuer_id, before, root, before + 1, 1 << 39, company.anchorer.address, signature)
        )
        log.checkpoints.append((before, before + 1, root))
    world.send(account_of("a stranger"), BatchWriter(batcher, world.chain.chain).commit_many(orders))
    gas = block_gas(world)
    assert sealed_pack is not None
    source = world.source.clone()
    source.drop(draft.replaces)
    draft.file(source, sealed_pack[1])
    forged = Forged(sealed_pack[0], draft.credential["id"], 0, sealed_pack[1], source)
    report = judge_live(world, forged)
    share = share_of(report)
    assert (share.low, share.high) == (float(Fraction(gas, 3) * KG_PER_GAS),) * 2
    assert "shared by 3 issuers" in str(row(report, "pack", CHECK).found)


def test_what_was_said_of_the_leaf(own_world: World) -> None:
    """Suspended and reinstated, which the state forgets, and revoked: three more transactions, each for its gas."""
    world, maker = own_world, own_world.companies["maker"]
    forged = with_ceiling(world, "1").publish()
    total = block_gas(world)
    for kind in (StatusKind.SUSPENDED, StatusKind.REINSTATED, StatusKind.REVOKED):
        world.set_status(maker, forged.index, kind)
        total += block_gas(world)
    report = judge_live(world, forged, up_to_date(world, forged))
    share = share_of(report)
    assert (share.low, share.high) == (pytest.approx(total / 10**6, rel=1e-12),) * 2
    assert str(row(report, "pack", CHECK).found).endswith("; transactions with statuses, by receipts: 3")
    assert share.gas.statuses.receipts == 3
    # As of the block of the checkpoint nothing had been said yet, whatever receipts there are now.
    source = up_to_date(world, forged)
    source.block = world.chain.head().number - 3
    assert share_of(judge_live(world, forged, source)).gas.statuses.receipts == 0


class Down:
    """A chain that answers all but questions for receipts."""

    def __init__(self, chain: Any) -> None:
        self._chain = chain
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chain, name)

    def receipts_touching(self, contract: Address, number: int) -> Any:
        self.asked += 1
        raise LedgerError("the node has no receipts", where=f"block {number}")

    def blocks_with_events(self, contract: Address, topics: Any, *, first: int, last: int) -> Any:
        self.asked += 1
        raise LedgerError("the node has no events")


def test_a_node_without_receipts(world: World) -> None:
    """Bounded as before, with what the node said; and it is not asked for every checkpoint in vain."""
    forged = [with_ceiling(world, "1").publish() for _ in range(3)]
    source = up_to_date(world, forged[2])
    for each in forged[:2]:
        source.put(each.body)
    source.ledger = down = Down(world.chain)  # type: ignore[assignment]
    report = world.audit(forged[2].digest, source, ledger_profiles=PROFILES)
    found = row(report, "pack", CHECK)
    assert "gas bounded by the state: " in str(found.found)
    assert "the node has no receipts" in str(found.found)
    assert found.outcome is Outcome.PASSED  # a ceiling of a kilogram is above what the state bounds
    live = LiveReceipts(Down(world.chain), Address(world.trusted.log), world.chain.head())
    log = PassportLogView(world.chain.state(), Address(world.trusted.log))
    maker = world.companies["maker"]
    counted = live._ledger
    for _, _, root in source.logs[maker.log_key].checkpoints * 3:
        checkpoint = log.checkpoint(maker.issuer_id, root)
        assert checkpoint is not None
        with pytest.raises(LedgerError, match="the node has no receipts"):
            live.commits(checkpoint)
    assert counted.asked == MAX_UNANSWERED  # type: ignore[attr-defined]
    assert 2 <= down.asked <= MAX_UNANSWERED


def test_passports_without_a_ceiling_ask_for_nothing(world: World) -> None:
    """No ceiling, no receipt: the source is not even asked whether it has some."""
    source = world.source.clone()
    assert world.audit(source=source, ledger_profiles=PROFILES).verdict == "passed"
    assert "receipts" not in source.calls


# --- in a bundle ---


def bundle_of(world: World, path: Path, forged: Forged, source: Any = None) -> Report:
    return make_bundle(
        path,
        source or forged.source,
        forged.digest,
        trust=world.trust,
        ledger=world.chain,
        policy=default_policy(accept_imported=True),
        at=world.now(),
        ledger_profiles=PROFILES,
    )


def judge(world: World, path: Path, trust: Trust, profiles: AnchoringProfiles = PROFILES) -> Report:
    with BundleFile(path) as bundle:
        source = BundleSource(bundle)
        report = audit(
            source,
            bundle.header.top,
            policy=default_policy(accept_imported=True),
            trust=trust,
            settings=Settings(at=world.now(), is_snapshot=True, ledger_profiles=profiles),
        )
        source.refuse_surplus(report)
        return report


@pytest.fixture
def forged(own_world: World) -> Forged:
    """A passport with a ceiling, some blocks before the head, suspended, reinstated and superseded meanwhile."""
    made = with_ceiling(own_world, "1").publish()
    maker = own_world.companies["maker"]
    commit(own_world, maker, own_world.source.logs[maker.log_key], [filler(1)])
    own_world.set_status(maker, made.index, StatusKind.SUSPENDED)
    own_world.set_status(maker, made.index, StatusKind.REINSTATED)
    own_world.set_status(maker, made.index, StatusKind.SUPERSEDED, next_index=made.index + 1)
    mine = own_world.companies["mine"]
    for number in (2, 3, 4):
        commit(own_world, mine, own_world.source.logs[mine.log_key], [filler(number)])
    return Forged(made.digest, made.id, made.index, made.body, up_to_date(own_world, made))


@pytest.fixture
def text(own_world: World, forged: Forged, tmp_path: Path) -> BundleText:
    """Its bundle, taken apart."""
    assert bundle_of(own_world, tmp_path / "whole", forged).verdict == "passed"
    return BundleText.read(tmp_path / "whole")


def test_the_same_out_of_a_bundle(own_world: World, forged: Forged, text: BundleText, tmp_path: Path) -> None:
    """Four receipts and the headers that tie them; the same rows as from the chain, and the same bytes twice."""
    live = judge_live(own_world, forged)
    read = judge(own_world, tmp_path / "whole", own_world.trust_with())
    assert row(read, "pack", CHECK) == row(live, "pack", CHECK)
    assert share_of(read) == share_of(live)
    assert share_of(read).gas.statuses.receipts == 3
    assert (text.header["format"], len(text.sections["receipt"])) == (BUNDLE_FORMAT_1_1, 4)
    head = own_world.chain.head().number
    first = int(text.sections["receipt"][0][0][:15])
    assert [int(key) for key, _ in text.sections["ancestor"]] == list(range(first, head))
    bundle_of(own_world, tmp_path / "again", forged)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "whole").read_bytes()
    assert text.write(tmp_path / "rewritten").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_bundle_without_receipts(own_world: World, forged: Forged, text: BundleText, tmp_path: Path) -> None:
    """Everything else in it is the same, byte by byte, and gas is bounded."""
    forged.source.has_receipts = False
    bundle_of(own_world, tmp_path / "old", forged)
    old = BundleText.read(tmp_path / "old")
    assert (old.sections.pop("ancestor"), old.sections.pop("receipt")) == ([], [])
    report = judge(own_world, tmp_path / "old", own_world.trust_with())
    assert report.verdict == "passed"
    assert "gas bounded by the state: no receipt is at hand; statuses bounded by the state: 1" in str(
        row(report, "pack", CHECK).found
    )
    # What a bundle with receipts holds beside them is the same.
    assert {name: lines for name, lines in text.sections.items() if name in old.sections} == old.sections


def test_a_reader_without_the_profile_takes_the_bundle(own_world: World, text: BundleText, tmp_path: Path) -> None:
    """Whoever cannot judge the ceiling refuses nothing that stands there for it."""
    report = judge(own_world, tmp_path / "whole", own_world.trust_with(), AnchoringProfiles(()))
    assert (report.verdict, row(report, "pack", CHECK).outcome) == ("undecided", Outcome.UNKNOWN)


def commit_key(text: BundleText) -> str:
    return text.sections["receipt"][0][0].decode()


def fake(text: BundleText, number: int) -> tuple[bytes, bytes]:
    """The commit's events in a block of one's own, where it took a single unit of gas: its header and its nodes."""
    payload = from_base64url(text.payload("receipt", commit_key(text)), where="receipt")
    (real,) = prove_receipt(
        ReceiptEvidence(from_base64url(text.payload("ancestor", ancestor_key(number)), where="x"), 0, (payload,))
    ).events
    block, made = block_of(number, [sealed(1, [(real.address, list(real.topics), real.data)])])
    return block, receipt_payload(collect_receipt(block, 0, node_of=made.__getitem__))


Change = Callable[[World, BundleText], None]


def without_commit(world: World, text: BundleText) -> None:
    text.drop("receipt", commit_key(text))
    number = int(commit_key(text)[:15])
    text.sections["ancestor"] = [line for line in text.sections["ancestor"] if int(line[0]) >= number]


def without_statuses(world: World, text: BundleText) -> None:
    text.sections["receipt"] = text.sections["receipt"][:1]


def with_a_hole(world: World, text: BundleText) -> None:
    """Of the headers none but those of the receipts' own blocks is left: no line leads to them."""
    own = {int(key[:15]) for key, _ in text.sections["receipt"]}
    text.sections["ancestor"] = [line for line in text.sections["ancestor"] if int(line[0]) in own]


HONEST: dict[str, tuple[Change, str]] = {
    "the commit's receipt left out": (without_commit, "gas bounded by the state: no receipt is at hand"),
    "statuses left out": (without_statuses, "statuses bounded by the state: 1"),
    "headers left out": (with_a_hole, "a receipt's block is not tied to one that is trusted"),
}


@pytest.mark.parametrize(("change", "said"), HONEST.values(), ids=HONEST.keys())
def test_what_is_left_out_stays_bounded(
    own_world: World, text: BundleText, tmp_path: Path, change: Change, said: str
) -> None:
    """Whoever hands the bundle over may leave receipts out: then the state's bounds count, and the row says so."""
    change(own_world, text)
    report = judge(own_world, text.write(tmp_path / "b"), own_world.trust_with())
    assert report.verdict == "passed"
    assert said in str(row(report, "pack", CHECK).found)


def test_a_receipts_block_that_the_trust_file_knows(own_world: World, text: BundleText, tmp_path: Path) -> None:
    """No header leads there, and whoever judges knows it by himself: it counts. Under another hash it does not."""
    with_a_hole(own_world, text)
    text.write(tmp_path / "b")
    numbers = [int(key[:15]) for key, _ in text.sections["receipt"]]
    known = [KnownBlock(number=n, hash="0x" + own_world.chain.block(n).hash.hex()) for n in numbers]
    report = judge(own_world, tmp_path / "b", own_world.trust_with(text.block, *known))
    assert share_of(report).gas.commit.reason is None
    assert share_of(report).gas.statuses.receipts == 3
    others = [KnownBlock(number=n, hash="0x" + "77" * 32) for n in numbers]
    report = judge(own_world, tmp_path / "b", own_world.trust_with(text.block, *others))
    assert "not tied to one that is trusted" in str(share_of(report).gas.commit.reason)


def forged_header(world: World, text: BundleText) -> None:
    """A block of one's own in which the checkpoint cost nothing, in the place of the chain's."""
    number = int(commit_key(text)[:15])
    block, payload = fake(text, number)
    text.put("ancestor", ancestor_key(number), to_base64url(block))
    text.put("receipt", commit_key(text), payload)


def bent_node(world: World, text: BundleText) -> None:
    payload = bytearray(from_base64url(text.payload("receipt", commit_key(text)), where="x"))
    payload[60] ^= 1
    text.put("receipt", commit_key(text), to_base64url(bytes(payload)))


def truncated_node(world: World, text: BundleText) -> None:
    payload = from_base64url(text.payload("receipt", commit_key(text)), where="x")
    text.put("receipt", commit_key(text), to_base64url(payload[:-1]))


def swapped(world: World, text: BundleText) -> None:
    (first, payload), (second, other), *rest = text.sections["receipt"]
    text.sections["receipt"] = [(first, other), (second, payload), *rest]


def next_position(world: World, text: BundleText) -> None:
    key = commit_key(text)
    payload = text.payload("receipt", key)
    text.drop("receipt", key)
    text.put("receipt", key[:-1] + "1", payload)


def a_receipt_more(world: World, text: BundleText) -> None:
    """Of another issuer's checkpoint, which nobody in the tree asks for."""
    number = world.chain.head().number
    (evidence,) = world.chain.receipts_touching(Address(world.trusted.log), number)
    assert receipt_key(evidence) not in dict(text.sections["receipt"])
    text.put("receipt", receipt_key(evidence), receipt_payload(evidence))


def a_header_more(world: World, text: BundleText) -> None:
    number = int(text.sections["ancestor"][0][0]) - 1
    text.put("ancestor", ancestor_key(number), to_base64url(world.chain.header(number)))


def a_line_with_a_hole(world: World, text: BundleText) -> None:
    """Headers above the hole that lead to no receipt's block."""
    own = {int(key[:15]) for key, _ in text.sections["receipt"]}
    text.drop("ancestor", ancestor_key(max(own) + 1))


def its_own_header_again(world: World, text: BundleText) -> None:
    text.put("ancestor", ancestor_key(text.block.number), text.sections["header"][0][1])


@pytest.mark.parametrize("payload", [None, b"AAAA"], ids=["the same", "anything"])
def test_a_receipt_of_the_bundles_own_block_needs_no_header(
    own_world: World, tmp_path: Path, payload: bytes | None
) -> None:
    """That block's header stands in a section of its own: a second one among ancestors is surplus, whatever it is."""
    made = with_ceiling(own_world, "1").publish()
    assert bundle_of(own_world, tmp_path / "b", made, up_to_date(own_world, made)).verdict == "passed"
    text = BundleText.read(tmp_path / "b")
    assert (commit_key(text)[:15], text.sections["ancestor"]) == (ancestor_key(text.block.number), [])
    assert judge(own_world, tmp_path / "b", own_world.trust_with()).verdict == "passed"
    text.put("ancestor", ancestor_key(text.block.number), payload or text.sections["header"][0][1])
    with pytest.raises(DocumentError, match="holds what nothing in its tree asks for; found ancestor"):
        judge(own_world, text.write(tmp_path / "b"), own_world.trust_with())


def test_a_later_block_does_not_count(own_world: World, forged: Forged, text: BundleText, tmp_path: Path) -> None:
    """A bundle is as of its block, even where the trust file knows a later one: as with a chain in reach."""
    chain = own_world.trusted
    maker = own_world.companies["maker"]
    own_world.set_status(maker, forged.index, StatusKind.REVOKED)
    later = own_world.chain.head()
    trust = own_world.trust_with(text.block, KnownBlock(number=later.number, hash="0x" + later.hash.hex()))
    (evidence,) = own_world.chain.receipts_touching(Address(chain.log), later.number)
    text.put("receipt", receipt_key(evidence), receipt_payload(evidence))
    text.put("ancestor", ancestor_key(later.number), to_base64url(own_world.chain.header(later.number)))
    report = judge(own_world, text.write(tmp_path / "b"), trust)
    assert share_of(report).gas.statuses.receipts == 3


def test_a_bad_key_is_looked_for_once(own_world: World, text: BundleText, tmp_path: Path) -> None:
    """Each checkpoint asks for receipts, and a bundle may hold very many lines before the bad one."""
    text.put("receipt", "x" * 22, b"AAAA")
    with BundleFile(text.write(tmp_path / "b")) as bundle:
        header_rlp = from_base64url(text.sections["header"][0][1], where="header")
        ancestry = Ancestry(header_rlp, header_of=lambda number: None, node_of={}.__getitem__)
        receipts = BundleReceipts(bundle, header_rlp, ancestry, ())
        for _ in range(2):
            with pytest.raises(DocumentError, match="not a receipt's key"):
                receipts.statuses("0x" + "01" * 32, 0)
        bundle.keys = lambda section: pytest.fail("read again")  # type: ignore[method-assign]
        with pytest.raises(DocumentError, match="not a receipt's key"):
            receipts.statuses("0x" + "01" * 32, 0)


def another_blocks_header(world: World, text: BundleText) -> None:
    number = int(commit_key(text)[:15])
    text.put("ancestor", ancestor_key(number), text.payload("ancestor", ancestor_key(number + 1)))


def an_empty_payload(world: World, text: BundleText) -> None:
    text.put("receipt", commit_key(text), b"")


def a_key_of_letters(world: World, text: BundleText) -> None:
    text.put("receipt", "x" * 22, b"AAAA")


def padded(world: World, text: BundleText) -> None:
    text.put("receipt", commit_key(text), text.payload("receipt", commit_key(text)) + b"=")


LIES: dict[str, Change] = {
    "a block of one's own": forged_header,
    "a bent node": bent_node,
    "a truncated node": truncated_node,
    "receipts of each other": swapped,
    "another position": next_position,
    "a receipt too many": a_receipt_more,
    "a header too many": a_header_more,
    "a line of headers with a hole": a_line_with_a_hole,
    "the bundle's own header again": its_own_header_again,
    "the header of another block": another_blocks_header,
    "no node": an_empty_payload,
    "a key of letters": a_key_of_letters,
    "base64 with padding": padded,
}


@pytest.mark.parametrize("change", LIES.values(), ids=LIES.keys())
def test_lies_in_a_bundle(own_world: World, text: BundleText, tmp_path: Path, change: Change) -> None:
    """Refused, or the state's bounds count: never a gas that the chain did not take."""
    honest = share_of(judge(own_world, tmp_path / "whole", own_world.trust_with()))
    change(own_world, text)
    path = text.write(tmp_path / "b")
    try:
        report = judge(own_world, path, own_world.trust_with())
    except DocumentError:
        pass
    else:
        found = row(report, "pack", CHECK)
        assert found.outcome is Outcome.UNKNOWN or share_of(report).gas.commit.use is None
    # Whatever is said of the bundle as a whole, the row by itself tells no other gas than the chain's.
    with BundleFile(path) as bundle:
        report = own_world.audit(
            bundle.header.top,
            BundleSource(bundle),
            trust=own_world.trust_with(),
            is_snapshot=True,
            ledger_profiles=PROFILES,
        )
    share = node(report, "pack").ledger
    assert share is None or share.gas.commit.gas_used in (None, honest.gas.commit.gas_used)
    assert share is None or share.low <= honest.high


@pytest.mark.parametrize("change", [an_empty_payload, a_key_of_letters, padded, forged_header, truncated_node])
def test_a_broken_receipt_hides_no_failure(own_world: World, tmp_path: Path, change: Change) -> None:
    """Whoever promised too little cannot make that unknown by handing out a receipt that is none."""
    made = with_ceiling(own_world, "0.0000001").publish()
    mine = own_world.companies["mine"]
    commit(own_world, mine, own_world.source.logs[mine.log_key], [filler(1)])
    bundle_of(own_world, tmp_path / "b", made, up_to_date(own_world, made))
    text = BundleText.read(tmp_path / "b")
    change(own_world, text)
    report = judge(own_world, text.write(tmp_path / "b"), own_world.trust_with())
    found = only_failure(report, "pack", CHECK)
    assert (found.reason, "gas bounded by the state" in str(found.found)) == (UNDERSTATED, True)


def test_too_many_receipts(own_world: World, text: BundleText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound none is read, and the reason is said; a writer keeps within it."""
    for name, bound in (("MAX_RECEIPTS", 2), ("MAX_RECEIPT_TEXT_BYTES", 1000)):
        with monkeypatch.context() as patched:
            patched.setattr(bundle_receipts, name, bound)
            with BundleFile(tmp_path / "whole") as bundle:
                report = own_world.audit(
                    bundle.header.top,
                    BundleSource(bundle),
                    trust=own_world.trust_with(),
                    is_snapshot=True,
                    ledger_profiles=PROFILES,
                )
            assert "too many receipts" in str(share_of(report).gas.commit.reason)


def test_a_writer_keeps_within_bounds(
    own_world: World, forged: Forged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_receipts, "MAX_RECEIPTS", 2)
    bundle_of(own_world, tmp_path / "b", forged)
    assert len(BundleText.read(tmp_path / "b").sections["receipt"]) == 2
    assert judge(own_world, tmp_path / "b", own_world.trust_with()).verdict == "passed"


def test_reading_receipts_loads_nothing_that_only_a_chain_needs() -> None:
    """Whoever judges a bundle has neither an EVM nor the libraries that write RLP and tries."""
    code = (
        "import sys, verifier.bundle_source, verifier.bundle_receipts, verifier.receipt_book, verifier.chain_facts\n"
        "heavy = ('eth', 'rlp', 'trie', 'web3', 'eth_abi', 'http', 'sqlalchemy')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_the_second_version_with_nothing_of_it(own_world: World, text: BundleText, tmp_path: Path) -> None:
    """There is one way to write it: without anything that the second version adds it is of the first."""
    text.sections |= {name: [] for name in LATER_SECTIONS}
    with pytest.raises(DocumentError, match="the header holds other members"):
        BundleFile(text.write(tmp_path / "b"))
    text.header["format"] = BUNDLE_FORMAT
    with pytest.raises(DocumentError, match="other sections"):
        BundleFile(text.write(tmp_path / "b"))
    text.header["format"] = "carbon-passport/bundle/1.2"
    with pytest.raises(DocumentError, match=r"another format; expected carbon-passport/bundle/1\.0 or"):
        BundleFile(text.write(tmp_path / "b"))


def test_headers_follow_each_other_in_a_bundle(own_world: World, text: BundleText) -> None:
    """What stands there are the chain's own headers, each the parent of the next up to the bundle's block."""
    lines = [*text.sections["ancestor"], (b"%015d" % text.block.number, text.sections["header"][0][1])]
    for key, payload in lines:
        block = block_of_header(from_base64url(payload, where="header"))
        assert (block.number, block) == (int(key), own_world.chain.block(int(key)))
    assert json.loads(json.dumps(text.header))["sections"][0][0] == "ancestor"

"""Policies: what each demands, how they combine, and that nothing demanded is no pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from forge import draft_of
from judged import node
from verifier_world import World

from passport.credentials import read_secured
from passport.errors import IssueError, VerificationError
from passport.exchange.pact import read_body
from passport.ledger import StatusKind
from passport.model.facts import passport_facts
from verifier import Verifier, verify
from verifier.audit import Settings
from verifier.examine import Limits
from verifier.outcome import CHECK_ORDER, CheckId, Outcome, failed, skipped, unknown
from verifier.policy import (
    AllOf,
    AnyOf,
    MinRecomputed,
    NoNotes,
    NothingFailed,
    Policy,
    TopDecided,
    UnsafeAcceptAnything,
    UpstreamDecided,
    WithinBounds,
    apply_policy,
    default_policy,
    strict_policy,
)
from verifier.record import NodeRecord
from verifier.report import Report, Verdict

OPEN_BELOW = (CheckId.ARITHMETIC, CheckId.CUSTODY, CheckId.LEDGER_FOOTPRINT)
PASSED, FAILED, UNDECIDED = Verdict.PASSED, Verdict.FAILED, Verdict.UNDECIDED


@pytest.fixture(scope="module")
def report(world: World) -> Report:
    """The honest tree, before anybody judged it."""
    return world.audit()


@pytest.fixture(scope="module")
def bad(world: World) -> Report:
    """A pack whose arithmetic does not hold."""
    draft = draft_of(world, "pack")
    draft.row("metal")["quantity"] = "0.5"
    forged = draft.publish()
    return world.audit(forged.digest, forged.source)


HONEST: dict[str, tuple[Policy, Verdict, str | None]] = {
    "default with imports": (default_policy(accept_imported=True), PASSED, None),
    "default": (default_policy(), UNDECIDED, "Coating: signature unknown"),
    "strict": (strict_policy(), UNDECIDED, "unknown"),
    "enough recomputed": (MinRecomputed(0.95), PASSED, None),
    "exactly what there is": (MinRecomputed(0.958416282656622), PASSED, None),
    "more recomputed than there is": (
        MinRecomputed(0.97),
        UNDECIDED,
        "recomputed 95.8% of gross emissions, demanded 97.0%",
    ),
    "default with more recomputed": (
        default_policy(min_recomputed=0.97, accept_imported=True),
        UNDECIDED,
        "recomputed 95.8%",
    ),
    "nothing failed": (NothingFailed(), PASSED, None),
    "the top decided": (TopDecided(), PASSED, None),
    "one check of the top": (TopDecided((CheckId.SIGNATURE,)), PASSED, None),
    "upstream with nothing open": (UpstreamDecided(frozenset(), accept_imported=True), UNDECIDED, "cable: arithmetic"),
    "within bounds": (WithinBounds(), PASSED, None),
    "no such notes": (NoNotes(frozenset({"superseded"})), PASSED, None),
    "none of the notes there are": (NoNotes(frozenset({"second_hand"})), FAILED, "note second_hand: imported"),
    "accept anything": (UnsafeAcceptAnything(), PASSED, "nothing was demanded of"),
    "all of none": (AllOf(()), FAILED, "the policy demands nothing"),
    "any of none": (AnyOf(()), FAILED, "the policy demands nothing"),
    "all of all of none": (AllOf((AllOf(()), NothingFailed())), FAILED, "the policy demands nothing"),
    "any of none and one": (AnyOf((AnyOf(()), NothingFailed())), PASSED, None),
    "all of one met and one not": (AllOf((NothingFailed(), MinRecomputed(0.99))), UNDECIDED, "recomputed"),
    "any of one met and one not": (AnyOf((MinRecomputed(0.99), NothingFailed())), PASSED, None),
    "any of two not met": (AnyOf((NoNotes(frozenset({"second_hand"})), MinRecomputed(0.99))), UNDECIDED, "recomputed"),
}


@pytest.mark.parametrize(("policy", "verdict", "reason"), HONEST.values(), ids=HONEST.keys())
def test_policies_over_an_honest_tree(report: Report, policy: Policy, verdict: Verdict, reason: str | None) -> None:
    """The verdict, and a reason for whatever is not passed."""
    judged = apply_policy(report, policy)
    assert judged.verdict is verdict
    if reason is None:
        assert judged.reasons == ()
    else:
        assert any(reason in each for each in judged.reasons), judged.reasons


BAD: dict[str, tuple[Policy, Verdict]] = {
    "default": (default_policy(accept_imported=True), FAILED),
    "strict": (strict_policy(), FAILED),
    "nothing failed": (NothingFailed(), FAILED),
    "the top decided": (TopDecided(), FAILED),
    "upstream only": (UpstreamDecided(accept_imported=True), PASSED),
    "another check of the top": (TopDecided((CheckId.SIGNATURE,)), PASSED),
    "all of": (AllOf((TopDecided((CheckId.SIGNATURE,)), NothingFailed())), FAILED),
    "any of": (AnyOf((TopDecided((CheckId.SIGNATURE,)), NothingFailed())), PASSED),
}


@pytest.mark.parametrize(("policy", "verdict"), BAD.values(), ids=BAD.keys())
def test_policies_over_a_bad_tree(bad: Report, policy: Policy, verdict: Verdict) -> None:
    """What failed is failed, wherever a policy looks."""
    judged = apply_policy(bad, policy)
    assert judged.verdict is verdict
    if verdict is FAILED:
        assert any("Product pack: arithmetic failed: row metal" in reason for reason in judged.reasons)


def _with_row(report: Report, name: str, change: Callable[[NodeRecord], None]) -> Report:
    """The report with another record for one node."""
    records = {}
    for digest, record in report.records.items():
        if record is node(report, name):
            other = NodeRecord(digest=record.digest, id=record.id, kind=record.kind, subject_name=record.subject_name)
            for row in record.ordered():
                other.put(row)
            change(other)
            records[digest] = other
        else:
            records[digest] = record
    return replace(report, records=records)


@pytest.mark.parametrize("check", CHECK_ORDER)
def test_each_check_left_open_at_the_top(report: Report, check: CheckId) -> None:
    """Unknown, or skipped for a reason of one's own, is undecided: for every check."""
    for open_row in (unknown(check, "nobody knows"), skipped(check, "did not feel like it")):
        judged = apply_policy(
            _with_row(report, "pack", lambda record, r=open_row: record.put(r)), default_policy(accept_imported=True)
        )
        assert judged.verdict is UNDECIDED
        assert judged.reasons[0] == f"Product pack: {check} {open_row.outcome}: {open_row.reason}"


@pytest.mark.parametrize("check", CHECK_ORDER)
def test_each_check_left_open_below_the_top(report: Report, check: CheckId) -> None:
    """Below the top only what a withheld statement, or a chain with a profile of its own, leaves open may be open."""
    judged = apply_policy(
        _with_row(report, "metal", lambda record: record.put(unknown(check, "nobody knows"))),
        default_policy(accept_imported=True),
    )
    assert judged.verdict is (PASSED if check in OPEN_BELOW else UNDECIDED)
    strict = apply_policy(
        _with_row(report, "metal", lambda record: record.put(unknown(check, "nobody knows"))), strict_policy()
    )
    assert strict.verdict is UNDECIDED


@pytest.mark.parametrize("check", CHECK_ORDER)
def test_each_check_failed_below_the_top(report: Report, check: CheckId) -> None:
    """What may be open may not be wrong: also for a policy that looks at nothing but what is upstream."""
    wrong = _with_row(report, "metal", partial(NodeRecord.put, check=failed(check, "a lie")))
    assert apply_policy(wrong, UpstreamDecided(accept_imported=True)).verdict is FAILED
    imported = _with_row(report, "Coating", partial(NodeRecord.put, check=failed(check, "a lie")))
    assert apply_policy(imported, UpstreamDecided(accept_imported=True)).verdict is FAILED


@pytest.mark.parametrize("name", ["pack", "metal"])
@pytest.mark.parametrize("check", CHECK_ORDER)
def test_a_check_that_was_never_made(report: Report, check: CheckId, name: str) -> None:
    """No row at all cannot be mistaken for a passed one."""

    def forget(record: NodeRecord) -> None:
        rows = record.ordered()
        record.__init__(digest=record.digest, id=record.id, kind=record.kind, subject_name=record.subject_name)  # type: ignore[misc]
        for row in rows:
            if row.id is not check:
                record.put(row)

    changed = _with_row(report, name, forget)
    assert node(changed, name).row(check) is None
    assert node(changed, name).outcome(check) is Outcome.UNKNOWN
    for policy in (default_policy(accept_imported=True), strict_policy()):
        judged = apply_policy(changed, policy)
        is_open_allowed = name == "metal" and check in OPEN_BELOW and policy != strict_policy()
        assert judged.verdict is (PASSED if is_open_allowed else UNDECIDED)


def test_inputs_declared_missing_below_the_top(world: World) -> None:
    """A supplier who says that its total is not all is another matter than one who does not show its parts."""
    draft = draft_of(world, "cable")
    draft.data["missing"] = [{"name": "dye", "reason": "no data", "stage": "mainProduction"}]
    draft.stated["missingInputs"] = 1
    draft.is_withheld = True
    cable = draft.publish()
    pack = draft_of(world, "pack")
    pack.build_on("cable", cable)
    forged = pack.publish(source=cable.source)
    report = world.audit(forged.digest, forged.source)
    assert report.verdict == "undecided"
    assert report.reasons == ("Product cable: completeness unknown: inputs are declared missing",)


def test_reasons_are_cut(world: World) -> None:
    """Five are named, the others counted: a tree has a hundred thousand nodes."""
    report = world.audit(without_trust=True)
    assert len(report.reasons) > 5
    upstream = UpstreamDecided(accept_imported=True).judge(report)
    assert len(upstream.reasons) == 5

    def fail_all(record: NodeRecord) -> None:
        for row in record.ordered():
            record.put(replace(row, outcome=Outcome.FAILED))

    judged = NothingFailed().judge(_with_row(report, "metal", fail_all))
    assert len(judged.reasons) == 6
    assert judged.reasons[-1] == "and 10 more"


def test_bounds_are_no_pass(world: World) -> None:
    """A tree with more nodes, or deeper, than is read: undecided, naming the bound."""
    for limits, reason in (
        (Limits(nodes=3), "nodes 3: the tree has more"),
        (Limits(depth=1), "depth 1: the tree goes deeper"),
        (Limits(depth=0), "depth 0: the tree goes deeper"),
    ):
        report = world.audit(limits=limits)
        assert report.bounds == (reason,)
        assert report.verdict == "undecided"
        assert reason in report.reasons
        shares = report.coverage
        assert shares.recomputed + shares.withheld + shares.imported + shares.unanswered == pytest.approx(1)
        strict = world.audit(limits=limits, policy=strict_policy())
        assert strict.verdict == "undecided"
    assert world.audit(limits=Limits(nodes=7, depth=3)).verdict == "passed"


def test_a_document_larger_than_the_bound_below_the_top(world: World) -> None:
    """Unknown, naming the bound, and undecided."""
    size = max(len(body) for body in world.source.passports.values())
    assert world.audit(limits=Limits(document_bytes=size)).verdict == "passed"
    metal = len(world.source.passports[world.issued["metal"].digest])
    report = world.audit(world.issued["metal"].digest, limits=Limits(document_bytes=metal - 1))
    assert report.verdict == "undecided"
    assert f"larger than {metal - 1} bytes" in str(report.top_record.row(CheckId.SIGNATURE))


def test_verify_raises_what_does_not_pass(own_world: World) -> None:
    """`verify` returns the report of what passed and raises anything else, with the reasons."""
    settings = Settings(at=own_world.now())
    policy = default_policy(accept_imported=True)

    def run() -> Report:
        return verify(own_world.source, own_world.top, policy=policy, trust=own_world.trust, settings=settings)

    assert run().verdict == "passed"
    own_world.set_status(own_world.companies["smelter"], 0, StatusKind.REVOKED)
    with pytest.raises(
        VerificationError, match="verification failed; found Product metal: status failed: revoked"
    ) as caught:
        run()
    assert caught.value.where == own_world.issued["pack"].id
    verifier = Verifier(own_world.source, trust=None, policy=policy, clock=own_world.now)
    with pytest.raises(VerificationError, match=r"verification (undecided|failed)"):
        verifier.verify(own_world.top)


def test_what_an_issuer_accepts_to_build_on(own_world: World) -> None:
    """`Verifier.accept` lets through what passes, and refuses imports and everything else with the reason."""
    verifier = Verifier(own_world.source, trust=own_world.trust, clock=own_world.now)
    secured = read_secured(own_world.source.passports[own_world.issued["metal"].digest])
    upstream = passport_facts(secured.document, secured.doc_hash).upstream
    verifier.accept(upstream)
    footprint = read_body(next(iter(own_world.source.imports.values())))
    with pytest.raises(IssueError, match="an imported footprint is signed by nobody"):
        verifier.accept(footprint.upstream_facts())
    own_world.set_status(own_world.companies["smelter"], 0, StatusKind.SUSPENDED)
    with pytest.raises(IssueError, match=r"the upstream passport's audit is failed.*status failed: suspended"):
        verifier.accept(upstream)


def test_deepest_failure(world: World) -> None:
    """The first check in the documented order at the deepest failing node, which is where a cheat sits."""
    report = world.audit()
    assert report.deepest_failure() is None
    draft = draft_of(world, "pack")
    draft.row("metal")["quantity"] = "0.5"
    draft.state_everywhere(primaryDataShare="99")
    forged = draft.publish()
    source = forged.source
    source.statements[world.issued["metal"].statement_digest] += b" "
    source.bindings.pop(f"{world.companies['mine'].issuer_id}:{world.companies['mine'].key_hash.hex()}")
    failure = world.audit(forged.digest, source).deepest_failure()
    assert failure is not None
    assert (failure.node, failure.check.id) == (world.issued["metal"].id, CheckId.AGREEMENT)

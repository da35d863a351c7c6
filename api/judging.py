"""Judge a stored passport or an upload: what stands between routers and `verifier`. It blocks: run it in a thread."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from api.problems import ProblemError
from api.resources import Resources
from api.sources import PostedPassport, ServiceSource
from passport.credentials.canonical import MAX_DOCUMENT_BYTES
from passport.errors import BoundError, LedgerUnavailableError, PassportError
from passport.ledger import Ledger
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile, BundleHeader
from verifier.bundle_source import BundleSource
from verifier.examine import Limits
from verifier.incoming_delivery import TakenDelivery, take_in_delivery
from verifier.outcome import Note
from verifier.policy import Policy
from verifier.report import Report
from verifier.store_source import block_at, chain_notes
from verifier.trust import KnownBlock, Trust

_BUNDLE_START = b'{"asOf":'


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller wants judged.

    Attributes:
        policy: What the audit must show.
        at: The moment to judge, aware; None for now.
    """

    policy: Policy
    at: datetime | None = None


def judge_stored(resources: Resources, digest: str, question: Question) -> Report:
    """Audit a passport of the store.

    Raises:
        LedgerError: The chain is out of reach.
        ProblemError: The audit took too long.
    """
    return _judge_by_store(resources, digest, question, posted=None)


def judge_upload(resources: Resources, path: Path, question: Question) -> Report:
    """Audit an uploaded passport, whose upstream is looked up in the store, or a bundle, which stands for itself.

    Raises:
        PassportError: The upload cannot be judged.
        LedgerError: The chain is needed and out of reach.
        ProblemError: It is no signed passport, or the audit took too long.
    """
    with path.open("rb") as file:
        start = file.read(len(_BUNDLE_START))
    if start == _BUNDLE_START:
        try:
            return _judge_bundle(resources, path, question)
        except PassportError as error:
            if error.where is not None:  # the place on our disk is nobody's business
                error.where = error.where.replace(str(path), "bundle")
            raise
    size = path.stat().st_size
    if size > MAX_DOCUMENT_BYTES:
        raise BoundError("the passport is too long", expected=f"at most {MAX_DOCUMENT_BYTES} bytes", found=size)
    posted = PostedPassport.of(path.read_bytes())
    if posted is None:
        raise ProblemError(
            "not-a-passport",
            "the document has no proof, so nobody signed it",
            expected="a passport with its proof, or a bundle",
            hint="the signed form: `passport show ID --raw`, or GET /v1/passports/{id}",
        )
    return _judge_by_store(resources, posted.digest, question, posted=posted)


def take_in(resources: Resources, path: Path) -> TakenDelivery:
    """Judge a delivery that was handed in, and keep it.

    Args:
        resources: The running service.
        path: Its bytes.

    Raises:
        ProblemError: This service takes none in.
        DeliveryRefusedError: It is not taken in.
        LedgerError: The registry cannot be asked.
    """
    settings = resources.workspace_settings()
    if settings.party is None or settings.did is None or not resources.takes_deliveries():
        raise ProblemError("not-addressed-here", "no deliveries are taken in here")
    with resources.chain() as ledger:
        source = ServiceSource(resources.store, ledger, withheld=settings.withheld)
        return take_in_delivery(
            resources.store,
            path.read_bytes(),
            party=settings.party,
            did=settings.did,
            at=resources.clock(),
            source=source,
            trust=resources.trust,
        )


def report_text(report: Report) -> bytes:
    """The report as `passport audit --json` prints it: one line of JSON."""
    return json.dumps(report.to_json(), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _judge_by_store(resources: Resources, digest: str, question: Question, *, posted: PostedPassport | None) -> Report:
    with ExitStack() as stack:
        source = _source(resources, question, posted, stack)
        report = audit(
            source,
            digest,
            policy=question.policy,
            trust=resources.trust,
            settings=_settings(resources, question),
            progress=_deadline(resources),
        )
        return source.noted(report)


def _source(resources: Resources, question: Question, posted: PostedPassport | None, stack: ExitStack) -> ServiceSource:
    """The store with the chain; where that is out of reach, what needs it is unknown for that reason."""
    ledger: Ledger | None = None
    problem: LedgerUnavailableError | None = None
    block: int | None = None
    try:
        ledger = stack.enter_context(resources.chain())
        block = block_at(ledger, question.at, where="query.at") if ledger and question.at else None
    except LedgerUnavailableError as error:
        ledger, problem = None, _without_place(error)
    return ServiceSource(
        resources.store,
        ledger,
        withheld=resources.workspace_settings().withheld,
        posted=posted,
        block_number=block,
        problem=problem,
    )


def _without_place(error: LedgerUnavailableError) -> LedgerUnavailableError:
    """What is the matter without where: our nodes are nobody's business."""
    return LedgerUnavailableError(error.message)


def _judge_bundle(resources: Resources, path: Path, question: Question) -> Report:
    with BundleFile(path) as bundle:
        source = BundleSource(bundle)
        trust, notes = _trust_with_block(resources, bundle.header)
        report = audit(
            source,
            bundle.header.top,
            policy=question.policy,
            trust=trust,
            settings=_settings(resources, question, is_snapshot=True),
            progress=_deadline(resources),
        )
        source.refuse_surplus(report)
        return replace(report, notes=(*report.notes, *notes)) if notes else report


def _settings(resources: Resources, question: Question, *, is_snapshot: bool = False) -> Settings:
    limits = Limits(nodes=resources.settings.max_nodes)
    at, is_now = question.at or resources.clock(), question.at is None
    return Settings(
        at=at, is_now=is_now, is_snapshot=is_snapshot, limits=limits, ledger_profiles=resources.ledger_profiles
    )


def _deadline(resources: Resources) -> Callable[[int, int], None]:
    """A progress callback that ends an audit which takes too long."""
    end = time.monotonic() + resources.settings.audit_timeout_s

    def check(done: int, known: int) -> None:
        if time.monotonic() > end:
            raise ProblemError(
                "audit-too-long",
                f"{done} of at least {known} nodes were judged in {resources.settings.audit_timeout_s:g} seconds",
            )

    return check


def _trust_with_block(resources: Resources, header: BundleHeader) -> tuple[Trust | None, list[Note]]:
    """The trust file, with the bundle's block added if our own chain says that it is final there, and notes on that.

    A trust file lists the blocks its owner got from the chain. A service that reaches the chain asks it.
    """
    try:
        with ExitStack() as stack:
            return _asked(resources, header, stack)
    except LedgerUnavailableError as error:
        return resources.trust, chain_notes(None, _without_place(error))


def _asked(resources: Resources, header: BundleHeader, stack: ExitStack) -> tuple[Trust | None, list[Note]]:
    trust = resources.trust
    if trust is None or header.block is None or header.block_hash is None:
        return trust, []
    for position, chain in enumerate(trust.chains):
        if (chain.chain, chain.genesis) != (header.chain, header.genesis):
            continue
        if header.block_hash in [block.hash for block in chain.blocks]:
            return trust, []
        ledger = stack.enter_context(resources.chain())
        if ledger is None or not _is_final(ledger, header, header.block):
            return trust, chain_notes(ledger)
        known = KnownBlock(number=header.block, hash=header.block_hash)
        added = chain.model_copy(update={"blocks": (*chain.blocks, known)})
        chains = (*trust.chains[:position], added, *trust.chains[position + 1 :])
        return trust.model_copy(update={"chains": chains}), chain_notes(ledger)
    return trust, []


def _is_final(ledger: Ledger, header: BundleHeader, number: int) -> bool:
    if (ledger.chain.caip2, ledger.chain.genesis_hash) != (header.chain, header.genesis):
        return False
    if not 0 <= number <= ledger.final_head().number:
        return False
    return "0x" + ledger.block(number).hash.hex() == header.block_hash

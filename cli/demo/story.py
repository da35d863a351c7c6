"""The story of the demonstration from an empty folder to the last cheat that was caught."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cli.demo.data import Cast, load_cast
from cli.demo.sabotage import Sabotage, run_all
from cli.demo.world import Tick, World
from passport.errors import UsageError, VerificationError
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.policy import default_policy
from verifier.report import Report, Verdict
from verifier.store_source import StoreSource
from verifier.trust import Trust

MARK_FILE: Final = "demonstration.json"
MARK_FORMAT: Final = "carbon-passport/demonstration/1.0"
BUNDLE_FILE: Final = "top.bundle"
TRUST_FILE: Final = "trust.json"
AUDITOR: Final = "auditor"

Watch = Callable[[str], AbstractContextManager[Tick]]
"""Shows the progress of a stage, by the catalogue's key of its name."""


@dataclass(frozen=True, slots=True)
class Story:
    """What happened.

    Attributes:
        folder: Where everything lies.
        cast: Who took part.
        chain: CAIP-2 of the local chain.
        passports: How many were issued.
        checkpoints: How many checkpoints were anchored.
        top: Id of the top passport.
        report: The auditor's report on it.
        audit_seconds: How long the audit took.
        bundle_report: The report out of the bundle alone.
        bundle_bytes: The bundle's size.
        sabotages: The cheats.
        seconds: How long everything took.
    """

    folder: Path
    cast: Cast
    chain: str
    passports: int
    checkpoints: int
    top: str
    report: Report
    audit_seconds: float
    bundle_report: Report
    bundle_bytes: int
    sabotages: tuple[Sabotage, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The story as JSON values."""
        return {
            "companies": len(self.cast.companies),
            "passports": self.passports,
            "tiers": max(self.report.depths.values()) + 1,
            "checkpoints": self.checkpoints,
            "top": self.top,
            "audit": {
                "verdict": str(self.report.verdict),
                "counts": self.report.counts(),
                "coverage": self.report.coverage.to_json(),
                "seconds": round(self.audit_seconds, 3),
            },
            "sabotage": [sabotage.to_json() for sabotage in self.sabotages],
            "seconds": round(self.seconds, 3),
        }

    def check(self) -> None:
        """Refuse a demonstration that did not go as it must.

        Raises:
            VerificationError: The audit did not pass, the bundle says something else, or a cheat was not caught.
        """
        if self.report.verdict is not Verdict.PASSED:
            raise VerificationError("the demonstration's audit did not pass", found="; ".join(self.report.reasons))
        if self.bundle_report.verdict is not self.report.verdict:
            found = f"{self.bundle_report.verdict}: {'; '.join(self.bundle_report.reasons)}"
            raise VerificationError("the bundle is judged otherwise", expected=self.report.verdict, found=found)
        for sabotage in self.sabotages:
            if not sabotage.is_caught:
                raise VerificationError(
                    "a cheat was not caught by the check that is there for it",
                    where=sabotage.name,
                    expected=sabotage.expected_check,
                    found=f"{sabotage.report.verdict}, {sabotage.failed_check}",
                )


def tell(folder: Path, *, clock: Callable[[], datetime], watch: Watch) -> Story:
    """Play the whole story in a folder.

    Args:
        folder: Where; emptied first when an earlier demonstration made it.
        clock: The time, aware, UTC.
        watch: Shows how far each stage is.

    Raises:
        UsageError: The folder holds something else.
    """
    began = time.perf_counter()
    clear(folder)
    world = World(folder, load_cast(), clock)
    try:
        with watch("demo.founding") as tick:
            world.found(tick)
        with watch("demo.issuing") as tick:
            world.issue_everything(tick)
        trust = world.trust()
        _write(folder / TRUST_FILE, trust.to_json())
        with watch("demo.auditing") as tick:
            report, seconds = _audit(world, trust, tick)
        bundle_report = _audit_bundle(folder / BUNDLE_FILE, trust, clock())
    finally:
        world.close()
    passports, checkpoints, top = len(world.issued), world.checkpoints, world.top.id
    with watch("demo.sabotaging") as tick:
        sabotages = run_all(world, trust=trust, tick=tick)
    return Story(
        folder=folder,
        cast=world.cast,
        chain=trust.chains[0].chain,
        passports=passports,
        checkpoints=checkpoints,
        top=top,
        report=report,
        audit_seconds=seconds,
        bundle_report=bundle_report,
        bundle_bytes=(folder / BUNDLE_FILE).stat().st_size,
        sabotages=tuple(sabotages),
        seconds=time.perf_counter() - began,
    )


def clear(folder: Path) -> None:
    """Make an empty folder, in place of an earlier demonstration if that is what is there.

    Raises:
        UsageError: Something else is there.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError("not a folder", where=str(folder), hint="choose another with --dir")
    if folder.exists() and any(folder.iterdir()):
        if not _is_ours(folder / MARK_FILE):
            raise UsageError(
                "the folder holds something that no demonstration made", where=str(folder), hint="choose another --dir"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / MARK_FILE, {"format": MARK_FORMAT})


def _is_ours(mark: Path) -> bool:
    try:
        document = json.loads(mark.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get("format") == MARK_FORMAT


def _audit(world: World, trust: Trust, tick: Tick) -> tuple[Report, float]:
    """Audit the top passport in a workspace without keys, and write the bundle."""
    with world.auditor(AUDITOR) as auditor:
        _write(auditor.folder / TRUST_FILE, trust.to_json())
        began = time.perf_counter()
        report = audit(
            StoreSource(auditor.store, auditor.ledger),
            world.top.digest,
            policy=default_policy(),
            trust=trust,
            settings=Settings(at=world.clock(), is_now=True),
            progress=tick,
        )
        seconds = time.perf_counter() - began
        make_bundle(
            world.folder / BUNDLE_FILE,
            StoreSource(auditor.store, auditor.ledger),
            world.top.digest,
            trust=trust,
            ledger=auditor.ledger,
            policy=default_policy(),
            at=world.clock(),
        )
    return report, seconds


def _audit_bundle(path: Path, trust: Trust, at: datetime) -> Report:
    with BundleFile(path) as bundle:
        source = BundleSource(bundle)
        settings = Settings(at=at, is_snapshot=True)
        report = audit(source, bundle.header.top, policy=default_policy(), trust=trust, settings=settings)
        source.refuse_surplus(report)
    return report


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

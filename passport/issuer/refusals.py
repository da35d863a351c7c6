"""What is not issued: inventories that must not be, and figures that every audit would fail."""

from __future__ import annotations

from datetime import datetime

from passport.arithmetic.parts import part_above_whole
from passport.arithmetic.quality import PACT_EXEMPTION_LIMIT_PERCENT
from passport.arithmetic.quanta import ONE, from_decimal, from_text, to_text
from passport.arithmetic.rows import quanta_of
from passport.errors import IssueError
from passport.issuer.standing import Standing
from passport.issuer.succession import product_of_inventory
from passport.issuer.upstream import documents_of, facts_in
from passport.model.base import time_text
from passport.model.digest import Digest
from passport.model.facts import unix_time
from passport.model.footprint import FootprintTexts
from passport.model.inventory import Disclosure, Inventory
from passport.model.profile import profile
from passport.model.profile_check import misfits_of_inventory
from passport.model.sameness import overlap, period_of, product_of
from passport.model.statement import validity_end
from passport.store import DocumentKind, Store

_MAX_MISFITS = 20


def check_new(store: Store, inventory: Inventory, digest: Digest) -> None:
    """Refuse an inventory that was issued before: two passports would say the same, and both be current.

    Raises:
        IssueError: It was; the message names the passport.
    """
    for ref in documents_of(store, DocumentKind.INVENTORY, subject_id=inventory.product.id):
        if ref.own and ref.digest == digest:
            raise IssueError(
                "this inventory has been issued already",
                where=inventory.product.id,
                found=ref.document_id,
                hint="to replace that passport, name it as `predecessor`",
            )


def check_versions(store: Store, inventory: Inventory, standing: Standing | None) -> None:
    """Refuse a second current passport for one product and overlapping periods: audits would report equivocation.

    Args:
        store: Where our passports are.
        inventory: What is to be issued.
        standing: Knows which of our passports were taken back or replaced on the chain.

    Raises:
        IssueError: There is one; the message names it.
    """
    product = inventory.product
    wanted = product_of_inventory(inventory)
    period = (unix_time(time_text(inventory.period.start)), unix_time(time_text(inventory.period.end)))
    own = [
        facts_in(store, ref.digest)
        for ref in documents_of(store, DocumentKind.PASSPORT, subject_id=product.id)
        if ref.own
    ]
    same = {facts.digest: facts for facts in own if product_of(facts) == wanted}
    replaced = {
        facts.predecessor.digest
        for facts in same.values()
        if facts.predecessor
        and facts.predecessor.digest in same
        and overlap(period_of(facts), period_of(same[facts.predecessor.digest]))
    }
    for facts in same.values():
        if not overlap(period_of(facts), period) or facts.digest in replaced or facts.id == inventory.predecessor:
            continue
        if standing is not None and not standing.stands(facts.place.issuer_id, facts.place.leaf_index):
            continue
        raise IssueError(
            "there is a current passport for this product already, and their periods overlap",
            where=product.id,
            expected=f"another period than {' to '.join(facts.period)}",
            found=facts.id,
            hint=f"to replace it, name it as `predecessor: {facts.id}`, or take it back first: `passport revoke`",
        )


def check_period(inventory: Inventory, now: datetime) -> None:
    """Refuse a reference period that is not over, or over for too long.

    Raises:
        IssueError: It is.
    """
    if inventory.period.end > now:
        raise IssueError(
            "the reference period is not over",
            where=inventory.product.id,
            expected=f"an end before {now.isoformat()}",
            found=inventory.period.end.isoformat(),
        )
    if validity_end(inventory.period.end) <= now:
        raise IssueError(
            "the reference period is more than three years old",
            where=inventory.product.id,
            found=inventory.period.end.isoformat(),
            hint="PACT footprints are valid for three years after their reference period",
        )


def check_profile(inventory: Inventory, now: datetime) -> None:
    """Refuse an inventory that does not follow the profile that it names.

    Raises:
        IssueError: It does not; says all that does not fit.
        UsageError: Nobody here knows the profile.
    """
    if inventory.profile is None:
        return
    misfits = misfits_of_inventory(profile(inventory.profile), inventory, at=now.date())
    if misfits:
        first, *more = misfits
        others = f"; and {len(more)} more: {'; '.join(map(str, more[:_MAX_MISFITS]))}" if more else ""
        raise IssueError(
            f"does not follow the profile {inventory.profile}: {first.where}: {first.message}",
            where=inventory.product.id,
            expected=first.expected,
            found=f"{first.found}{others}",
            hint=f"`passport profile check` lists all of it, `passport profile show {inventory.profile}` what fits",
        )


def check_flags(inventory: Inventory, footprint: FootprintTexts) -> None:
    """Refuse components that PACT allows only with a flag which the inventory does not raise.

    Raises:
        IssueError: There is one.
    """
    stated = footprint.components
    flagged = (
        ("packagingGhgEmissions", inventory.packaging_emissions_included, "packagingEmissionsIncluded"),
        (
            "ccsTechnologicalCO2Capture",
            inventory.ccs_technological_co2_capture_included,
            "ccsTechnologicalCO2CaptureIncluded",
        ),
        (
            "technologicalCO2Removals",
            inventory.ccs_technological_co2_capture_included,
            "ccsTechnologicalCO2CaptureIncluded",
        ),
    )
    for component, is_included, flag in flagged:
        if component in stated and not is_included:
            raise IssueError(
                f"an input states {component}",
                where=f"{inventory.product.id}: {flag}",
                expected="true",
                found="false",
                hint="PACT allows the field only when the flag says that it is included",
            )


def check_figures(inventory: Inventory, footprint: FootprintTexts) -> None:
    """Refuse a footprint that every audit would fail, however honestly it was added up.

    Raises:
        IssueError: Too much is exempted, a part exceeds its whole, or what cannot be explained is withheld.
    """
    product = inventory.product.id
    if from_text(footprint.exempted_percent) > PACT_EXEMPTION_LIMIT_PERCENT * ONE:
        own = to_text(from_decimal(inventory.exempted.percent))
        raise IssueError(
            "more is exempted than PACT allows, so every audit would fail `completeness`",
            where=f"{product}: exempted.percent",
            expected=f"at most {PACT_EXEMPTION_LIMIT_PERCENT} % with what the upstream exempts",
            found=f"{footprint.exempted_percent} % ({own} % of it our own)",
            hint="state an estimate for what is left out, or use upstream passports that exempt less",
        )
    excess = part_above_whole(quanta_of(footprint.components), from_text(footprint.unattributed))
    if excess is not None:
        raise IssueError(
            f"{excess.name} exceeds what it is part of, so every audit would fail `arithmetic`",
            where=product,
            expected=f"at most {to_text(excess.whole)} kg CO2e",
            found=f"{to_text(excess.amount)} kg CO2e",
            hint='an "of which" field is also part of an emission: state the emission it belongs to as well',
        )
    if inventory.disclosure is Disclosure.WITHHELD and from_text(footprint.unattributed) < 0:
        raise IssueError(
            "unattributed is negative, and a withheld statement cannot show why: audits would fail `arithmetic`",
            where=f"{product}: disclosure",
            found=f"{footprint.unattributed} kg CO2e",
            hint="disclose the statement, or take a factor instead of the import whose components exceed its total",
        )

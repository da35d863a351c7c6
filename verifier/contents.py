"""Contents that a role is shown, judged by the profile that they name: whether they state what it asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from passport.credentials.role_view import Disclosed
from passport.errors import UsageError
from passport.model.facts import PassportFacts
from passport.model.profile import profile
from passport.model.profile_check import misfits_of_contents, misfits_of_frame, profile_of
from verifier.finding import Finding
from verifier.outcome import Outcome

NOT_SHOWN: Final = "the disclosure did not pass, so there are no contents to judge"
NO_PROFILE: Final = "the contents name no profile"
UNKNOWN_PROFILE: Final = "the contents name a profile that nobody here knows"
MISFITS: Final = "the contents do not follow their profile"
MAX_TOLD: Final = 20


def judge_contents(disclosed: Disclosed | None, facts: PassportFacts) -> Finding:
    """Judge what is shown by the profile that it names, as of the day the passport is valid from.

    Args:
        disclosed: What a role was shown, all of it as committed to; None where that did not pass.
        facts: Of the passport.

    Returns:
        Skipped where nothing is shown or no profile is named, unknown where nobody here knows the profile; what is not
        shown to the role is not judged.
    """
    if disclosed is None:
        return Finding(Outcome.SKIPPED, reason=NOT_SHOWN)
    name = profile_of(disclosed.sets)
    if name is None:
        return Finding(Outcome.SKIPPED, reason=NO_PROFILE)
    try:
        known = profile(name)
    except UsageError as error:
        return Finding(Outcome.UNKNOWN, expected=str(error.expected), found=name, reason=UNKNOWN_PROFILE)
    day = datetime.fromtimestamp(facts.valid_from, UTC).date()
    misfits = misfits_of_frame(
        known,
        declared_unit=facts.upstream.declared_unit,
        role_map=None,
        stages=[(f"row {row.get('id')}", str(row.get("stage"))) for row in disclosed.rows],
    )
    misfits += misfits_of_contents(
        known,
        disclosed.sets,
        granularity=facts.granularity,
        at=day,
        has_former=any(kind == "former" for kind, _ in facts.links),
    )
    if misfits:
        told = "; ".join(map(str, misfits[:MAX_TOLD])) + ("; ..." if len(misfits) > MAX_TOLD else "")
        return Finding(Outcome.FAILED, expected=known.name, found=told, reason=MISFITS)
    return Finding(Outcome.PASSED, found=known.name)

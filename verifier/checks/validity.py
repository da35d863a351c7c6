"""`validity`: valid for some time, not too long after its period, and not younger than the block that anchored it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from passport.model.facts import PassportFacts, unix_time
from passport.model.statement import VALIDITY_YEARS, validity_end
from verifier.outcome import Check, CheckId, failed, passed, time_words, unknown


def check_own_validity(facts: PassportFacts, created: datetime | None, *, signed_at: int | None, skew_s: int) -> Check:
    """Judge what a passport says of its own time; its age is judged by whoever uses it.

    PACT: a footprint is of a period that is over, and valid for at most three years after it.

    Args:
        facts: What the passport states.
        created: When its proof says it was made, None where there is no proof to judge.
        signed_at: Time of the block that anchored it, unix seconds; None while that is not proven.
        skew_s: How far clocks may differ.
    """
    if facts.valid_until <= facts.valid_from:
        return failed(CheckId.VALIDITY, "valid for no time", expected="validFrom before validUntil")
    period_end = unix_time(facts.period[1])
    latest_end = _latest_end(period_end)
    if facts.valid_until > latest_end:
        return failed(
            CheckId.VALIDITY,
            f"valid for more than {VALIDITY_YEARS} years after its reference period",
            expected=f"until {time_words(latest_end)} at most",
            found=f"until {time_words(facts.valid_until)}",
        )
    if signed_at is None:
        return unknown(CheckId.VALIDITY, "the signing time is not proven")
    made = int(created.timestamp()) if created else 0
    latest = signed_at + skew_s
    if made <= latest and facts.valid_from <= latest and period_end <= latest:
        return passed(CheckId.VALIDITY)
    moments = {"created": made, "validFrom": facts.valid_from, "the end of the reference period": period_end}
    name, moment = next((name, moment) for name, moment in moments.items() if moment > latest)
    return failed(
        CheckId.VALIDITY,
        f"{name} lies after the block that anchored the passport",
        expected=f"at most {time_words(signed_at)} and {skew_s} s",
        found=time_words(moment),
    )


@lru_cache(maxsize=1024)
def _latest_end(period_end: int) -> int:
    """The last moment a footprint of a period that ends then may be valid, unix seconds."""
    try:
        return int(validity_end(datetime.fromtimestamp(period_end, UTC)).timestamp())
    except (ValueError, OverflowError):  # three years later the calendar has ended
        return period_end

"""What handlers ask for, as aliases: the running resources, and the policy in the query."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.judging import Question
from api.resources import Resources
from passport.model.base import UtcTime
from verifier.policy import AllOf, MinRecomputed, Policy, default_policy, strict_policy

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def _since_1970(moment: datetime) -> datetime:
    if moment < _EARLIEST:
        raise ValueError("blocks have times since 1970 only")
    return moment


class PolicyQuery(BaseModel):
    """What the audit must show. A misspelt parameter is refused: ignored, it would weaken the policy unseen."""

    model_config = ConfigDict(extra="forbid")

    min_recomputed: Annotated[
        float | None,
        Field(
            ge=0,
            le=1,
            allow_inf_nan=False,
            description="Share of gross emissions that must be recomputed; 0.8 unless told otherwise.",
        ),
    ] = None
    accept_imported: Annotated[bool, Field(description="Accept footprints upstream that nobody signed.")] = False
    strict: Annotated[
        bool, Field(description="Demand every check at every node: nothing withheld, nothing imported.")
    ] = False
    at: Annotated[
        UtcTime | None,
        AfterValidator(lambda moment: moment and _since_1970(moment)),
        Field(description="Judge as of this moment, e.g. 2026-11-22T10:00:00Z; now unless told otherwise."),
    ] = None

    @model_validator(mode="after")
    def _check(self) -> PolicyQuery:
        if self.strict and self.accept_imported:
            raise ValueError("strict accepts no imported footprints: leave out one of the two")
        return self

    def policy(self) -> Policy:
        """The policy asked for."""
        demanded = {} if self.min_recomputed is None else {"min_recomputed": self.min_recomputed}
        if not self.strict:
            return default_policy(accept_imported=self.accept_imported, **demanded)
        return AllOf((strict_policy(), *(MinRecomputed(share) for share in demanded.values())))


def get_resources(request: Request) -> Resources:
    """The running service's resources; tests put theirs in its place."""
    resources: Resources = request.state.resources
    return resources


def _question(query: Annotated[PolicyQuery, Query()]) -> Question:
    return Question(policy=query.policy(), at=query.at)


ResourcesDep = Annotated[Resources, Depends(get_resources)]
QuestionDep = Annotated[Question, Depends(_question)]

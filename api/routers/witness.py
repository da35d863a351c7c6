"""`/add-checkpoint` and `/<origin hash>/checkpoint`: C2SP tlog-witness over HTTP; and whether it can be done."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Annotated, Any, Final, NoReturn

import anyio
from fastapi import APIRouter, Depends, Path, Request, Response

from api.describe import problems
from api.problem_kinds import KINDS
from api.problems import ProblemError, problem_response
from api.resources import Places
from api.schemas import Alive, WitnessReady
from passport.errors import CheckpointRefusedError, LedgerError, LedgerUnavailableError
from passport.ledger.witness import (
    ADD_CHECKPOINT_PATH,
    BAD_REQUEST,
    CONFLICT,
    FORBIDDEN,
    MAX_REQUEST_BYTES,
    NOT_FOUND,
    SIZE_TYPE,
    TOO_MANY,
    UNPROCESSABLE,
    Witness,
)

LOGGER: Final = logging.getLogger("api.witness")
NOTE_TYPE: Final = "text/plain; charset=utf-8"

router = APIRouter(tags=["witness"])
health = APIRouter(tags=["witness"])

_KINDS: Final = {
    BAD_REQUEST: "invalid-checkpoint-request",
    FORBIDDEN: "not-signed-by-its-log",
    NOT_FOUND: "unknown-log",
    CONFLICT: "two-histories",
    UNPROCESSABLE: "not-grown-from-the-last",
    TOO_MANY: "too-soon",
}


@dataclass(frozen=True)
class Serving:
    """What a running witness holds.

    Args:
        witness: Cosigns; open as long as the service runs.
        places: For requests that are looked at.
        body_timeout_s: How long one may take to arrive.
    """

    witness: Witness
    places: Places
    body_timeout_s: float


def get_serving(request: Request) -> Serving:
    """The running witness."""
    serving: Serving = request.state.witness
    return serving


ServingDep = Annotated[Serving, Depends(get_serving)]
_UNREACHED: Final = ("witness-unavailable", "witness-stopped")
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "`old <size>`, proof lines, an empty line, and a signed checkpoint.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}
_SIZE_ANSWER: Final[dict[str, Any]] = {
    "description": "Not the size that was cosigned last, which is the answer; or the log shows two histories.",
    "content": {SIZE_TYPE: {"schema": {"type": "string"}, "example": "20852014\n"}},
}


def _answers(*names: str) -> dict[int | str, dict[str, Any]]:
    """Problem answers, and the conflict that has a body of its own."""
    found = problems(*names)
    found[CONFLICT] = {**_SIZE_ANSWER, "content": {**_SIZE_ANSWER["content"], **found[CONFLICT]["content"]}}
    return found


@router.post(
    ADD_CHECKPOINT_PATH,
    operation_id="addCheckpoint",
    summary="Have a checkpoint cosigned",
    response_class=Response,
    responses={
        200: {
            "description": "The cosignature: a signature line of C2SP signed-note.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **_answers(*_KINDS.values(), "upload-too-slow", "too-large", "busy", *_UNREACHED),
    },
    openapi_extra=_BODY,
)
async def add_checkpoint(request: Request, serving: ServingDep) -> Response:
    """Cosign a checkpoint that has grown from the last one.

    The same request again is harmless; so is one whose answer was lost: it is told the size that was cosigned.
    """
    # A body that drips in holds a connection, and no place that others wait for.
    body = await _body(request, serving.body_timeout_s)
    with serving.places.take():
        return await anyio.to_thread.run_sync(lambda: _cosign(request, serving, body), limiter=serving.places.limiter)


@router.get(
    "/{origin_hash}/checkpoint",
    operation_id="getCheckpoint",
    summary="Show the last checkpoint that was cosigned",
    response_class=Response,
    responses={
        200: {
            "description": "With the signature of its log and the cosignature.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("unknown-log", "invalid-request", *_UNREACHED),
    },
)
def get_checkpoint(
    origin_hash: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the log's origin line.")],
    serving: ServingDep,
) -> Response:
    """For monitors, who see here what the log showed to this witness."""
    try:
        origin = serving.witness.origin_of(origin_hash)
        note = serving.witness.last_note(origin) if origin is not None else None
    except LedgerError as error:
        _fail(error)
    if note is None:
        raise ProblemError("unknown-log", "no checkpoint of that log was cosigned here", found=origin_hash)
    return Response(note, headers={"Content-Type": NOTE_TYPE})


@health.get("/health/live", operation_id="live", summary="Say that the process answers", responses=problems())
async def live() -> Alive:
    """Asks nothing of the witness."""
    return Alive()


@health.get(
    "/health/ready", operation_id="ready", summary="Say whether the witness can cosign", responses=problems(*_UNREACHED)
)
def ready(serving: ServingDep) -> WitnessReady:
    """Looks at what the witness remembers."""
    try:
        serving.witness.check_memory()
    except LedgerError as error:
        _fail(error)
    return WitnessReady(key=serving.witness.key.text)


def _cosign(request: Request, serving: Serving, body: bytes) -> Response:
    try:
        line = serving.witness.answer(body)
    except CheckpointRefusedError as error:
        return _refused(request, error)
    except LedgerError as error:
        _fail(error)
    return Response(line, headers={"Content-Type": NOTE_TYPE})


def _refused(request: Request, error: CheckpointRefusedError) -> Response:
    if error.status == CONFLICT and error.last_size is not None:
        return Response(f"{error.last_size}\n", CONFLICT, headers={"Content-Type": SIZE_TYPE})
    if error.status == CONFLICT:
        LOGGER.error("%s", json.dumps({"event": "two histories", "origin": error.where}))
    wait = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    facts = {"where": error.where, "expected": error.expected, "found": error.found}
    return problem_response(request, KINDS[_KINDS[error.status]], error.message, headers=wait, facts=facts)


def _fail(error: LedgerError) -> NoReturn:
    """What is wrong on our side; where and why stands in the log alone."""
    LOGGER.error("%s", json.dumps({"event": "cannot cosign", "reason": str(error)}))
    is_passing = isinstance(error, LedgerUnavailableError)
    raise ProblemError("witness-unavailable" if is_passing else "witness-stopped", error.message) from error


async def _body(request: Request, timeout_s: float) -> bytes:
    """The request's body, bounded in size and time."""
    body = bytearray()
    with anyio.move_on_after(timeout_s) as scope:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_REQUEST_BYTES:
                raise ProblemError(
                    "too-large", "larger than a request to cosign", expected=f"at most {MAX_REQUEST_BYTES} bytes"
                )
    if scope.cancelled_caught:
        raise ProblemError("upload-too-slow", f"the body did not arrive within {timeout_s:g} seconds")
    return bytes(body)

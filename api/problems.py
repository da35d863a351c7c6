"""Problems as RFC 9457 wants them: which exceptions are which kind, and how a kind is answered.

Exceptions know nothing of status codes; whoever raises one inside a handler gets the right answer by this table alone.
Facts about this machine (paths, database names) never leave it: of problems on our side only the message is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.problem_kinds import KINDS, Kind
from passport import errors
from passport.errors import PassportError

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 10
_MAX_TEXT: Final = 500
_MAX_LISTED: Final = 10


TABLE: Final[Mapping[type[PassportError], str]] = {
    errors.BoundError: "too-large",
    errors.SchemaError: "unreadable-document",
    errors.DocumentError: "unreadable-document",
    errors.CanonicalError: "unreadable-document",
    errors.AmountError: "unreadable-document",
    errors.UnitError: "unreadable-document",
    errors.ArithmeticRuleError: "unreadable-document",
    errors.DeliveryRefusedError: "invalid-delivery",
    errors.CredentialError: "not-a-passport",
    errors.WrongChainError: "wrong-chain",
    errors.OrderRefusedError: "invalid-order",
    errors.LedgerError: "ledger-unavailable",
    errors.NotFoundError: "not-found",
    errors.ConflictError: "conflict",
    errors.StoreError: "store-unavailable",
    errors.PolicyError: "invalid-request",
    errors.UsageError: "invalid-request",
    PassportError: "internal",
}
"""The kind of each exception; one that is not listed has its nearest ancestor's."""


class ProblemError(Exception):
    """A problem that only a service can have, raised by handlers.

    Args:
        name: Its kind.
        detail: What is the matter in this case.
        facts: Further members: where, expected, found, hint.
    """

    def __init__(self, name: str, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.kind = KINDS[name]
        self.detail = detail
        self.facts = facts


def kind_of(error: PassportError) -> Kind:
    """The kind of problem that an exception is; the refusal of an order or a delivery names its own."""
    if isinstance(error, errors.OrderRefusedError | errors.DeliveryRefusedError) and error.reason in KINDS:
        return KINDS[error.reason]
    return next(KINDS[TABLE[ancestor]] for ancestor in type(error).__mro__ if ancestor in TABLE)


def problem_response(
    request: Request,
    kind: Kind,
    detail: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, object] | None = None,
) -> Response:
    """A problem as `application/problem+json`; members that are not known are left out."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": status or kind.status,
        "detail": _cut(detail),
        "instance": _cut(request.scope.get("raw_path", b"").decode("latin-1") or request.url.path),
        "request_id": getattr(request.state, "request_id", None),
    }
    body.update({name: value if isinstance(value, list) else _cut(value) for name, value in (facts or {}).items()})
    known = {name: value for name, value in body.items() if value is not None}
    sent = {"Retry-After": str(RETRY_AFTER_S)} if kind.is_passing else {}
    # ASCII: what is quoted from a request may hold text that UTF-8 cannot write.
    return Response(
        json.dumps(known).encode("ascii") + b"\n",
        status_code=status or kind.status,
        media_type=PROBLEM_TYPE,
        headers={**sent, **(headers or {})},
    )


async def on_problem(request: Request, error: ProblemError) -> Response:
    """Answer a `ProblemError`."""
    return problem_response(request, error.kind, error.detail, facts=error.facts)


async def on_passport_error(request: Request, error: PassportError) -> Response:
    """Answer an exception of ours by the table."""
    kind = kind_of(error)
    wait = getattr(error, "retry_after_s", None)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    if kind.status >= 500:
        return problem_response(request, kind, error.message, headers=headers, facts={"hint": error.hint})
    facts = {"where": error.where, "expected": error.expected, "found": error.found, "hint": error.hint}
    return problem_response(request, kind, error.message, headers=headers, facts=facts)


async def on_http_error(request: Request, error: HTTPException) -> Response:
    """Answer what the framework refuses: no route, no such method."""
    by_status = {404: "no-such-page", 405: "method-not-allowed"}
    kind = KINDS[by_status.get(error.status_code, "invalid-request")]
    detail = {404: "no resource has this address", 405: f"{request.method} is not taken here"}.get(
        error.status_code, error.detail
    )
    return problem_response(request, kind, detail, status=error.status_code, headers=error.headers)


async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
    """Answer parameters that do not hold."""
    found = [
        {"where": _cut(".".join(map(str, fault["loc"]))), "detail": _cut(fault["msg"].removeprefix("Value error, "))}
        for fault in error.errors()[:_MAX_LISTED]
    ]
    first = error.errors()[0]
    given = None if first["type"] == "missing" else first.get("input")
    facts = {"where": found[0]["where"], "found": given, "errors": found}
    return problem_response(request, KINDS["invalid-request"], found[0]["detail"] or "", facts=facts)


def _cut(value: object) -> str | None:
    """A fact as text, cut to a line's length because outsiders wrote it."""
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}... ({len(text)} characters)"

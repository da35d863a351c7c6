"""Pages for people; not part of the described interface."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.pages import description_page, problem_page
from api.problem_kinds import KINDS, PROBLEM_PATH
from passport.errors import NotFoundError

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The description for people."""
    return HTMLResponse(description_page(request.app.openapi()))


@router.get(PROBLEM_PATH + "/{name}")
def problem(name: str) -> HTMLResponse:
    """The page behind a problem's type."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFoundError("no such kind of problem", where="name", found=name)
    return HTMLResponse(problem_page(kind))

"""Pages for people; not part of the described interface."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ResourcesDep
from api.documents import document_response, media_type_for
from api.lookup import find_passport, links_of, public_contents
from api.page_words import language_of
from api.pages import description_page, problem_page
from api.passport_page import passport_page
from api.problem_kinds import KINDS, PROBLEM_PATH
from api.routers.passports import PassportName
from passport.errors import NotFoundError

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The description for people."""
    return HTMLResponse(description_page(request.app.openapi()))


@router.get("/passports/{passport_id:path}")
def passport(
    request: Request,
    passport_id: PassportName,
    resources: ResourcesDep,
    lang: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The page of a passport, where its id leads; its signed bytes for a program that asks for them."""
    found = find_passport(resources, passport_id)
    accepted = request.headers.get("accept", "")
    if "text/html" not in accepted and ("application/vc" in accepted or "application/json" in accepted):
        media_type = media_type_for(request, default="application/vc")
        return document_response(request, found.body, digest=found.ref.digest, media_type=media_type)
    language = language_of(lang, request.headers.get("accept-language"))
    text = passport_page(
        found.secured().document,
        found.ref.digest,
        links_of(resources, found),
        public_contents(resources, found),
        language=language,
    )
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    return HTMLResponse(text, headers=headers)


@router.get(PROBLEM_PATH + "/{name}")
def problem(name: str) -> HTMLResponse:
    """The page behind a problem's type."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFoundError("no such kind of problem", where="name", found=name)
    return HTMLResponse(problem_page(kind))

"""`/v1/passports`: the passports that are kept here, their statements, and audits of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import QuestionDep, ResourcesDep
from api.describe import passport_answer, problems, report_answer
from api.documents import document_response, media_type_for
from api.judging import Question, judge_stored, report_text
from api.lookup import find_passport, find_statement, links_of, list_passports
from api.resources import Resources
from api.schemas import PassportLinks, PassportListed, PassportPage
from passport.store import DocumentRef

MAX_PAGE = 200

router = APIRouter(prefix="/v1/passports", tags=["passports"])

PassportName = Annotated[
    str,
    Path(
        max_length=2000,
        description="The last part of the passport's id, its whole id (percent-encoded), or its digest.",
    ),
]


class Form(StrEnum):
    """Which form of a passport is asked for."""

    SIGNED = "signed"
    CREDENTIAL = "credential"


@router.get(
    "",
    operation_id="list_passports",
    summary="List passports",
    responses=problems("invalid-request", "store-unavailable"),
)
def list_all(
    response: Response,
    resources: ResourcesDep,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="The most that the page holds.")] = 50,
    after: Annotated[str | None, Query(max_length=100, description="`next` of the page before.")] = None,
) -> PassportPage:
    """Passports in the order of their arrival, a page at a time."""
    refs, cursor = list_passports(resources, limit=limit, after=after)
    if cursor is not None:
        response.headers["Link"] = f'</v1/passports?limit={limit}&after={cursor}>; rel="next"'
    return PassportPage(items=[_listed(ref) for ref in refs], next=cursor)


# The id may hold slashes, so that the longer addresses come first.
@router.get(
    "/{passport_id:path}/audit",
    operation_id="audit_passport",
    summary="Audit a passport and the tree below it",
    response_class=Response,
    responses={
        **report_answer(),
        **problems(
            "not-found",
            "conflict",
            "invalid-request",
            "busy",
            "audit-too-long",
            "ledger-unavailable",
            "wrong-chain",
            "store-unavailable",
        ),
    },
)
async def audit(passport_id: PassportName, resources: ResourcesDep, question: QuestionDep) -> Response:
    """Run every check at every node and report, whatever the verdict."""
    with resources.audits.take():
        report = await anyio.to_thread.run_sync(
            _audit, resources, passport_id, question, limiter=resources.audits.limiter
        )
    return Response(report, media_type="application/json")


@router.get(
    "/{passport_id:path}/links",
    operation_id="get_passport_links",
    summary="Get what a passport links to",
    responses=problems("not-found", "conflict", "invalid-request", "store-unavailable"),
)
def get_links(passport_id: PassportName, resources: ResourcesDep) -> PassportLinks:
    """Its model's and batch's passports and those of former lives, compared with the digests; an audit says more."""
    found = links_of(resources, find_passport(resources, passport_id))
    return PassportLinks.model_validate({"links": [link.to_json() for link in found]})


@router.get(
    "/{passport_id:path}/statement",
    operation_id="get_statement",
    summary="Get a passport's footprint statement",
    response_class=Response,
    responses={
        **passport_answer("The statement, exactly the bytes that the passport's link pins.", ("application/json",)),
        **problems(
            "not-found",
            "statement-withheld",
            "statement-not-held",
            "conflict",
            "invalid-request",
            "store-unavailable",
        ),
    },
)
def get_statement(request: Request, passport_id: PassportName, resources: ResourcesDep) -> Response:
    """A PACT v3 ProductFootprint without `status`, unless its issuer withholds it."""
    digest, body = find_statement(resources, find_passport(resources, passport_id))
    return document_response(request, body, digest=digest, media_type="application/json")


@router.get(
    "/{passport_id:path}",
    operation_id="get_passport",
    summary="Get a passport",
    response_class=Response,
    responses={
        **passport_answer("The passport, exactly as it was signed.", ("application/vc", "application/json")),
        **problems("not-found", "conflict", "invalid-request", "store-unavailable"),
    },
)
def get_passport(
    request: Request,
    passport_id: PassportName,
    resources: ResourcesDep,
    form: Annotated[
        Form, Query(description="`credential` leaves out the proof: the bytes that links and logs hold the hash of.")
    ] = Form.SIGNED,
) -> Response:
    """The signed bytes as they are stored."""
    found = find_passport(resources, passport_id)
    body = found.body if form is Form.SIGNED else found.secured().unsecured
    media_type = media_type_for(request, default="application/vc")
    return document_response(request, body, digest=found.ref.digest, media_type=media_type)


def _audit(resources: Resources, passport_id: str, question: Question) -> bytes:
    found = find_passport(resources, passport_id)
    return report_text(judge_stored(resources, found.ref.digest, question))


def _listed(ref: DocumentRef) -> PassportListed:
    return PassportListed(
        id=ref.document_id,
        digest=ref.digest,
        issuer_id=ref.issuer_id,
        subject_id=ref.subject_id,
        own=ref.own,
        url=f"/v1/passports/{quote(ref.document_id, safe='')}",
    )

"""`POST /v1/verify`: judge what somebody sends in."""

from __future__ import annotations

from functools import partial

import anyio
from fastapi import APIRouter, Request, Response

from api.deps import QuestionDep, ResourcesDep
from api.describe import problems, report_answer, upload_body
from api.judging import judge_upload, report_text
from api.uploads import check_media_type, receive_upload

router = APIRouter(prefix="/v1", tags=["verify"])


@router.post(
    "/verify",
    operation_id="verify",
    summary="Judge a passport or a bundle",
    response_class=Response,
    responses={
        **report_answer(),
        **problems(
            "unreadable-document",
            "upload-too-slow",
            "too-large",
            "unsupported-media-type",
            "invalid-request",
            "not-a-passport",
            "busy",
            "audit-too-long",
            "ledger-unavailable",
            "wrong-chain",
            "store-unavailable",
        ),
    },
    openapi_extra=upload_body(),
)
async def verify(request: Request, resources: ResourcesDep, question: QuestionDep) -> Response:
    """Run every check on the passport or bundle in the body and report.

    A document that fails is a report too: only what cannot be judged at all is a problem. A bundle brings its whole
    tree; the documents below a lone passport are looked up here. Nothing of the body is kept.
    """
    check_media_type(request)
    with resources.uploads.take():
        async with receive_upload(request, resources) as path:
            with resources.audits.take():
                work = partial(judge_upload, resources, path, question)
                report = await anyio.to_thread.run_sync(lambda: report_text(work()), limiter=resources.audits.limiter)
    return Response(report, media_type="application/json")

"""`/v1/deliveries`: deliveries that opened rows name, and those that suppliers hand in."""

from __future__ import annotations

from typing import Annotated, Any, Final

import anyio
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from api.deps import ResourcesDep
from api.describe import passport_answer, problems
from api.documents import CREDENTIAL_TYPE, JWT_TYPE, credential_type_for, document_response
from api.judging import take_in
from api.lookup import find_delivery
from api.schemas import DeliveryTaken
from api.uploads import check_delivery_type, receive_upload
from passport.model.digest import DIGEST_PATTERN, Digest, digest_of
from verifier.incoming_delivery import MAX_DELIVERY_BYTES

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": f"A signed MoveEvent of UNTP 0.7.0, in either envelope; at most {MAX_DELIVERY_BYTES} bytes.",
        "content": {
            CREDENTIAL_TYPE: {"schema": {"type": "object"}},
            "application/json": {"schema": {"type": "object"}},
            JWT_TYPE: {"schema": {"type": "string"}},
        },
    }
}


@router.get(
    "/{digest}",
    operation_id="get_delivery",
    summary="Get a delivery that an opened row names",
    response_class=Response,
    responses={
        **passport_answer(
            "The signed event, as its supplier signed it.", (CREDENTIAL_TYPE, "application/json", JWT_TYPE)
        ),
        **problems("not-found", "invalid-request", "store-unavailable"),
    },
)
def get_delivery(
    request: Request,
    digest: Annotated[str, Path(pattern=DIGEST_PATTERN, description="The event's document hash.")],
    resources: ResourcesDep,
) -> Response:
    """What a row shows, its delivery shows too; every other delivery is between buyer and supplier."""
    body = find_delivery(resources, Digest(digest))
    return document_response(request, body, digest=digest_of(body), media_type=credential_type_for(request, body))


@router.post(
    "",
    operation_id="take_in_delivery",
    summary="Hand in a delivery to this workspace",
    status_code=201,
    response_model=DeliveryTaken,
    responses={
        200: {"description": "It was kept before.", "model": DeliveryTaken},
        **problems(
            "invalid-delivery",
            "not-addressed-here",
            "unknown-supplier",
            "too-many-deliveries",
            "upload-too-slow",
            "too-large",
            "unreadable-document",
            "unsupported-media-type",
            "busy",
            "ledger-unavailable",
            "wrong-chain",
            "store-unavailable",
        ),
    },
    openapi_extra=_BODY,
)
async def take_in_delivery(request: Request, resources: ResourcesDep) -> Response:
    """Judge a delivery by its own signature, and keep it for whoever issues what was made of it.

    Handing it in again is harmless. It is shown to nobody before an opened row names it.
    """
    check_delivery_type(request)
    with resources.uploads.take():
        async with receive_upload(request, resources, max_bytes=MAX_DELIVERY_BYTES) as path:
            with resources.audits.take():
                taken = await anyio.to_thread.run_sync(
                    lambda: take_in(resources, path), limiter=resources.audits.limiter
                )
    answer = DeliveryTaken(
        digest=taken.digest,
        supplier=taken.supplier,
        supplier_id=taken.supplier_id,
        new=taken.is_new,
        identified_by="registry" if taken.is_by_registry else "did_document",
    )
    return JSONResponse(answer.model_dump(mode="json"), status_code=201 if taken.is_new else 200)

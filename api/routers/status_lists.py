"""`/status-lists`: the status lists of our own passports, under the URLs that these name (`credentialStatus`)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from api.deps import ResourcesDep
from api.describe import passport_answer, problems
from api.documents import CREDENTIAL_TYPE, JWT_TYPE, credential_type_for, document_response
from api.lookup import find_status_list
from passport.model.credential import STATUS_LISTS_FOLDER

CACHE_CONTROL: Final = "public, max-age=300"
"""Lists are made anew when something is revoked: readers ask again soon, and are told `304` where nothing has."""

router = APIRouter(tags=["status-lists"])


@router.get(
    f"/{STATUS_LISTS_FOLDER}/{{name}}",
    operation_id="get_status_list",
    summary="Get a status list",
    response_class=Response,
    responses={
        **passport_answer(
            "The newest BitstringStatusListCredential under this URL, as signed.",
            (CREDENTIAL_TYPE, "application/json", JWT_TYPE),
        ),
        **problems("not-found", "invalid-request", "store-unavailable"),
    },
)
def get_status_list(
    request: Request,
    name: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,255}$", description="The last part of the list's URL.")],
    resources: ResourcesDep,
) -> Response:
    """For readers who know no chain; where a list and the chain differ, the chain counts."""
    digest, body = find_status_list(resources, name)
    media_type = credential_type_for(request, body)
    return document_response(request, body, digest=digest, media_type=media_type, cache_control=CACHE_CONTROL)

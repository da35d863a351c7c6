"""DID documents: our own where `did:web` looks for it, and those of others by their DID."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.deps import ResourcesDep
from api.describe import passport_answer, problems
from api.documents import IMMUTABLE, document_response
from api.lookup import find_did_document, find_own_did_document
from passport.errors import NotFoundError
from passport.model.credential import DID_DOCUMENTS_FOLDER
from passport.model.digest import DIGEST_PATTERN, Digest, digest_of

DID_TYPE = "application/did+json"

router = APIRouter(tags=["dids"])


@router.get(
    "/v1/dids/{did}",
    operation_id="get_did_document",
    summary="Get a DID document",
    response_class=Response,
    responses={
        **passport_answer("The newest document kept under that DID.", (DID_TYPE,)),
        **problems("not-found", "invalid-request", "store-unavailable"),
    },
)
def get_did_document(
    request: Request,
    did: Annotated[str, Path(max_length=2000, description="The DID, e.g. did:web:example.com.")],
    resources: ResourcesDep,
) -> Response:
    """The keys of an issuer; only the registry says whether they count."""
    body = find_did_document(resources, did)
    return document_response(request, body, digest=digest_of(body), media_type=DID_TYPE)


@router.get(
    f"/{DID_DOCUMENTS_FOLDER}/{{digest}}.json",
    operation_id="get_did_document_version",
    summary="Get a version of this workspace's DID document",
    response_class=Response,
    responses={
        **passport_answer("The document of that hash, as passports pin it.", (DID_TYPE,)),
        **problems("not-found", "invalid-request", "store-unavailable"),
    },
)
def get_did_document_version(
    request: Request,
    digest: Annotated[str, Path(pattern=DIGEST_PATTERN, description="The document's digest.")],
    resources: ResourcesDep,
) -> Response:
    """Any version that this workspace wrote; what the DID leads to now may be a later one."""
    body = find_own_did_document(resources, Digest(digest))
    return document_response(request, body, digest=digest, media_type=DID_TYPE, cache_control=IMMUTABLE)


@router.get(
    "/.well-known/did.json",
    operation_id="get_own_did_document",
    summary="Get this workspace's DID document",
    response_class=Response,
    responses={
        **passport_answer("The DID document of the entity behind this service.", (DID_TYPE,)),
        **problems("not-found", "store-unavailable"),
    },
)
def get_own_did_document(request: Request, resources: ResourcesDep) -> Response:
    """Where `did:web` looks."""
    did = resources.workspace_settings().did
    if did is None:
        raise NotFoundError("no legal entity stands behind this service, so it has no DID")
    body = find_did_document(resources, did)
    return document_response(request, body, digest=digest_of(body), media_type=DID_TYPE)

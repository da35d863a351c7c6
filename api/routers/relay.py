"""`/v1/orders`: orders that issuers signed, and what became of them; and whether the relay can pay."""

from __future__ import annotations

from typing import Annotated, Any, Final

import anyio
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from api.describe import problems
from api.problems import ProblemError
from api.relay_resources import RelayResources
from api.schemas import Alive, OrderAnswer, RelayReady, RelayTerms
from passport.credentials import parse
from passport.errors import DocumentError
from passport.ledger.order import MAX_ORDER_BYTES, CommitOrderDocument, StatusOrderDocument, read_order
from passport.ledger.relay_client import ORDERS_PATH, RelayedState
from passport.ledger.relay_ports import RelayedOrder

router = APIRouter(tags=["relay"])


def get_relay(request: Request) -> RelayResources:
    """The running relay's resources."""
    resources: RelayResources = request.state.relay
    return resources


RelayDep = Annotated[RelayResources, Depends(get_relay)]
_UNREACHED: Final = ("ledger-unavailable", "wrong-chain", "store-unavailable")
_ORDER_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A signed order; no secret is in it.",
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [CommitOrderDocument.model_json_schema(), StatusOrderDocument.model_json_schema()],
                    "discriminator": {"propertyName": "kind"},
                }
            }
        },
    }
}


@router.post(
    ORDERS_PATH,
    operation_id="postOrder",
    summary="Hand in a signed order",
    status_code=202,
    response_model=OrderAnswer,
    responses={
        200: {"description": "It was taken before, and is in the chain.", "model": OrderAnswer},
        **problems(
            "invalid-order",
            "upload-too-slow",
            "unsupported-media-type",
            "wrong-contract",
            "wrong-signature",
            "wallets-not-served",
            "order-expired",
            "not-registered",
            "suspended",
            "not-authorised",
            "stale-order",
            "order-waits",
            "contract-refuses",
            "rate-exceeded",
            "budget-spent",
            "gas-too-dear",
            "relay-cannot-pay",
            "busy",
            *_UNREACHED,
        ),
    },
    openapi_extra=_ORDER_BODY,
)
async def post_order(request: Request, resources: RelayDep) -> Response:
    """Judge an order, pay for it, and say by which transaction.

    Handing in the same order again is harmless and answers what became of it, and so does the same one signed anew.
    """
    # A body that drips in holds a connection, and no place that others wait for.
    body = await _body(request, resources.settings.body_timeout_s)
    with resources.requests.take():
        answer = await anyio.to_thread.run_sync(lambda: _accept(resources, body), limiter=resources.requests.limiter)
    is_done = answer.state == RelayedState.FINAL.value
    headers = {"Location": answer.status_url}
    return JSONResponse(answer.model_dump(mode="json"), status_code=200 if is_done else 202, headers=headers)


@router.get(
    ORDERS_PATH + "/{digest}",
    operation_id="getOrder",
    summary="Say what became of an order",
    responses=problems("no-such-order", "invalid-request", "store-unavailable"),
)
def get_order(
    digest: Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="The order's EIP-712 digest.")],
    resources: RelayDep,
) -> OrderAnswer:
    """As the relay last saw it on the chain."""
    found = resources.store.relayed_order(bytes.fromhex(digest[2:]))
    if found is None:
        raise ProblemError("no-such-order", "no such order was taken here", found=digest)
    return _answer(found, found.digest)


@router.get(
    "/v1/terms",
    operation_id="terms",
    summary="Say for whom this relay pays, and how much",
    responses=problems(),
)
def terms(resources: RelayDep) -> RelayTerms:
    """Chain, contracts, account and limits."""
    chain, limits = resources.chain, resources.settings.limits
    most = limits.max_fee_wei_per_gas
    return RelayTerms(
        chain=chain.chain,
        genesis=chain.genesis,
        log=chain.log,
        registry=chain.registry,
        account=resources.account.address,
        commits_per_hour=limits.commits_per_hour,
        statuses_per_hour=limits.statuses_per_hour,
        gas_per_day=limits.gas_per_day,
        max_fee_wei_per_gas=None if most is None else str(most),
        wallet_gas=limits.wallet_gas,
    )


@router.get("/health/live", operation_id="live", summary="Say that the process answers", responses=problems())
async def live() -> Alive:
    """Asks nothing of store or chain."""
    return Alive()


@router.get(
    "/health/ready",
    operation_id="ready",
    summary="Say whether the relay can pay",
    responses=problems(*_UNREACHED, "busy"),
)
def ready(resources: RelayDep) -> RelayReady:
    """Reads from the store and checks that the right chain is in reach; asked once in a few seconds at most."""
    standing = resources.standing.answer()
    return RelayReady(chain=standing.chain, block=standing.block, can_pay=standing.can_pay)


def _accept(resources: RelayResources, body: bytes) -> OrderAnswer:
    try:
        document = read_order(parse(body, max_bytes=MAX_ORDER_BYTES))
    except DocumentError as error:
        raise ProblemError("invalid-order", error.message, where=error.where or "body", found=error.found) from error
    resources.read(document)  # before the chain is asked anything: what is not signed costs its node no question
    with resources.relay() as relay:
        taken, digest = relay.accept(document)
    return _answer(taken, digest)


def _answer(order: RelayedOrder, asked: bytes) -> OrderAnswer:
    name = "0x" + order.digest.hex()
    return OrderAnswer(
        digest="0x" + asked.hex(),
        carried_by=name,
        kind=order.kind,
        issuer_id=order.issuer_id,
        state=order.state.value,
        transaction="0x" + order.transaction.hash.hex(),
        block=order.block_number,
        deadline=order.deadline,
        reason=order.reason,
        status_url=f"{ORDERS_PATH}/{name}",
    )


async def _body(request: Request, timeout_s: float) -> bytes:
    """The request's body, bounded in size and time."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in ("application/json", ""):
        raise ProblemError(
            "unsupported-media-type",
            "an order is JSON",
            where="Content-Type",
            expected="application/json",
            found=declared,
        )
    body = bytearray()
    with anyio.move_on_after(timeout_s) as scope:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_ORDER_BYTES:
                raise ProblemError(
                    "invalid-order", "larger than an order", where="body", expected=f"at most {MAX_ORDER_BYTES} bytes"
                )
    if scope.cancelled_caught:
        raise ProblemError("upload-too-slow", f"the body did not arrive within {timeout_s:g} seconds")
    return bytes(body)

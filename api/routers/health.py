"""Whether the process answers, and whether it can judge."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ResourcesDep
from api.describe import problems
from api.schemas import Alive, Ready

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", operation_id="live", summary="Say that the process answers", responses=problems())
async def live() -> Alive:
    """Asks nothing of store or chain."""
    return Alive()


@router.get(
    "/ready",
    operation_id="ready",
    summary="Say whether the service can judge",
    responses=problems("ledger-unavailable", "wrong-chain", "store-unavailable", "busy"),
)
def ready(resources: ResourcesDep) -> Ready:
    """Reads from the store and checks that the right chain is in reach; asked once in a few seconds at most."""
    standing = resources.standing.answer()
    return Ready(chain=standing.chain, block=standing.block, trust=resources.trust is not None)

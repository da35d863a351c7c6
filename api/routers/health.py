"""Whether the process answers, and whether it can judge."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ResourcesDep
from api.describe import problems
from api.schemas import Alive, Ready
from passport.store import DocumentKind

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", operation_id="live", summary="Say that the process answers", responses=problems())
async def live() -> Alive:
    """Asks nothing of store or chain."""
    return Alive()


@router.get(
    "/ready",
    operation_id="ready",
    summary="Say whether the service can judge",
    responses=problems("ledger-unavailable", "wrong-chain", "store-unavailable"),
)
def ready(resources: ResourcesDep) -> Ready:
    """Reads from the store, and checks that the chain in reach is the right one."""
    resources.store.find_documents(DocumentKind.PASSPORT, limit=1)
    with resources.chain() as ledger:
        return Ready(
            chain=ledger.chain.caip2 if ledger else None,
            block=ledger.final_head().number if ledger else None,
            trust=resources.trust is not None,
        )

"""What a relay gives at most, and whether there is room for one more order; whatever it took counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.errors import OrderRefusedError
from passport.ledger.relay_ports import OrderKind, RelayStore

DEFAULT_WALLET_GAS = 150_000
"""What the wallets in use take to judge a few signatures, several times over."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """What a relay gives at most. Whatever it takes counts, failed orders too.

    Args:
        commits_per_hour: Checkpoints that it takes of one issuer in any hour.
        statuses_per_hour: Statuses that it takes of one issuer in any hour.
        gas_per_day: Gas of all its transactions in any 24 hours; what is not charged yet counts with its limit.
        max_fee_wei_per_gas: The most it bids for a unit of gas; None: what the chain's settings allow.
        wallet_gas: The most gas that an account which is a contract may use to judge its own signature; 0: such
            accounts are not served.
    """

    commits_per_hour: int
    statuses_per_hour: int
    gas_per_day: int
    max_fee_wei_per_gas: int | None = None
    wallet_gas: int = DEFAULT_WALLET_GAS


class Budget:
    """Judges orders by what was taken before.

    Args:
        store: Where orders are kept.
        limits: What is given at most.
        clock: The time, aware, UTC.
    """

    def __init__(self, store: RelayStore, limits: RelayLimits, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self.limits = limits

    def check(self, kind: OrderKind, issuer_id: str, gas: int) -> None:
        """Whether there is room for an order.

        Args:
            kind: What is ordered.
            issuer_id: For whom.
            gas: The gas limit of its transaction.

        Raises:
            OrderRefusedError: `rate-exceeded` or `budget-spent`; says in how many seconds there is room again.
        """
        now, limits = self._clock(), self.limits
        allowed = limits.commits_per_hour if kind == "commit" else limits.statuses_per_hour
        hour = self._store.taken_since(now - _HOUR, kind=kind, issuer_id=issuer_id)
        if hour.count >= allowed:
            raise OrderRefusedError(
                "as much was taken of this issuer within an hour as is allowed",
                reason="rate-exceeded",
                expected=f"at most {allowed} orders of kind {kind} an hour",
                found=hour.count,
                retry_after_s=_left(hour.oldest, _HOUR, now),
            )
        if not self.has_left(gas):
            day = self._store.taken_since(now - _DAY)
            raise OrderRefusedError(
                "this relay's budget is spent for now",
                reason="budget-spent",
                expected=f"at most {limits.gas_per_day} gas in 24 hours",
                retry_after_s=_left(day.oldest, _DAY, now),
            )

    def has_left(self, gas: int) -> bool:
        """Whether the day's budget has so much gas left."""
        return self._store.taken_since(self._clock() - _DAY).gas + gas <= self.limits.gas_per_day


def _left(oldest: datetime | None, window: timedelta, now: datetime) -> int:
    """In how many seconds the oldest of what counts has left the window."""
    if oldest is None:
        return int(window.total_seconds())
    return max(1, -int((now - oldest - window).total_seconds()))

"""What a relay is told: its workspace and its limits; from arguments, then from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from api.settings import EnvironmentSettings
from passport.ledger.relay_limits import DEFAULT_WALLET_GAS, RelayLimits


class RelaySettings(EnvironmentSettings):
    """The settings of one relay; every field can be set as `PASSPORT_RELAY_<NAME>`.

    Attributes:
        workspace: The folder whose anchoring account pays, and whose chain it is.
        gas_per_day: Gas of all its transactions in any 24 hours.
        max_fee_wei_per_gas: The most it bids for a unit of gas; without it, what the chain's settings allow.
        commits_per_hour: Checkpoints that it takes of one issuer in any hour.
        statuses_per_hour: Statuses that it takes of one issuer in any hour.
        wallet_gas: The most gas that an account which is a contract may use to judge its signature; 0: none is served.
        wallets_per_minute: How many orders of such accounts are looked at in any minute: the chain's node is asked
            for each before anything is known to be signed.
        follow_every_s: How often it looks at the chain while an order is under way, in seconds.
        max_requests: How many orders may be looked at at once; one more is answered `503`.
        body_timeout_s: How long an order may take to arrive.
        max_connections: How many connections the server holds open.
        ready_for_s: For how many seconds `/health/ready` tells an answer again instead of asking the chain's node.
    """

    PREFIX: ClassVar[str] = "PASSPORT_RELAY_"

    workspace: Path
    gas_per_day: Annotated[int, Field(ge=1, le=1 << 50)]
    max_fee_wei_per_gas: Annotated[int | None, Field(ge=1, le=1 << 80)] = None
    commits_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 12
    statuses_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 60
    wallet_gas: Annotated[int, Field(ge=0, le=300_000)] = DEFAULT_WALLET_GAS
    wallets_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 30
    follow_every_s: Annotated[float, Field(gt=0, le=3600)] = 5.0
    max_requests: Annotated[int, Field(ge=1, le=1000)] = 16
    body_timeout_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    max_connections: Annotated[int, Field(ge=1, le=100_000)] = 200
    ready_for_s: Annotated[float, Field(ge=0, le=300)] = 5.0

    @property
    def limits(self) -> RelayLimits:
        """What is given at most."""
        return RelayLimits(
            commits_per_hour=self.commits_per_hour,
            statuses_per_hour=self.statuses_per_hour,
            gas_per_day=self.gas_per_day,
            max_fee_wei_per_gas=self.max_fee_wei_per_gas,
            wallet_gas=self.wallet_gas,
        )

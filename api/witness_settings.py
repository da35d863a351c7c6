"""What a witness is told: its folder and its limits; from arguments, then from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from api.settings import EnvironmentSettings


class WitnessServiceSettings(EnvironmentSettings):
    """The settings of one witness; every field can be set as `PASSPORT_WITNESS_<NAME>`.

    Attributes:
        folder: Where its key, its logs and what it cosigned are kept.
        prefix: The path before `/add-checkpoint`, such as `/w1`.
        pace_s: A log's next checkpoint is cosigned no sooner than so many seconds after the one before.
        max_requests: How many requests may be looked at at once; one more is answered `503`.
        body_timeout_s: How long a request may take to arrive.
        max_connections: How many connections the server holds open.
    """

    PREFIX: ClassVar[str] = "PASSPORT_WITNESS_"

    folder: Path
    prefix: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]{1,100}){0,10}$")] = ""
    pace_s: Annotated[int, Field(ge=0, le=86_400)] = 1
    max_requests: Annotated[int, Field(ge=1, le=1000)] = 16
    body_timeout_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    max_connections: Annotated[int, Field(ge=1, le=100_000)] = 200

"""What the service is told: its workspace, its trust file and its limits; from arguments, then from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from passport.errors import UsageError

PREFIX: Final = "PASSPORT_"
TRUST_FILE: Final = "trust.json"


def _paths(given: Any) -> Any:
    """A list of paths out of one text, as `PATH` has it."""
    return [part for part in given.split(os.pathsep) if part] if isinstance(given, str) else given


class EnvironmentSettings(BaseModel):
    """Settings that are given as arguments, or else by the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    PREFIX: ClassVar[str] = PREFIX

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **given: Any) -> Self:
        """Settings by name where given (and not None), else from the environment, else defaults.

        Raises:
            UsageError: One is missing, or a value does not hold; the message names the setting.
        """
        values: dict[str, Any] = {
            name: environ[cls.PREFIX + name.upper()]
            for name in cls.model_fields
            if environ.get(cls.PREFIX + name.upper())
        }
        values.update({name: value for name, value in given.items() if value is not None})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise UsageError(
                f"the service's settings do not hold: {first['msg']}",
                where=name,
                found=first.get("input") if first["type"] != "missing" else None,
                hint=f"give it as an argument or as {cls.PREFIX}{name.upper()}",
            ) from None


class ServiceSettings(EnvironmentSettings):
    """The settings of one service; every field can be set as `PASSPORT_<NAME>`.

    Attributes:
        workspace: The folder whose documents and chain are served.
        trust: The trust file; without it the workspace's own `trust.json`; without that, chain checks are `unknown`.
        only_own: Show only passports issued here, so that nobody reads off who supplies whom; by default so in a
            workspace with a legal entity, and not in an auditor's.
        ledger_profiles: Files of what chains emit, beside what ships, to judge ceilings by; in the environment a path
            list, as `PATH` is.
        takes_deliveries: Take in deliveries that suppliers have signed to this workspace's legal entity; by default
            where there is one.
        max_upload_bytes: The largest body that `POST /v1/verify` takes.
        upload_timeout_s: How long an upload may take.
        max_uploads: How many uploads may lie on the disk at once.
        max_audits: How many audits may run at once; one more is answered `503`.
        audit_timeout_s: How long an audit may take.
        max_nodes: How many nodes of a tree an audit reads; beyond that its verdict is `undecided`.
        max_connections: How many connections the server holds open.
        ready_for_s: For how many seconds `/health/ready` tells an answer again instead of asking the chain's node.
    """

    workspace: Path
    trust: Path | None = None
    only_own: bool | None = None
    ledger_profiles: Annotated[tuple[Path, ...], BeforeValidator(_paths), Field(max_length=100)] = ()
    takes_deliveries: bool | None = None
    max_upload_bytes: Annotated[int, Field(ge=1 << 10, le=2 << 30)] = 64 << 20
    upload_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    max_uploads: Annotated[int, Field(ge=1, le=1000)] = 16
    max_audits: Annotated[int, Field(ge=1, le=100)] = 4
    audit_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    max_nodes: Annotated[int, Field(ge=1, le=100_000)] = 20_000
    max_connections: Annotated[int, Field(ge=1, le=100_000)] = 200
    ready_for_s: Annotated[float, Field(ge=0, le=300)] = 5.0

    @property
    def trust_file(self) -> Path | None:
        """The trust file that counts: the one given, else the workspace's own if there is one."""
        if self.trust is not None:
            return self.trust
        own = self.workspace / TRUST_FILE
        return own if own.exists() else None

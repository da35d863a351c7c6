"""The public files of a workspace: `workspace.json`, `chain.json` and `registration.json`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from passport.credentials import jcs, parse
from passport.credentials.plain_file import read_plain_file
from passport.errors import SchemaError
from passport.model.base import DocumentModel
from passport.model.party import Party

WORKSPACE_FILE = "workspace.json"
REGISTRATION_FILE = "registration.json"
CHAIN_FILE = "chain.json"
MAX_SETTINGS_BYTES = 1 << 20

Clock = Callable[[], datetime]
HostName = Annotated[
    str, StringConstraints(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
]


class ChainSettings(DocumentModel):
    """How to reach a chain and its contracts.

    Attributes:
        driver: Which driver reaches it.
        file: The chain's file for the embedded driver, relative to where these settings stand.
        chain: CAIP-2.
        genesis: Hash of the first block.
        registry: The IssuerRegistry.
        log: The PassportLog.
        root: The root registrar of that registry.
    """

    format: Literal["carbon-passport/chain/1.0"] = "carbon-passport/chain/1.0"
    driver: Literal["embedded"]
    file: str
    chain: str
    genesis: str
    registry: str
    log: str
    root: str


class WorkspaceSettings(DocumentModel):
    """The public facts of a workspace."""

    format: Literal["carbon-passport/workspace/1.0"] = "carbon-passport/workspace/1.0"
    party: Party | None = None
    host: HostName | None = None
    controller: str | None = None
    anchoring: str | None = None
    chain: ChainSettings | None = None
    withheld: tuple[str, ...] = Field(default=())

    @property
    def did(self) -> str | None:
        """The company's DID."""
        return f"did:web:{self.host}" if self.host else None


class Registration(DocumentModel):
    """What a company asks a registrar to register."""

    format: Literal["carbon-passport/registration/1.0"] = "carbon-passport/registration/1.0"
    party: Party
    did: str
    controller: str


def read_chain_settings(path: Path, folder: Path) -> ChainSettings:
    """Read a `chain.json` and make its file relative to the workspace.

    Raises:
        DocumentError: It cannot be read, or holds no settings of a chain.
    """
    data = read_plain_file(path, max_bytes=MAX_SETTINGS_BYTES, what="chain settings file")
    try:
        settings = ChainSettings.model_validate(parse(data))
    except ValidationError as error:
        raise schema_error(error, str(path)) from None
    file = os.path.relpath((path.parent / settings.file).resolve(), folder.resolve())
    return settings.model_copy(update={"file": file})


def save_settings(settings: WorkspaceSettings, folder: Path) -> None:
    """Write the settings of a workspace, whole or not at all."""
    path = folder / WORKSPACE_FILE
    temporary = path.with_suffix(".writing")
    temporary.write_bytes(jcs(settings.to_json()))
    temporary.replace(path)


def schema_error(error: ValidationError, where: str) -> SchemaError:
    """The first thing that is wrong with a file, in our words."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return SchemaError(first["msg"], where=f"{where}: {place}", found=first.get("input"))

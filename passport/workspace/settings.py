"""The public files of a workspace: `workspace.json`, `chain.json` and `registration.json`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationError, model_validator

from passport.credentials import jcs, parse
from passport.credentials.plain_file import read_plain_file
from passport.errors import SchemaError
from passport.ledger.entity import MAX_GENERATIONS
from passport.model.base import DocumentModel
from passport.model.party import Party

WORKSPACE_FILE = "workspace.json"
REGISTRATION_FILE = "registration.json"
CHAIN_FILE = "chain.json"
MAX_SETTINGS_BYTES = 1 << 20
CHAIN_FORMAT: Final[Literal["carbon-passport/chain/1.1"]] = "carbon-passport/chain/1.1"
"""The version that knows other drivers than `embedded`; chains of that one are still written as 1.0."""

CHAIN_FORMAT_1_2: Final[Literal["carbon-passport/chain/1.2"]] = "carbon-passport/chain/1.2"
"""With several providers, which 1.1 does not know: a reader that would ask only one of them refuses it."""

_RPC_ONLY: Final = (
    *("url", "url_variable", "providers", "threshold", "finality", "fees", "max_fee_wei_per_gas", "outbid_after_s"),
    *("reads", "max_head_age_s", "blocks_on_demand"),
)

Clock = Callable[[], datetime]
HostName = Annotated[
    str, StringConstraints(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
]


RelayUrl = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s@?#]+$")]
"""Where a relay is: no user, query or fragment, since settings are public and an order needs no secret."""

ChainDriver = Literal["embedded", "rpc", "dry"]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]


def same_address(url: str) -> str:
    """An address in one spelling of host, port and path's end, and without a user: equal ones are of one node."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return url
    if not parts.hostname:
        return url
    # Whoever the customer is: with two of a provider's keys it is one provider.
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}?{parts.query}"


class ChainProvider(DocumentModel):
    """One of several nodes of a chain, each run by somebody else.

    Attributes:
        name: By which it is reported.
        url: Its address, where that holds no secret.
        url_variable: The environment variable that holds the address instead.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
    url: str | None = None
    url_variable: VariableName | None = None

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url is None) == (self.url_variable is None):
            raise ValueError("a provider has either a url or a urlVariable")
        return self


class ChainSettings(DocumentModel):
    """How to reach a chain and its contracts.

    Attributes:
        driver: Which driver reaches it.
        file: Of `embedded`: the chain's file, relative to where these settings stand.
        url: Of `rpc`: the node's address, where it holds no secret: `https://`, `http://` or `ipc:/path`.
        url_variable: Of `rpc`: the environment variable that holds the address instead.
        providers: Of `rpc`: several nodes in the place of one.
        threshold: How many of them must agree: more than half.
        finality: Of `rpc`: `finalized`, `safe`, `depth:N` or `instant`; nobody can guess it.
        fees: Of `rpc`: `auto`, `legacy` or `zero`.
        max_fee_wei_per_gas: Of `rpc`: never bid more.
        outbid_after_s: Of `rpc`: after how long in no block a transaction is bid more for, in the chain's time.
        reads: Of `rpc`: `storage` takes the node's word, `proofs` has every word proven.
        max_head_age_s: Of `rpc`: a node whose newest block is older is out of step.
        blocks_on_demand: Of `rpc`: blocks come only when there is a transaction.
        chain: CAIP-2.
        genesis: Hash of the first block.
        registry: The IssuerRegistry.
        log: The PassportLog.
        root: The root registrar of that registry.
    """

    format: Literal["carbon-passport/chain/1.0", "carbon-passport/chain/1.1", "carbon-passport/chain/1.2"] = (
        "carbon-passport/chain/1.0"
    )
    driver: ChainDriver
    file: str | None = None
    url: str | None = None
    url_variable: VariableName | None = None
    providers: Annotated[tuple[ChainProvider, ...], Field(min_length=2, max_length=16)] | None = None
    threshold: Annotated[int, Field(ge=1, le=16)] | None = None
    finality: Annotated[str, StringConstraints(pattern=r"^(finalized|safe|instant|depth:[0-9]{1,7})$")] | None = None
    fees: Literal["auto", "legacy", "zero"] | None = None
    max_fee_wei_per_gas: Annotated[int, Field(ge=1, le=(1 << 53) - 1)] | None = None
    outbid_after_s: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    reads: Literal["storage", "proofs"] | None = None
    max_head_age_s: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    blocks_on_demand: bool | None = None
    chain: str
    genesis: str
    registry: str
    log: str
    root: str

    @model_validator(mode="after")
    def _fits_its_driver(self) -> Self:
        """Refuse settings that would be passed over.

        Raises:
            ValueError: a setting of another driver, or one that the driver lacks.
        """
        given = {name for name in _RPC_ONLY if getattr(self, name) is not None}
        if self.driver != "rpc" and given:
            raise ValueError(f"driver {self.driver} has no {', '.join(sorted(given))}")
        if (self.driver == "embedded") != (self.file is not None):
            raise ValueError("a file is what the embedded driver has, and it alone")
        addresses = [self.url, self.url_variable, self.providers]
        if self.driver == "rpc" and addresses.count(None) != len(addresses) - 1:
            raise ValueError("driver rpc has either a url, or a urlVariable, or providers")
        if self.driver == "rpc" and self.finality is None:
            raise ValueError("driver rpc needs its chain's finality: finalized, safe, depth:N or instant")
        if self.driver != "embedded" and self.format == "carbon-passport/chain/1.0":
            raise ValueError(f"driver {self.driver} came with {CHAIN_FORMAT}")
        self._check_providers()
        return self

    def _check_providers(self) -> None:
        if (self.providers is None) != (self.threshold is None):
            raise ValueError("providers and a threshold go together")
        if self.providers is None or self.threshold is None:
            return
        if self.format != CHAIN_FORMAT_1_2:
            raise ValueError(f"providers came with {CHAIN_FORMAT_1_2}")
        count = len(self.providers)
        names = {provider.name for provider in self.providers}
        addresses = {same_address(provider.url or f"${provider.url_variable}") for provider in self.providers}
        if len(names) != count or len(addresses) != count:
            raise ValueError("two providers have the same name or address: one node would count twice")
        if not count // 2 < self.threshold <= count:
            raise ValueError(f"the threshold must be more than half: {count // 2 + 1} to {count} of {count} providers")


class WorkspaceSettings(DocumentModel):
    """The public facts of a workspace.

    Attributes:
        party: The legal entity; None in an auditor's.
        host: Its web host.
        controller: The account that binds its keys.
        anchoring: The account that anchors.
        generation: How many registrations of its identifier were annulled before the one that it has; None: none.
        chain: How the chain is reached.
        relay: Who sends and pays for what this company orders; None: it pays itself.
        withheld: Ids of passports whose statement is not published.
    """

    format: Literal["carbon-passport/workspace/1.0"] = "carbon-passport/workspace/1.0"
    party: Party | None = None
    host: HostName | None = None
    controller: str | None = None
    anchoring: str | None = None
    generation: Annotated[int, Field(ge=1, lt=MAX_GENERATIONS)] | None = None
    chain: ChainSettings | None = None
    relay: RelayUrl | None = None
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
        first = error.errors()[0]
        # What was found is not shown: it may be an address with a key in it.
        raise SchemaError(first["msg"], where=f"{path}: {'.'.join(str(part) for part in first['loc'])}") from None
    for url in (settings.url, *(provider.url for provider in settings.providers or ())):
        if url is not None:
            refuse_secret_url(url, where=f"{path}: url")
    if settings.file is None:
        return settings
    try:
        file = os.path.relpath((path.parent / settings.file).resolve(), folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:  # a NUL, links that go round, another drive
        raise SchemaError("not the path of a chain's file", where=f"{path}: file", found=settings.file) from error
    return settings.model_copy(update={"file": file})


def refuse_secret_url(url: str, *, where: str) -> None:
    """Refuse a node's address with what is usually a secret: settings are public, and travel.

    Raises:
        SchemaError: it names a user or has a query.
    """
    if "@" in url or "?" in url or "#" in url:
        raise SchemaError(
            "the node's address holds a secret, and these settings are public",
            where=where,
            expected="an address without user, password and query",
            hint="put the address into an environment variable and name that as urlVariable",
        )


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
    # Of a chain's settings nothing is shown: they may hold a node's address with a key in it.
    found = None if "chain" in first["loc"] else first.get("input")
    return SchemaError(first["msg"], where=f"{where}: {place}", found=found)

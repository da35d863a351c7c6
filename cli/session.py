"""What every command has in common: its streams, its workspace, its passphrase, and which setting won.

Options beat the environment (`PASSPORT_*`), which beats what the workspace holds, which beats defaults.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from cli.catalogue import Language, language_of
from cli.errors import ended_early
from cli.output import Output
from passport.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from passport.credentials import Passphrase
    from passport.workspace import Workspace
    from verifier.trust import Trust

TRUST_FILE = "trust.json"
PROMPT = "prompt:"

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", envvar="PASSPORT_WORKSPACE", help="The workspace's folder.", metavar="DIR")
]
PassphraseOption = Annotated[
    str,
    typer.Option(
        "--passphrase",
        envvar="PASSPORT_PASSPHRASE_SOURCE",
        help="Where the passphrase comes from, never itself: prompt:, file:PATH or keyring:SERVICE/USER.",
        metavar="SOURCE",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Say which settings won; show tracebacks of errors.")]
LanguageOption = Annotated[
    Language | None,
    typer.Option("--lang", envvar="PASSPORT_LANG", help="Language of words for people; from LC_ALL and LANG."),
]
TrustOption = Annotated[
    Path | None,
    typer.Option(
        "--trust",
        envvar="PASSPORT_TRUST",
        help=f"The trust file; the workspace's own {TRUST_FILE} if there is one.",
        metavar="FILE",
    ),
]
ResolveOption = Annotated[
    bool,
    typer.Option(
        "--resolve-dids",
        help="Also fetch DID documents of did:web from their hosts over HTTPS; without it no network is used.",
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be sent to the ledger and what it costs; send nothing.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Send without asking, where gas costs something.")]

_ALWAYS: dict[str, tuple[Any, Any]] = {
    "as_json": (JsonOption, False),
    "verbose": (VerboseOption, False),
    "lang": (LanguageOption, None),
}
_WORKSPACE: dict[str, tuple[Any, Any]] = {"workspace": (WorkspaceOption, Path("."))}
_PASSPHRASE: dict[str, tuple[Any, Any]] = {"passphrase": (PassphraseOption, PROMPT)}
_ORIGINS = {"COMMANDLINE": "option", "ENVIRONMENT": "environment", "DEFAULT": "default", "DEFAULT_MAP": "default"}


def system_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class Session:
    """One run of one command.

    Args:
        output: Its streams.
        folder: The workspace's folder.
        passphrase_source: Where the passphrase comes from.
        clock: The time, aware, UTC.
    """

    def __init__(
        self,
        output: Output,
        *,
        folder: Path = Path("."),
        passphrase_source: str = PROMPT,
        clock: Callable[[], datetime],
    ) -> None:
        self.output = output
        self.folder = folder
        self.clock = clock
        self._passphrase_source = passphrase_source

    def open(self) -> Workspace:
        """The workspace.

        Raises:
            UsageError: There is none in that folder.
        """
        from passport.workspace import Workspace

        try:
            return Workspace.open(self.folder, clock=self.clock)
        except NotFoundError as error:
            raise UsageError(
                error.message,
                where=str(self.folder),
                hint="name it with --workspace or PASSPORT_WORKSPACE, or make one with `passport init`",
            ) from error

    def open_company(self) -> Workspace:
        """The workspace of a legal entity, with keys.

        Raises:
            UsageError: There is none in that folder, or it is an auditor's.
        """
        workspace = self.open()
        if workspace.settings.party is None:
            raise UsageError(
                "an auditor's workspace has no keys", where=str(self.folder), hint="only a company's can do this"
            )
        return workspace

    def passphrase(self, *, confirm: bool = False) -> Passphrase:
        """Where the passphrase comes from; asked for once however many keys are opened.

        Args:
            confirm: Ask twice, for a new passphrase.
        """
        from passport.credentials import PromptPassphrase, passphrase_from

        source = passphrase_from(self._passphrase_source)
        if isinstance(source, PromptPassphrase):
            source = PromptPassphrase(confirm=confirm)
        return _Remembered(source)

    def trust(self, given: Path | None) -> Trust | None:
        """The trust file: the one given, else the workspace's own, else None.

        One that merely lies in the folder, without a workspace, may have come with the bundle that it is to judge.
        """
        from passport.workspace import WORKSPACE_FILE
        from verifier.trust import read_trust

        path = given or self.folder / TRUST_FILE
        if given is None and not (path.exists() and (self.folder / WORKSPACE_FILE).exists()):
            self.output.detail(f"setting trust: none (no {TRUST_FILE} in the workspace)")
            return None
        self.output.detail(f"setting trust = {path} ({'given' if given else 'workspace'})")
        return read_trust(path)


class _Remembered:
    """A passphrase source that is asked once in the life of the command."""

    def __init__(self, source: Passphrase) -> None:
        self._source = source
        self._secret: bytes | None = None

    def read(self, purpose: str) -> bytes:
        if self._secret is None:
            self._secret = self._source.read(purpose)
        return self._secret


def command(
    *, workspace: bool = True, passphrase: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the common options; its first parameter is the `Session` made of them.

    Args:
        workspace: It works in a workspace.
        passphrase: It opens keys.
    """
    common = {**(_PASSPHRASE if passphrase else {}), **(_WORKSPACE if workspace else {}), **_ALWAYS}

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(function, include_extras=True)
        own = [
            parameter.replace(annotation=hints[name])
            for name, parameter in list(inspect.signature(function).parameters.items())[1:]
        ]
        kind = inspect.Parameter.KEYWORD_ONLY
        shared = [inspect.Parameter(n, kind, annotation=hint, default=d) for n, (hint, d) in common.items()]
        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)

        def run(context: typer.Context, **given: Any) -> None:
            values = {name: given.pop(name) for name in common}
            with ended_early():
                function(_session(context, values), **given)

        parameters = [context, *(parameter.replace(kind=kind) for parameter in own), *shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect.signature reads
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__name__ = function.__name__
        run.__doc__ = function.__doc__
        run.__module__ = function.__module__
        return run

    return decorate


def _session(context: typer.Context, values: dict[str, Any]) -> Session:
    language, origin = values["lang"], "option or PASSPORT_LANG"
    if language is None:
        language, origin = language_of(os.environ)
    output = Output(as_json=values["as_json"], language=language, is_verbose=values["verbose"])
    for name in ("workspace", "passphrase"):
        if name in values:
            source = context.get_parameter_source(name)
            won = _ORIGINS.get(source.name if source else "", "default")
            output.detail(f"setting {name} = {values[name] if name != 'passphrase' else _kind(values[name])} ({won})")
    output.detail(f"setting lang = {language} ({origin})")
    return Session(
        output,
        folder=values.get("workspace", Path(".")),
        passphrase_source=values.get("passphrase", PROMPT),
        clock=system_clock,
    )


def _kind(source: str) -> str:
    """Only the scheme of a passphrase source: somebody may have typed the passphrase itself."""
    scheme, colon, _ = source.partition(":")
    return f"{scheme}:..." if colon and scheme in ("prompt", "file", "keyring") else "..."

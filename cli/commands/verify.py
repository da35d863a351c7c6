"""`passport verify`: judge one passport file by itself, without the tree below it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.commands.audit import show
from cli.judging import (
    LedgerProfileOption,
    exit_code_of_verdict,
    ledger_profiles,
    resolving,
    say_unresolved,
    source_of,
)
from cli.presentation import show_judged
from cli.session import ResolveOption, Session, TrustOption, command
from passport.errors import BoundError, UsageError
from passport.model.role_map import Audience

if TYPE_CHECKING:
    from verifier.source import Source

EXAMPLES = """\
passport verify pack.signed.json --trust trust.json
passport verify pack.signed.json --resolve-dids     also fetch the issuer's DID document from its host
passport verify - < pack.signed.json
passport verify workshop.json --role legitimate     a presentation: is it exactly what that role may see?
passport verify public.sd-jwt --role public         the same of an SD-JWT
"""
MAX_FILE_BYTES = 16 << 20


@command()
def verify(
    session: Session,
    file: Annotated[
        str,
        typer.Argument(
            help="A signed passport or a presentation of one as JSON, or an SD-JWT; - is stdin.", metavar="FILE"
        ),
    ],
    *,
    role: Annotated[
        Audience | None,
        typer.Option("--role", help="Judge a presentation or SD-JWT: exactly what this role may see must be shown."),
    ] = None,
    trust: TrustOption = None,
    resolve_dids: ResolveOption = False,
    ledger_profile: LedgerProfileOption = None,
) -> None:
    """DID document, log and statement come from the workspace; what it lacks is unknown, and the exit code 3.

    Without a workspace in the folder the file is judged by itself alone. For the passports below it use `passport
    audit`.
    """
    from passport.credentials import read_secured
    from verifier.audit import Settings
    from verifier.audit import audit as run_audit
    from verifier.examine import Limits
    from verifier.layered_source import FileSource
    from verifier.policy import AllOf, NothingFailed, TopDecided

    if role is not None:
        _verify_presentation(session, file, role, trust, resolve_dids=resolve_dids, profiles=ledger_profile)
    body = read_file(file)
    _refuse_presentation(body, file)
    secured = read_secured(body, canonical=True)
    named = secured.document.get("id") if isinstance(secured.document, dict) else None
    with ExitStack() as stack:
        laid_over = FileSource(
            at_hand(session, stack),
            digest=secured.doc_hash,
            body=body,
            passport_id=named if isinstance(named, str) else "",
        )
        source = resolving(laid_over, resolve_dids)
        report = run_audit(
            source,
            secured.doc_hash,
            policy=AllOf((NothingFailed(), TopDecided())),
            trust=session.trust(trust),
            settings=Settings(
                at=session.clock(),
                is_now=True,
                limits=Limits(depth=0),
                ledger_profiles=ledger_profiles(ledger_profile),
            ),
        )
    say_unresolved(session.output, source)
    show(session, report)
    raise typer.Exit(exit_code_of_verdict(report))


def _verify_presentation(
    session: Session,
    file: str,
    role: Audience,
    trust: Path | None,
    *,
    resolve_dids: bool,
    profiles: list[Path] | None,
) -> NoReturn:
    from verifier.holder import not_asked
    from verifier.layered_source import ResolvingSource
    from verifier.presentation import is_sd_jwt, judge_presentation, judge_sd_jwt

    body = read_file(file, what="presentation")
    with ExitStack() as stack:
        source = resolving(at_hand(session, stack), resolve_dids)
        judge = judge_sd_jwt if is_sd_jwt(body) else judge_presentation
        judged = judge(
            body,
            str(role),
            source,
            trust=session.trust(trust),
            at=session.clock(),
            ledger_profiles=ledger_profiles(profiles),
            at_its_host=source.at_its_host if isinstance(source, ResolvingSource) else not_asked,
        )
    say_unresolved(session.output, source)
    show_judged(session.output, judged)
    raise typer.Exit(exit_code_of_verdict(judged))


def _refuse_presentation(body: bytes, file: str) -> None:
    """Whoever forgets the role would be told of a passport without proof, which is not what is wrong."""
    is_shown = b'"type":["VerifiablePresentation"]' in body and b'"disclosure":' in body
    if is_shown or (body[:1] != b"{" and b"~" in body):
        raise UsageError(
            "this is a presentation, and nobody said for whom",
            where=file,
            expected=f"--role {', '.join(Audience)}",
            hint="name the role that looks at it",
        )


def at_hand(session: Session, stack: ExitStack) -> Source:
    """Whatever else is at hand: the workspace's store and chain, or nothing where no workspace was named or lies."""
    from passport.workspace import WORKSPACE_FILE
    from verifier.layered_source import EmptySource

    if session.folder == Path(".") and not (session.folder / WORKSPACE_FILE).exists():
        session.output.detail("setting workspace: none in this folder")
        return EmptySource()
    workspace = stack.enter_context(session.open())
    return source_of(workspace)


def read_file(name: str, *, what: str = "passport") -> bytes:
    """What a file or stdin (`-`) holds, within bounds and without a line end at its end."""
    from passport.credentials.plain_file import read_plain_file

    if name == "-":
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise BoundError(f"too large for a {what}", where=name, expected=f"at most {MAX_FILE_BYTES} bytes")
    else:
        data = read_plain_file(Path(name), max_bytes=MAX_FILE_BYTES, what=what)
    return data.rstrip(b"\r\n")  # editors and shells end files with a line end

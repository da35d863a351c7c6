"""`passport log cosign`: have witnesses cosign an exported log over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.session import Session, TrustOption, command
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.ledger.cosignature import Quorum
    from passport.ledger.signed_note import NoteKey, SignedNote

EXAMPLES = """\
passport log cosign public/log --witness https://witness.example/w1 --witness https://other.example --trust trust.json
passport log cosign public/log --witness http://127.0.0.1:8000 --witness-key "$(cat w1.vkey)" --unsafe-private-witnesses
"""


@command()
def cosign(
    session: Session,
    folder: Annotated[
        Path, typer.Argument(help="A folder that `passport log export` wrote.", metavar="FOLDER", show_default=False)
    ],
    *,
    witness: Annotated[
        list[str] | None, typer.Option("--witness", help="Ask the witness with this prefix.", metavar="URL")
    ] = None,
    witness_key: Annotated[
        list[str] | None,
        typer.Option("--witness-key", help="Count its cosignatures; instead of the trust file's.", metavar="VKEY"),
    ] = None,
    threshold: Annotated[
        int | None,
        typer.Option("--threshold", min=1, help="How many must have cosigned; the trust file's, or all.", metavar="K"),
    ] = None,
    trust: TrustOption = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, max=600, help="Seconds for one exchange.", metavar="S")
    ] = 20.0,
    unsafe_private_witnesses: Annotated[
        bool,
        typer.Option("--unsafe-private-witnesses", help="Also connect to addresses outside the public internet."),
    ] = False,
) -> None:
    """Exit code 0: enough trusted witnesses have cosigned; 1: too few, and one refused; 3: too few could be reached."""
    from passport.cosigning import AnswerKind, collect_cosignatures
    from passport.ledger.log_note import parse_checkpoint
    from passport.ledger.tile_folder import TileFolder
    from passport.witness_client import WitnessClient

    if not witness:
        raise UsageError("nobody to ask", expected="--witness URL")
    quorum = _quorum(session, trust, witness_key, threshold)
    clients = [
        WitnessClient(url, timeout_s=timeout, unsafe_private=unsafe_private_witnesses)
        for url in dict.fromkeys(url.rstrip("/") for url in witness)
    ]
    note, answers = collect_cosignatures(TileFolder(folder), clients, quorum.witnesses, clock=session.clock)
    have = [key.name for key in quorum.witnesses if _has_cosigned(note, key)]
    checkpoint, output = parse_checkpoint(note.text), session.output
    for answer in answers:
        said = ", ".join(answer.names) or answer.found
        output.result(f"  {output.word('answer.' + answer.kind.value):<12} {answer.url}  {said}")
    is_met = len(have) >= quorum.threshold
    facts = {"count": len(have), "total": len(quorum.witnesses), "threshold": quorum.threshold, "size": checkpoint.size}
    output.result(output.word("cosign.enough" if is_met else "cosign.too_few", **facts))
    output.document(
        {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": "0x" + checkpoint.root.hex(),
            "threshold": quorum.threshold,
            "cosigned_by": have,
            "witnesses": [
                {"url": each.url, "outcome": each.kind.value, "names": list(each.names), "found": each.found or None}
                for each in answers
            ],
        }
    )
    if not is_met:
        is_refused = any(each.kind is AnswerKind.REFUSED for each in answers)
        raise typer.Exit(ExitCode.REFUSED if is_refused else ExitCode.UNDECIDED)


def _quorum(session: Session, trust: Path | None, keys: list[str] | None, threshold: int | None) -> Quorum:
    """Whose cosignatures count, and how many of them it takes."""
    from passport.ledger.cosignature import Quorum
    from passport.ledger.signed_note import parse_note_key

    if keys:
        parsed = tuple(dict.fromkeys(parse_note_key(text) for text in keys))
        return Quorum(parsed, threshold or len(parsed))
    trusted = session.trust(trust)
    found = trusted.quorum() if trusted else None
    if found is None:
        raise UsageError(
            "no witness is trusted, so nobody's cosignature would count",
            expected="--witness-key VKEY, or witnesses in the trust file",
        )
    return Quorum(found.witnesses, threshold or found.threshold)


def _has_cosigned(note: SignedNote, key: NoteKey) -> bool:
    """Also before now, and never by a line that does not verify."""
    from passport.errors import ProofError
    from passport.ledger.cosignature import cosignatures

    try:
        return bool(cosignatures(note, [key]))
    except ProofError:
        return False

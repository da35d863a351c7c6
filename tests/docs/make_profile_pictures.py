"""Draw docs/battery-passport.svg and docs/shirt-passport.svg: presented passports, as a terminal shows them.

    the commands of docs/howto-profile.md in a folder, but for the revocation
    python tests/docs/make_profile_pictures.py FOLDER

Run it after the page has changed. Two pictures are never equal byte for byte: every run makes new keys.
"""

from __future__ import annotations

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from make_picture import ROOT
from rich.console import Console

from cli.catalogue import Language
from cli.output import Output
from cli.presentation import show_judged
from passport.workspace import Workspace
from verifier import read_trust
from verifier.presentation import judge_presentation
from verifier.store_source import StoreSource

COLUMNS = 112


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def draw(folder: Path, file: str, workspace: str) -> str:
    """The picture of what `passport verify` prints of a presentation."""
    with Workspace.open(folder / workspace, clock=now) as company:
        source = StoreSource(company.store, company.ledger)
        trust = read_trust(folder / "trust.json")
        judged = judge_presentation((folder / file).read_bytes(), "public", source, trust=trust, at=now())
    output = Output(as_json=False, language=Language.EN)
    output.out = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    show_judged(output, judged)
    picture = output.out.export_svg(title=f"passport verify {file} --role public --trust trust.json")
    # No font from anybody's server: a picture should not tell others who looks at it.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    return picture.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")


if __name__ == "__main__":
    for name, shown, of in (("battery", "public.json", "storage"), ("shirt", "shirt.json", "packs")):
        (ROOT / "docs" / f"{name}-passport.svg").write_text(draw(Path(sys.argv[1]), shown, of), "utf-8")

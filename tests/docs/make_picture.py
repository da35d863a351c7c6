"""Draw docs/audit.svg: the page of an audit of the demonstration, as a terminal shows it.

    passport demo --dir demo
    python tests/docs/make_picture.py demo

Run it after the page has changed. Two pictures are never equal byte for byte: every demonstration makes new keys.
"""

from __future__ import annotations

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from cli.catalogue import Language
from cli.output import Output
from cli.tree import show_report
from verifier import Settings, audit, default_policy, read_trust
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = 112


def draw(demo: Path) -> str:
    """The picture of what `passport audit top.bundle` prints in a demonstration's folder."""
    with BundleFile(demo / "top.bundle") as bundle:
        source = BundleSource(bundle)
        report = audit(
            source,
            bundle.header.top,
            policy=default_policy(),
            trust=read_trust(demo / "trust.json"),
            settings=Settings(at=datetime.now(UTC), is_snapshot=True),
        )
    output = Output(as_json=False, language=Language.EN)
    output.out = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    show_report(output, report)
    picture = output.out.export_svg(title="passport audit demo/top.bundle --trust demo/trust.json")
    # No font from anybody's server: a picture should not tell others who looks at it.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    return picture.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")


if __name__ == "__main__":
    (ROOT / "docs" / "audit.svg").write_text(draw(Path(sys.argv[1])), "utf-8")

"""What runs of the command line leave behind: what was printed, the demonstration's folder, and copies of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.demo.world import PHRASE_FILE

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout."""
        document: dict[str, Any] = json.loads(self.out)
        return document


Passport = Callable[..., Done]

# The program with another clock: whoever judges what it wrote does so at the tests' own moment.
_AT_A_MOMENT = """
import sys
from datetime import datetime
import cli.session
moment = datetime.fromisoformat(sys.argv[1])
cli.session.system_clock = lambda: moment
from cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def command_at(moment: datetime, *arguments: object) -> list[str]:
    """A command line that runs `passport` in a process of its own, at `moment`."""
    return [sys.executable, "-W", "error", "-c", _AT_A_MOMENT, moment.isoformat(), *map(str, arguments)]


@dataclass(frozen=True)
class DemoRun:
    """The folder of a demonstration, which nobody changes, and the document it printed."""

    folder: Path
    document: dict[str, Any]
    stderr: str


@dataclass(frozen=True)
class Copied:
    """A copy of the demonstration's world that a test may change."""

    folder: Path
    top: str

    def at(self, key: str) -> tuple[str, str, str, str]:
        """Options that name a company's workspace and its passphrase."""
        place = self.folder / key
        return "--workspace", str(place), "--passphrase", f"file:{place / PHRASE_FILE}"

    @property
    def trust(self) -> tuple[str, str]:
        """The option that names the trust file."""
        return "--trust", str(self.folder / "trust.json")

    def inventory(self, key: str, name: str) -> str:
        """The text of one of the demonstration's inventories."""
        return (ROOT / "fixtures" / "battery" / "inventories" / key / f"{name}.yaml").read_text("utf-8")

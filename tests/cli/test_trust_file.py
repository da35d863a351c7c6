"""Which trust file counts when none is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cli.catalogue import Language
from cli.output import Output
from cli.session import Session
from passport.workspace import Workspace

TRUST = {
    "format": "carbon-passport/trust/1.0",
    "chains": [
        {
            "chain": "eip155:1337",
            "genesis": "0x" + "11" * 32,
            "registry": "0x" + "0" * 40,
            "log": "0x" + "0" * 40,
            "rootRegistrars": ["0x" + "0" * 40],
        }
    ],
}


def session_in(folder: Path, clock: Callable[[], datetime]) -> Session:
    """A session of a command that works in a folder with a trust file."""
    (folder / "trust.json").write_text(json.dumps(TRUST))
    return Session(Output(as_json=False, language=Language.EN), folder=folder, clock=clock)


def test_a_trust_file_that_came_with_a_bundle_is_not_taken(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    """In a folder that is no workspace it counts only when somebody names it."""
    session = session_in(tmp_path, clock)
    assert session.trust(None) is None
    named = session.trust(tmp_path / "trust.json")
    assert named is not None
    assert named.chains[0].genesis == TRUST["chains"][0]["genesis"]


def test_the_workspaces_own_trust_file_is_taken(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    """Whoever made the workspace put it there."""
    Workspace.create(tmp_path, clock=clock).close()
    taken = session_in(tmp_path, clock).trust(None)
    assert taken is not None
    assert taken.chains[0].chain == "eip155:1337"

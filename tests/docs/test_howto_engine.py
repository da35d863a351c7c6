"""The how-to of the engine does what it shows: its Python in one go, its commands, and its picture."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from markdown_blocks import ROOT, blocks, missing_lines

from cli.main import main

HOWTO = "docs/howto-engine.md"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a copy of the examples: arrays are kept beside tables."""
    shutil.copytree(ROOT / "docs" / "example", tmp_path / "docs" / "example")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("PASSPORT_LANG", raising=False)
    return tmp_path


def test_the_howto_does_what_it_shows(here: Path) -> None:
    """Every block in order; what a block of text quotes is what the block before it printed."""
    names: dict[str, Any] = {}
    printed = ""
    kinds = []
    for block in blocks(HOWTO):
        kinds.append(block.language)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            if block.language == "python":
                exec(compile(block.text, HOWTO, "exec"), names)  # noqa: S102  # our own document
            elif block.language == "sh":
                for command in block.text.splitlines():
                    assert main(shlex.split(command)[1:]) == 0, command
            else:
                assert missing_lines(block.text, printed) == []
                continue
        printed = output.getvalue()
    assert kinds.count("python") == 4
    assert kinds.count("sh") == 3
    assert kinds.count("text") == 5
    assert {path.name for path in here.glob("pack.*")} == {"pack.svg", "pack.html", "pack.png"}


def test_the_picture_is_what_the_command_draws(here: Path) -> None:
    """The same words with the same numbers; lines may differ in their last digits between versions of matplotlib."""
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["plot", "docs/example/pack", "--kind", "sankey", "-o", "pack.svg"]) == 0
    drawn, kept = ((folder / "pack.svg").read_text("utf-8") for folder in (here, ROOT / "docs"))
    assert words(drawn) == words(kept)
    assert "2,110 kg CO2e per 1 piece, cradle to gate" in words(kept)


def words(svg: str) -> list[str]:
    """All text in a picture, remarks included."""
    texts = [
        element.text or ""
        for element in ElementTree.fromstring(svg).iter()  # noqa: S314  # drawn by ourselves
        if element.tag.endswith(("text", "title", "desc"))
    ]
    return [re.sub(r"\s+", " ", text) for text in texts]

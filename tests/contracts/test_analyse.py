"""The comparison of slither's findings with the answers in writing; slither itself runs by `make slither`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts import analyse

TABLE = """## Static analysis

| detector | where | answer |
| --- | --- | --- |
| `timestamp` | `Log.commit`, `Log.pause` | Seconds do not matter. |
| `pragma` | `pragma` | Theirs. |

## Other
| `unused-return` | `Log.commit` | Outside the section. |
"""


def element(kind: str, name: str, *, file: str = "src/Log.sol") -> dict[str, Any]:
    fields = {"parent": {"type": "contract", "name": "Log"}}
    return {"type": kind, "name": name, "source_mapping": {"filename_relative": file}, "type_specific_fields": fields}


def report(*results: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"success": True, "results": {"detectors": [{"check": check, "elements": e} for check, e in results]}}


def test_findings_of_ours_are_named_by_contract_and_function() -> None:
    size = element("variable", "size")
    size["type_specific_fields"] = {"parent": element("function", "pause")}
    found = analyse.findings(
        report(
            ("timestamp", [element("function", "commit"), element("node", "x > y")]),
            ("shadowing-local", [size]),
            ("pragma", [element("pragma", ">=0.5.0", file="node_modules/x.sol"), element("pragma", "0.8.37")]),
            ("assembly", [element("function", "log2", file="node_modules/Math.sol")]),
        )
    )
    assert found == {("timestamp", "Log.commit"), ("shadowing-local", "Log.pause"), ("pragma", "pragma")}


def test_answers_are_those_of_the_section() -> None:
    assert analyse.answers(TABLE) == {
        ("timestamp", "Log.commit"): "Seconds do not matter.",
        ("timestamp", "Log.pause"): "Seconds do not matter.",
        ("pragma", "pragma"): "Theirs.",
    }
    with pytest.raises(analyse.AnalysisError, match="has no section"):
        analyse.answers("# Contracts")
    with pytest.raises(analyse.AnalysisError, match=r"timestamp at Log\.pause is answered twice"):
        analyse.answers(TABLE.replace("`pragma` | `pragma`", "`timestamp` | `Log.pause`"))


def test_both_ways_count() -> None:
    answered = analyse.answers(TABLE).keys()
    assert analyse.differences(set(answered), answered) == []
    assert analyse.differences(
        {("timestamp", "Log.commit"), ("tx-origin", "Log.commit"), ("pragma", "pragma")}, answered
    ) == [
        "tx-origin at Log.commit: not answered",
        "timestamp at Log.pause: answered, and not found any more",
    ]


def test_a_failed_analysis_is_no_clean_one() -> None:
    with pytest.raises(analyse.AnalysisError, match="slither failed: no compiler"):
        analyse.findings({"success": False, "error": "no compiler", "results": {}})


def program(folder: Path, body: str) -> str:
    """Something in slither's place that writes what it is told."""
    path = folder / "slither"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "contracts.md").write_text(TABLE, "utf-8")
    monkeypatch.setattr(analyse, "ANSWERS_FILE", tmp_path / "contracts.md")
    assert analyse.main(["--slither", str(tmp_path / "none")]) == 1
    assert "is not there: make slither installs it" in capsys.readouterr().err
    silent = program(tmp_path, "sys.exit('forge is missing')")
    assert analyse.main(["--slither", silent]) == 1
    assert "slither wrote no report: forge is missing" in capsys.readouterr().err
    said = json.dumps(report(("timestamp", [element("function", "commit")])))
    program(tmp_path, f"open(sys.argv[-1], 'w').write({said!r}); sys.exit(255)")
    monkeypatch.chdir(tmp_path)  # slither runs in the contracts' folder, and is looked for from here
    assert analyse.main(["--slither", "./slither"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == "error: pragma at pragma: answered, and not found any more"


def test_every_answer_names_something_that_is_there() -> None:
    """The table in the documentation, against the sources: a renamed function shows without slither."""
    answered = analyse.answers(analyse.ANSWERS_FILE.read_text("utf-8"))
    assert len(answered) > 40
    sources = {path.stem: path.read_text("utf-8") for path in (analyse.CONTRACTS_DIR / "src").glob("*.sol")}
    for detector, place in answered:
        contract, _, name = place.partition(".")
        assert place == "pragma" or name in sources[contract], (detector, place)

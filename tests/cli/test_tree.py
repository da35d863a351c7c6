"""The tree on the terminal: diamonds once, bounds kept, what failed always said, strangers' texts harmless."""

from __future__ import annotations

import pytest

from cli.catalogue import Language
from cli.output import Output
from cli.tree import MAX_SHOWN_DEPTH, MAX_SHOWN_NODES, share, show_report, significant
from verifier.outcome import CHECK_ORDER, CheckId, failed, passed, unknown
from verifier.record import Edge, NodeKind, NodeRecord
from verifier.report import AsOf, Report, Verdict
from verifier.shares import Coverage, Responsibility


def record(name: str, *children: str) -> NodeRecord:
    """A node whose checks all passed."""
    made = NodeRecord(digest=name, id=f"https://x.example/passports/{name}", kind=NodeKind.PASSPORT)
    made.subject_name, made.issuer = name, "Maker (LEI 1)"
    made.total, made.declared = "1234.5678", "1 kilogram"
    made.edges = tuple(Edge(f"row-{n}", child, child, False, b"", 1, None) for n, child in enumerate(children))
    for check in CHECK_ORDER:
        made.put(passed(check))
    return made


def report(*records: NodeRecord, depths: dict[str, int] | None = None, verdict: Verdict = Verdict.PASSED) -> Report:
    """A report on them; the first is the top."""
    return Report(
        top=records[0].digest,
        records={each.digest: each for each in records},
        order=tuple(each.digest for each in records),
        depths=depths or {each.digest: min(n, 1) for n, each in enumerate(records)},
        coverage=Coverage(recomputed=1.0),
        responsibility=Responsibility(),
        as_of=AsOf("2026-11-22T10:00:00Z", "eip155:1", 7, "0x00", "2026-11-22T09:00:00Z"),
        verdict=verdict,
    )


def shown(of: Report, capsys: pytest.CaptureFixture[str]) -> str:
    """What people see."""
    show_report(Output(as_json=False, language=Language.EN), of)
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def test_a_diamond_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(
        report(record("pack", "left", "right"), record("left", "mine"), record("right", "mine"), record("mine")), capsys
    )
    tree = page.split("\n\n")[1].splitlines()
    assert tree == [
        "1 pack  1230 kg CO2e per kilogram",
        "Maker · all 15 checks passed",
        "├── 2 left  1230 kg CO2e per kilogram",
        "│   Maker · all 15 checks passed",
        "│   └── 3 mine  1230 kg CO2e per kilogram",
        "│       Maker · all 15 checks passed",
        "└── 4 right  1230 kg CO2e per kilogram",
        "    Maker · all 15 checks passed",
        "    └── 3 mine  (shown above)",
    ]


def test_a_failure_is_spelled_out_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    bad = record("mine")
    bad.put(failed(CheckId.ARITHMETIC, "row ore does not add up", expected="2 kg CO2e", found="3 kg CO2e"))
    page = shown(report(record("pack", "mine"), bad, verdict=Verdict.FAILED), capsys)
    assert page.startswith("FAILED  pack\n")
    assert (
        "    Maker · 14 passed · 1 failed\n"
        "    FAILED arithmetic: row ore does not add up\n"
        "      expected 2 kg CO2e\n"
        "      found 3 kg CO2e\n"
    ) in page
    assert page.splitlines()[-1].startswith("FAILED  Do not rely on this passport")


def test_what_is_unknown_everywhere_is_explained_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Failures are always spelled out; the same unknown is named again, not explained again."""
    nodes = [record("pack", "ore"), record("ore")]
    for node in nodes:
        node.put(unknown(CheckId.INCLUSION, "no trust file says which chain counts"))
        node.put(unknown(CheckId.STATUS, "the leaf is in no checkpoint that counts"))
        node.put(failed(CheckId.DIGEST, "another document"))
    page = shown(report(*nodes, verdict=Verdict.FAILED), capsys)
    assert page.count("unknown inclusion: no trust file says which chain counts") == 1
    assert page.count("FAILED digest: another document") == 2
    assert "    unknown for the reasons given above: inclusion, status\n" in page


def test_a_chain_of_thousands_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    """Far deeper than Python recurses by default; the failure at the bottom is said all the same."""
    length = 5000
    records = [record(f"n{n}", f"n{n + 1}") for n in range(length)] + [record(f"n{length}")]
    records[-1].put(failed(CheckId.IDENTITY, "nobody vouches"))
    depths = {each.digest: n for n, each in enumerate(records)}
    page = shown(report(*records, depths=depths, verdict=Verdict.FAILED), capsys)
    assert f"{MAX_SHOWN_DEPTH + 1} n{MAX_SHOWN_DEPTH}  1230 kg" in page
    assert f"n{MAX_SHOWN_DEPTH + 1}  1230 kg" not in page
    assert "1 more below are not shown here; --json has them all" in page
    assert "Not passed among those not shown" in page
    assert f"n{length}  FAILED identity: nobody vouches" in page


def test_a_wide_tree_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    count = 3 * MAX_SHOWN_NODES
    names = [f"s{n}" for n in range(count)]
    page = shown(report(record("pack", *names), *(record(name) for name in names)), capsys)
    assert page.count("all 15 checks passed") == MAX_SHOWN_NODES
    assert f"{count - MAX_SHOWN_NODES + 1} more below are not shown here" in page


def test_names_cannot_draw_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape codes, rich's markup and line breaks of a stranger are shown, not followed."""
    page = shown(report(record("\x1b[2J[bold red]PASSED[/]\nfake")), capsys)
    assert "\x1b" not in page
    assert "\ufffd[2J[bold red]PASSED[/]\ufffdfake" in page


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("5595.428053129844317", "5600"),
        ("0.626523836050722", "0.627"),
        ("0", "0"),
        ("-12.345", "-12.3"),
        ("123456789", "123000000"),
        ("0.000000000123456", "0.000000000123"),
        ("1", "1"),
    ],
)
def test_three_significant_figures(amount: str, text: str) -> None:
    assert significant(amount) == text


@pytest.mark.parametrize(
    ("part", "text"), [(0.0, "0.0 %"), (0.0001, "<0.1 %"), (0.0372, "3.7 %"), (1.0, "100.0 %"), (0.9833, "98.3 %")]
)
def test_shares(part: float, text: str) -> None:
    assert share(part) == text

"""`passport plot`: pictures of files and of passports, what is withheld shown as such, and what is refused."""

from __future__ import annotations

import shutil
import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from cli_runs import ROOT, Copied, DemoRun, Passport

KINDS = ("sankey", "waterfall", "treemap")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the how-to's battery pack: arrays are kept beside tables."""
    return Path(shutil.copytree(ROOT / "docs" / "example" / "pack", tmp_path / "pack"))


def texts(svg: str) -> list[str]:
    """What stands in a picture as text."""
    root = ElementTree.fromstring(svg)  # noqa: S314  # drawn by ourselves
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_as_svg(passport: Passport, pack: Path, tmp_path: Path, kind: str) -> None:
    """Text is text; title, total, unit and basis are there; parts have remarks to point at; it is the same again."""
    out = tmp_path / "pack.svg"
    done = passport("plot", pack, "--kind", kind, "-o", out, "--json")
    assert done.code == 0, done.err
    assert done.json["bytes"] == out.stat().st_size
    svg = out.read_text("utf-8")
    assert any(text.startswith("Carbon footprint of Pack 60 kWh") for text in texts(svg))
    assert any(text.startswith("2,110 kg CO2e per 1 piece, cradle to gate") for text in texts(svg))
    root = ElementTree.fromstring(svg)  # noqa: S314
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set(root.get("aria-labelledby", "").split()) == set(named) == {"picture-title", "picture-desc"}
    assert "Grid power, Sichuan" in (named["picture-desc"] or "")
    remarks = [element.text or "" for element in root.iter(f"{SVG}title")][1:]
    assert len(remarks) >= len(done.json["chart"].get("nodes") or done.json["chart"].get("steps") or [0])
    assert all("kg CO2e" in remark for remark in remarks)
    assert "http" not in svg.replace("http://www.w3.org", "")
    passport("plot", pack, "--kind", kind, "-o", tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text("utf-8") == svg


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_as_png(passport: Passport, pack: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "pack.png"
    assert passport("plot", pack, "--kind", kind, "-o", out).code == 0
    data = out.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width >= 2200
    assert height > 600


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_as_html(passport: Passport, pack: Path, tmp_path: Path, kind: str) -> None:
    """The drawing and its numbers as a table; nothing is loaded, and no script runs."""
    out = tmp_path / "pack.html"
    chart = passport("plot", pack, "--kind", kind, "-o", out, "--json").json["chart"]
    page = out.read_text("utf-8")
    assert '<html lang="en">' in page
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert page.count("<svg ") == 1
    rows = {"sankey": len(chart.get("nodes", ())) + len(chart.get("flows", ()))}
    rows |= {"waterfall": len(chart.get("steps", ())), "treemap": len(chart.get("tiles", ()))}
    assert page.count('<th scope="row">') == rows[kind]
    assert f"{chart['total']:,.2f}"[:5] in page


def test_a_waterfall_by_country(passport: Passport, pack: Path, tmp_path: Path) -> None:
    done = passport("plot", pack, "--kind", "waterfall", "--by", "country", "-o", tmp_path / "c.svg", "--json")
    steps = done.json["chart"]["steps"]
    assert [step["name"] for step in steps][:2] == ["CN", "KR"]
    assert steps[-1]["kind"] == "total"
    assert steps[-2]["end"] == pytest.approx(steps[-1]["value"])


def test_chinese_words_and_names(passport: Passport, pack: Path, tmp_path: Path) -> None:
    """As text in SVG and HTML, whatever fonts are here."""
    nodes = pack / "nodes.csv"
    nodes.write_text(nodes.read_text("utf-8").replace("Pack 60 kWh", "电池包 60 kWh"), "utf-8")
    out = tmp_path / "pack.svg"
    done = passport("plot", pack, "--kind", "treemap", "-o", out, "--lang", "zh")
    assert (done.code, done.err) == (0, "")
    assert texts(out.read_text("utf-8"))[0].startswith("电池包 60 kWh的碳足迹")
    assert "zh-Hans" in out.read_text("utf-8")
    page = tmp_path / "pack.html"
    assert passport("plot", pack, "--kind", "treemap", "-o", page, "--lang", "zh").code == 0
    assert '<html lang="zh-Hans">' in page.read_text("utf-8")


def test_names_are_text_and_nothing_else(passport: Passport, pack: Path, tmp_path: Path) -> None:
    """Neither markup nor formulas nor control characters of a stranger's name take effect."""
    nodes = pack / "nodes.csv"
    name = r"<script>x</script> $\frac{1}{0$ \u202e" + "\x07"
    nodes.write_text(nodes.read_text("utf-8").replace("Electrolyte", name), "utf-8")
    for kind in KINDS:
        for suffix in ("svg", "html", "png"):
            done = passport("plot", pack, "--kind", kind, "-o", tmp_path / f"p.{suffix}")
            assert done.code == 0, done.err
        assert "<script" not in (tmp_path / "p.html").read_text("utf-8")
        assert "\x07" not in (tmp_path / "p.svg").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_passport_of_the_demonstration(passport: Passport, demo_run: DemoRun, tmp_path: Path, kind: str) -> None:
    """The total is the signed one; what is withheld is shown as such; nothing is passed off as checked."""
    out = tmp_path / "pack.svg"
    top, auditor = demo_run.document["top"], demo_run.folder / "auditor"
    cutoff = ("--cutoff", "0.001")
    done = passport("plot", top, "--workspace", auditor, "--kind", kind, "-o", out, *cutoff, "--json")
    assert done.code == 0, done.err
    assert "nothing here has been checked" in done.err
    chart = done.json["chart"]
    stated = passport("show", top, "--workspace", auditor, "--json").json["passport"]["credentialSubject"]
    total = float(stated["characteristics"]["carbonPassport"]["total"])
    assert chart["total"] == pytest.approx(total, rel=1e-12)
    assert chart["basis"]["boundary"] == "cradle to gate, excluding biogenic uptake"
    if kind != "waterfall":  # it is no direct supplier's
        parts = chart["nodes"] if kind == "sankey" else chart["tiles"]
        assert [part["name"] for part in parts if part["mark"] == "withheld"] == [
            "Electrolyte 1.1 M LiPF6 in carbonates"
        ]
        assert "withheld" in out.read_text("utf-8")


def test_a_passport_whose_suppliers_are_not_at_hand(passport: Passport, world: Copied, tmp_path: Path) -> None:
    """Without the statement of the top nothing is broken down, and the picture says so."""
    import sqlite3

    store = world.folder / "auditor" / "passport.db"
    with sqlite3.connect(store) as database:
        database.execute("DELETE FROM statement_rows")
    database.close()
    out = tmp_path / "pack.svg"
    done = passport("plot", world.top, *world.at("auditor")[:2], "--kind", "treemap", "-o", out, "--json")
    assert done.code == 0, done.err
    (tile,) = done.json["chart"]["tiles"]
    assert tile["mark"] == "withheld"
    assert tile["value"] == done.json["chart"]["total"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--kind", "sankey", "-o", "p.pdf"), 2, "not a kind of picture"),
        (("--kind", "pie", "-o", "p.svg"), 2, "Invalid value for '--kind'"),
        (("--kind", "sankey", "-o", "p.svg", "--by", "country"), 2, "only a waterfall is split by something"),
        (("--kind", "waterfall", "-o", "p.svg", "--by", "colour"), 2, "no such tag"),
        (("--kind", "sankey", "-o", "p.svg", "--product", "van"), 3, "no product of that id or name"),
        (("--kind", "sankey", "-o", "p.svg", "--column", "x"), 3, "no column of that name"),
        (("--kind", "sankey", "-o", "nowhere/p.svg"), 3, "cannot be written"),
        (("--kind", "sankey"), 2, "Missing option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_refusals(
    passport: Passport,
    pack: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(pack)
    done = passport("plot", pack, *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert not list(pack.glob("p.*"))


def test_no_such_passport_and_no_such_file(passport: Passport, demo_run: DemoRun, tmp_path: Path) -> None:
    out = ("--kind", "sankey", "-o", tmp_path / "p.svg")
    done = passport("plot", "nothing.csv", "--workspace", tmp_path, *out)
    assert done.code == 3
    assert "no such file, and no workspace to look in" in done.err
    done = passport("plot", "https://x.example/1", "--workspace", demo_run.folder / "auditor", *out)
    assert done.code == 3
    assert "no such passport" in done.err
    done = passport(
        "plot", demo_run.document["top"], "--workspace", demo_run.folder / "auditor", "--product", "x", *out
    )
    assert done.code == 2
    assert "a passport is of one product" in done.err

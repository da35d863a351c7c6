"""What an audit says in Chinese, and what stays English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_runs import Copied, Passport

from cli.catalogue import Language
from cli.reasons import _NOTES, _REASONS, note_text, reason_text, verdict_reason_text
from verifier.policy import _WITHOUT_CHAIN, SKIP_REASONS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_fixed_reason_is_one_that_the_verifier_gives() -> None:
    """None is left of a sentence that was reworded, and none is empty."""
    sources = [*(ROOT / "verifier").rglob("*.py"), *(ROOT / "passport" / "credentials").glob("*.py")]
    said = "\n".join(path.read_text("utf-8") for path in sources)
    for english, chinese in _REASONS.items():
        assert f'"{english}' in said or english in ("revoked", "not revoked", "suspended", "not suspended"), english
        assert re.search("[\u4e00-\u9fff]", chinese), english


def test_every_reason_to_skip_and_every_note_is_translated() -> None:
    assert set(SKIP_REASONS) <= set(_REASONS)
    text = (ROOT / "docs" / "checks.md").read_text("utf-8").partition("## Notes")[2].partition("What an imported")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    assert {code for cell in cells for code in re.findall(r"`(\w+)`", cell)} == set(_NOTES)


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        ("Pack: status failed: revoked", "Pack：状态未通过：已撤销"),
        ("Pack: double_counting unknown: 3 of 4", "Pack：重复计算未知：3 of 4"),
        ("recomputed 12.5% of gross emissions, demanded 80.0%", "已复算总排放的 12.5%，要求 80.0%"),
        ("and 3 more", "另有 3 项"),
        ("Pack: not shown by witnesses", "Pack：无见证人佐证"),
        (_WITHOUT_CHAIN, "仅由见证人佐证：身份、状态、锚定时间、交付与账本自身足迹均未判定"),
        ("something else", "something else"),
    ],
)
def test_why_a_verdict_is_what_it_is(line: str, chinese: str) -> None:
    assert verdict_reason_text(line, Language.ZH) == chinese
    assert verdict_reason_text(line, Language.EN) == line


def test_unknown_sentences_stay_as_they_are() -> None:
    assert reason_text("leaf 3 replaces it", Language.ZH) == "leaf 3 replaces it"
    assert note_text("superseded", "leaf 3", Language.ZH) == "同一日志中较新的叶子已取代它；其数值并无错误（leaf 3）"
    assert note_text("pact:sign", "x", Language.ZH) == note_text("superseded", "x", Language.EN) == "x"


def test_a_revoked_passport_in_chinese(world: Copied, passport: Passport) -> None:
    """Verdict, why, outcome, check and reason on the page; JSON is the same in every language."""
    assert passport("revoke", world.top, *world.at("weserbogen-traktion")).code == 0
    asked = ("audit", world.top, "--workspace", world.folder / "auditor", *world.trust)
    page = passport(*asked, "--lang", "zh").out
    for words in ("未通过", "状态未通过：已撤销", "未通过 状态: 已撤销", "应为 未撤销"):
        assert words in page, words
    assert "revoked" not in page
    assert passport(*asked, "--json", "--lang", "zh").json["verdict"] == "failed"

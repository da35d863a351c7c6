"""The words of the page of a passport, in English and Chinese; what a document says is never translated."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["en", "zh"]
_INDEX: Final[dict[Language, int]] = {"en": 0, "zh": 1}
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "unchecked": (
        "As stated by its issuer. This page has verified no signature, no chain and no figure: run an audit for that.",
        "以下为签发方所述。本页未验证任何签名、链或数值，请运行审计。",
    ),
    "audit": ("Audit it now", "立即审计"),
    "signed": ("The signed passport", "签名的护照"),
    "product": ("Product", "产品"),
    "issuer": ("Issuer", "签发方"),
    "granularity": ("Speaks of", "所指"),
    "model": ("a model", "型号"),
    "batch": ("a batch", "批次"),
    "item": ("one item", "单件"),
    "modelNumber": ("Model number", "型号编号"),
    "batchNumber": ("Batch number", "批次编号"),
    "itemNumber": ("Item number", "单件编号"),
    "footprint": (
        "Carbon footprint, cradle to gate, excluding biogenic uptake",
        "碳足迹，从摇篮到大门，不含生物源吸收",
    ),
    "amount": ("{total} kg CO2e per {declared}", "每 {declared} {total} kg CO2e"),
    "missing": ("Inputs declared missing", "声明缺失的投入"),
    "period": ("Reference period", "参考期间"),
    "valid": ("Valid", "有效期"),
    "to": ("{start} to {end}", "{start} 至 {end}"),
    "id": ("Passport", "护照"),
    "digest": ("Digest", "摘要"),
    "links": ("Linked passports of the same goods", "同一物品的关联护照"),
    "no links": ("It links to no other passport.", "未关联其他护照。"),
    "link": ("Link", "关联"),
    "held": ("Digest", "摘要"),
    "of model": ("its model", "所属型号"),
    "of batch": ("its batch", "所属批次"),
    "of former": ("a former life", "前一寿命"),
    "matches": ("at hand, and the digest matches", "已在手头，摘要相符"),
    "differs": ("another document goes by that id: the digest differs", "该编号下是另一份文件：摘要不符"),
    "not at hand": ("not at hand: the digest was not compared", "不在手头：摘要未比对"),
    "broken": ("the linked passport does not bear it out", "被关联的护照与之不符"),
    "contents": ("Public contents", "公开内容"),
    "profile": ("by the profile {name}: {title}", "依据规范 {name}：{title}"),
    "no profile": ("by no profile that is known here", "未依据此处已知的规范"),
    "no contents": ("Nothing here opens its contents, or it has none.", "此处无法打开其内容，或没有内容。"),
    "attribute": ("Attribute", "属性"),
    "value": ("Value", "值"),
    "source": ("Asked for by", "要求来源"),
    "secondary": ("as secondary sources tell it", "据二手来源"),
    "unread": ("its text was not read", "未读原文"),
    "unknown attribute": ("not in the profile, judged by nobody", "不在规范中，无人判定"),
}


def page_word(key: str, language: Language, **facts: object) -> str:
    """The words under a key, with the facts filled in.

    Args:
        key: Which.
        language: English or Chinese.
        facts: What stands in braces.
    """
    return _WORDS[key][_INDEX[language]].format(**facts)


def language_of(asked: str | None, accepted: str | None) -> Language:
    """The language that is asked for, or the first of ours that the browser accepts; English otherwise.

    Args:
        asked: `en` or `zh`, by the address.
        accepted: The header Accept-Language.
    """
    for part in [asked or "", *(accepted or "")[:1000].split(",")]:
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name == "zh":
            return "zh"
        if name == "en":
            return "en"
    return "en"

"""The words in pictures, in English and Chinese; the command line's catalogue takes them from here."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["en", "zh"]

SUFFIXES: Final = (".svg", ".png", ".html")
"""What a picture can be written as."""

PICTURE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "plot.blocks.title": ("Gas that blocks use", "区块的 gas 用量"),
    "plot.blocks.subtitle": (
        "{chain}, blocks {first} to {last}, a bar of {each}; below it the last one and its time, UTC",
        "{chain}，区块 {first} 至 {last}，每柱 {each} 个区块；柱下为末个区块及其时间（UTC）",
    ),
    "plot.blocks.axis": ("gas a block", "每区块 gas"),
    "plot.blocks.used": ("used, mean of a block", "已用（区块平均）"),
    "plot.blocks.limit": ("may be used at most: {limit}", "上限：{limit}"),
    "plot.blocks.limit_above": ("at most {limit} may be used, far above this picture", "上限 {limit}，远在图外"),
    "plot.blocks.may_use": ("may be used at most", "上限"),
    "plot.blocks.first": ("first block", "首个区块"),
    "plot.blocks.last": ("last block", "末个区块"),
    "plot.blocks.time": ("time of the last, UTC", "末个区块时间（UTC）"),
    "plot.blocks.described": (
        "Between {low} and {high} gas are used in a block, of {limit} at most.",
        "每区块使用 {low} 至 {high} gas，上限 {limit}。",
    ),
    "plot.blocks.note": ("As the node says; nothing here is proven.", "以节点所述为准；此处未经证明。"),
    "plot.title": ("Carbon footprint of {subject}", "{subject}的碳足迹"),
    "plot.total": ("{total} {unit} per {per}", "{total} {unit}（每 {per}）"),
    "plot.boundary.cradle_to_gate": ("cradle to gate", "从摇篮到大门"),
    "plot.boundary.cradle_to_gate_excluding_uptake": (
        "cradle to gate, excluding biogenic uptake",
        "从摇篮到大门，不含生物源吸收",
    ),
    "plot.kind.sankey": ("who hands on how much", "流向图"),
    "plot.kind.waterfall": ("how the total adds up", "构成图"),
    "plot.kind.treemap": ("who emits it, by direct supplier", "按直接供应商的排放分布"),
    "plot.own": ("own emissions", "自身排放"),
    "plot.own_of": ("{name}: own emissions", "{name}：自身排放"),
    "plot.emitted": ("emitted here", "本环节排放"),
    "plot.handed_on": ("handed on by suppliers", "由供应商转入"),
    "plot.from_hidden": ("from products not shown", "来自未显示的产品"),
    "plot.to_hidden": ("through products not shown", "流经未显示的产品"),
    "plot.hidden": ("not shown further", "未进一步显示"),
    "plot.rest": ("all others", "其余合计"),
    "plot.rest_of_tiers": ("beyond these tiers", "更上游"),
    "plot.untagged": ("unknown", "未知"),
    "plot.tier": ("tier {number}", "第 {number} 层"),
    "plot.sum": ("total", "合计"),
    "plot.negative": ("below zero: credit or removal", "负值：抵扣或移除"),
    "plot.loop": ("goes around in a loop", "循环流"),
    "plot.withheld": ("withheld", "未披露"),
    "plot.imported": ("signed by nobody", "无人签名"),
    "plot.unknown": ("not at hand", "缺失"),
    "plot.marked": ("stated by its issuer, not broken down", "仅有签发方声明的总量，未分解"),
    "plot.removals": ("{positive} added, {negative} taken away", "增加 {positive}，减少 {negative}"),
    "plot.data": ("The numbers of this picture", "图中数据"),
    "plot.product": ("product", "产品"),
    "plot.step": ("step", "步骤"),
    "plot.group": ("direct supplier", "直接供应商"),
    "plot.emitter": ("who emits", "排放方"),
    "plot.from": ("from", "来自"),
    "plot.to": ("to", "流向"),
    "plot.passing": ("passes through", "流经量"),
    "plot.share": ("share", "占比"),
    "plot.remark": ("remark", "备注"),
    "plot.products": ("Products", "各产品"),
    "plot.flows": ("Flows", "各流向"),
    "plot.adds_up": (
        "The numbers add up to the total of {total} {unit}; shares are of that total.",
        "各项之和等于合计 {total} {unit}；占比以合计为基数。",
    ),
}


def word(key: str, language: Language, **facts: object) -> str:
    """The words under a key, with the facts filled in.

    Args:
        key: After `plot.`.
        language: Of the words.
        facts: What to fill in.

    Raises:
        KeyError: There are no such words.
    """
    text = PICTURE_WORDS[f"plot.{key}"][1 if language == "zh" else 0]
    return text.format(**facts) if facts else text

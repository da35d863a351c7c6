"""The page of `passport compute`."""

from __future__ import annotations

from typing import Final

COMPUTE: Final[dict[str, tuple[str, str]]] = {
    "compute.graph": ("{source}: {products} products, {edges} edges", "{source}：{products} 个产品，{edges} 条边"),
    "compute.total": ("{total} {unit} per {per}", "{total} {unit}（每 {per}）"),
    "compute.by.supplier": ("by direct supplier", "按直接供应商"),
    "compute.by.tier": ("by tier", "按层级"),
    "compute.by.tag": ("by who emits", "按排放方标签"),
    "compute.by.input": ("by input", "按投入标签"),
    "compute.share": ("share", "占比"),
    "compute.own": ("own emissions", "自身排放"),
    "compute.tier": ("tier {number}", "第 {number} 层"),
    "compute.rest": ("all others", "其余合计"),
    "compute.beyond": ("beyond these tiers", "更上游"),
    "compute.untagged": ("unknown", "未知"),
    "compute.sum": ("total", "合计"),
    "compute.both": ("{positive} and {negative}", "{positive} 与 {negative}"),
    "compute.unexplained": (
        "{places} places shown emit {coverage}; not shown: {rest} {unit}",
        "所示 {places} 处排放占 {coverage}；未显示：{rest} {unit}",
    ),
    "compute.cancelling": (
        "inputs not shown partly cancel each other: {gross} {unit} with signs aside",
        "未显示的投入部分相互抵消：绝对值之和 {gross} {unit}",
    ),
    "compute.stopped": ("left out by: {bounds}", "未展开原因：{bounds}"),
    "compute.stopped.cutoff": ("--cutoff", "--cutoff（截断）"),
    "compute.stopped.depth": ("depth", "深度"),
    "compute.stopped.count": ("--max-nodes", "--max-nodes（数量上限）"),
    "compute.stopped.growth": ("a loop in which amounts grow", "循环中用量不断放大"),
    "compute.uncertainty": ("uncertainty, {samples} samples, seed {seed}", "不确定性，{samples} 个样本，种子 {seed}"),
    "compute.mean": ("mean", "均值"),
    "compute.deviation": ("standard deviation", "标准差"),
    "compute.first_order": ("standard deviation, first order", "标准差（一阶）"),
    "compute.low": ("2.5 % are below", "2.5 % 分位数"),
    "compute.median": ("median", "中位数"),
    "compute.high": ("2.5 % are above", "97.5 % 分位数"),
    "compute.variance_of": ("variance from {name}", "方差来源：{name}"),
    "compute.stated": (
        "a spread is stated for {amounts_stated} of {amounts} amounts and {emissions_stated} of {emissions} emissions",
        "已声明离散度：{amounts} 个用量中的 {amounts_stated} 个，{emissions} 个排放中的 {emissions_stated} 个",
    ),
    "compute.taken": (
        "for what states none, --gsd took a geometric standard deviation of {gsd}",
        "未声明者按 --gsd 取几何标准差 {gsd}",
    ),
    "compute.unmoved": (
        "what states none was left as it is; unknown is not zero, so the true spread is wider",
        "未声明者保持不变；未知不等于零，真实离散度更大",
    ),
    "compute.unstated": (
        "of the footprint {emissions} is emitted where none is stated, {anywhere} rests on some number without one",
        "碳足迹中 {emissions} 来自未声明离散度的排放，{anywhere} 依赖至少一个未声明的数值",
    ),
    "compute.final": ("products that no other uses", "未被其他产品使用的产品"),
    "compute.columns": ("--column shows one of: {columns}", "--column 可选：{columns}"),
    "compute.per": ("per", "单位"),
    "compute.more": ("{count} more; --all lists every product", "另有 {count} 个；--all 列出全部产品"),
    "compute.name_one": (
        "--product ID shows one of them, --all every product",
        "--product ID 显示其一，--all 列出全部",
    ),
}

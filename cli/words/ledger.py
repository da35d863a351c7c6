"""The ledger's own footprint: estimates, measurements, rebound and reports."""

from __future__ import annotations

from typing import Final

LEDGER: Final[dict[str, tuple[str, str]]] = {
    "ledger.head": ("{chain} ({edition}), rule {rule}, for {at}", "{chain}（{edition}），分摊规则 {rule}，日期 {at}"),
    "ledger.unit": ("per passport over its life", "每份护照，整个生命周期"),
    "ledger.quantity": ("quantity", "指标"),
    "ledger.chain": ("chain", "链"),
    "ledger.low": ("low", "低"),
    "ledger.central": ("central", "中"),
    "ledger.high": ("high", "高"),
    "ledger.unknown": ("unknown", "未知"),
    "ledger.energy": ("energy", "能耗"),
    "ledger.ghg_location": ("GHG, location-based", "温室气体（基于位置）"),
    "ledger.ghg_market": ("GHG, market-based", "温室气体（基于市场）"),
    "ledger.embodied": ("embodied GHG", "隐含温室气体"),
    "ledger.ewaste_gross": ("e-waste, gross", "电子废弃物（总量）"),
    "ledger.ewaste_net": ("e-waste, net of reuse", "电子废弃物（扣除再利用）"),
    "ledger.water": ("water", "用水"),
    "ledger.shadow_cost": ("shadow cost, {market} ({currency}, {date})", "影子成本，{market}（{currency}，{date}）"),
    "ledger.attributional": ("energy: attributional", "能耗：归因"),
    "ledger.marginal": ("energy: marginal", "能耗：边际"),
    "ledger.network_total": ("energy: whole network, a year", "能耗：全网每年"),
    "ledger.yearly": ("{unit} a year", "每年 {unit}"),
    "ledger.filled_in": ("filled in, stated by nobody: {names}", "无人提供、以默认值填补：{names}"),
    "ledger.missing": ("unknown: {name}: {reason}", "未知：{name}：{reason}"),
    "ledger.warning": ("note: {warning}", "注意：{warning}"),
    "ledger.ceiling": (
        "ceiling {policy}: {term} below {bound}: {found}: {verdict}",
        "上限 {policy}：{term} 须低于 {bound}，实为 {found}：{verdict}",
    ),
    "ledger.volume": ("{volume} passports a year, by {measure}", "每年 {volume} 份护照，按{measure}排序"),
    "ledger.baseline": (
        "instead: {name}, {pieces} × {piece} for each passport, GHG over its life",
        "替代方案：{name}，每份护照 {pieces} × {piece}，全生命周期温室气体",
    ),
    "ledger.baseline_shared": (
        "instead: {name}, {pieces} × {piece} for all passports, GHG over its life",
        "替代方案：{name}，全部护照共用 {pieces} × {piece}，全生命周期温室气体",
    ),
    "ledger.instead": ("instead", "替代方案"),
    "ledger.source": ("source: {title} ({date}; {status})", "来源：{title}（{date}；{status}）"),
    "ledger.net": ("saved a year by passports on", "护照每年节省，所用链"),
    "ledger.net_is_not_all": (
        "negative: passports take more; before what growth takes back, and without issuing, serving and verifying them",
        "负数：护照消耗更多；未计增长的回弹，也未计签发、提供与核验护照的消耗",
    ),
    "ledger.break_even": (
        "{own} takes less than {public} from {central} passports a year on ({low} to {high})",
        "每年 {central} 份护照起（{low} 至 {high}），{own} 的消耗低于 {public}",
    ),
    "ledger.sides": (
        "{fixed} kg CO2e a year against {public} g CO2e per passport",
        "每年 {fixed} kg CO2e，对比每份护照 {public} g CO2e",
    ),
    "ledger.lacking": ("due, and not stated: {fields}", "应披露而未披露：{fields}"),
    "ledger.watched": (
        "{chain}: {added} blocks more, {replaced} replaced; of blocks {first} to {last}: {used} % of the gas limit, "
        "{seconds} s a block; at that rate {gas} gas and {transactions} transactions a year; "
        "validators {validators}, makers {producers}",
        "{chain}：新增 {added} 个区块，替换 {replaced} 个；区块 {first} 至 {last}：gas 上限的 {used} %，"
        "每区块 {seconds} 秒；按此速率每年 {gas} gas、{transactions} 笔交易；"
        "验证者 {validators}，出块者 {producers}",
    ),
    "ledger.watched_past": (
        "of blocks {first} to {last} only the sums are kept: {gas} gas, {transactions} transactions",
        "区块 {first} 至 {last} 仅保留合计：{gas} gas，{transactions} 笔交易",
    ),
    "ledger.behind": ("the chain is ahead, at block {head}: look again", "链已到区块 {head}：请再次运行"),
    "ledger.holds": ("holds", "成立"),
    "ledger.anchored": ("anchored {time}", "锚定于 {time}"),
    "ledger.not_anchored": (
        "not anchored: when it was signed is the signer's word",
        "未锚定：签署时间以签署者所述为准",
    ),
    "ledger.does_not_hold": ("does not hold: {reason}", "不成立：{reason}"),
    "ledger.nodes_stated": (
        "{metered} of {nodes} nodes metered; how many there are is the signer's word",
        "{nodes} 个节点中 {metered} 个有电表；节点总数以签署者所述为准",
    ),
    "ledger.none_kept": ("no such statement is kept", "没有保存此类声明"),
    "ledger.left_out": ("left out: {file}: {reason}", "未计入：{file}：{reason}"),
    "ledger.contradiction": (
        "readings of one node for the same days that differ: {digests}",
        "同一节点同一时段的读数互相矛盾：{digests}",
    ),
    "ledger.custody_failed": ("e-waste: {reason}", "电子废物：{reason}"),
    "ledger.redone": ("redone: {what}", "已重算：{what}"),
    "ledger.strange": ("the reading {note}", "读数可疑：{note}"),
    "ledger.open": ("undecided: {reason}", "未决：{reason}"),
    "ledger.custody": (
        "e-waste: {handed_kg} kg handed over, {received_kg} received ({reused_kg} reused, {recycled_kg} recycled, "
        "{disposed_kg} disposed of), {missing_kg} confirmed by nobody",
        "电子废物：移交 {handed_kg} kg，接收 {received_kg}"
        "（再用 {reused_kg}，回收 {recycled_kg}，处置 {disposed_kg}），{missing_kg} 无人确认",
    ),
    "ledger.profile": ("digest {digest}", "摘要 {digest}"),
    "ledger.batch": ("the target is met from a batch of {batch} on", "每批至少 {batch} 份即可达标"),
    "ledger.simulated": (
        "Monte Carlo {name}: mean {mean}, 95 % between {low} and {high} {unit}",
        "蒙特卡洛 {name}：均值 {mean}，95 % 介于 {low} 与 {high} {unit}",
    ),
    "measured.rapl": (
        "method {label}: the processor's energy counters, whatever else ran meanwhile included; {cpu} s of CPU time",
        "方法 {label}：处理器能耗计数器（含同期运行的其他程序）；CPU 时间 {cpu} 秒",
    ),
    "measured.cpu_time": (
        "method {label}: {cpu} s of CPU time times the watts of a core; no energy counters could be read",
        "方法 {label}：CPU 时间 {cpu} 秒乘以单核功率；无法读取能耗计数器",
    ),
    "measured.whole": ("{central} kWh ({low} to {high})", "{central} kWh（千瓦时，{low} 至 {high}）"),
    "measured.each": ("{central} kWh per passport ({low} to {high})", "每份护照 {central} kWh（{low} 至 {high}）"),
    "measured.failed": (
        "the command ended with code {code}: this is the energy of a failed run",
        "该命令以代码 {code} 结束：以上为失败运行的能耗",
    ),
    "rebound.head": (
        "change from {before} to {after}, {basis}, split by LMDI-I",
        "{before} 至 {after} 的变化，{basis}，按 LMDI-I 分解",
    ),
    "rebound.location": ("GHG, location-based", "温室气体（基于位置）"),
    "rebound.market": ("GHG, market-based", "温室气体（基于市场）"),
    "rebound.of_first": ("of the first period", "占前期"),
    "rebound.before": ("first period", "前期"),
    "rebound.after": ("second period", "后期"),
    "rebound.change": ("change", "变化"),
    "rebound.scale": ("scale: how many passports", "规模：护照数量"),
    "rebound.structure": ("structure: which ledgers", "结构：账本构成"),
    "rebound.technique": ("technique: GHG per passport", "技术：每份护照的温室气体"),
    "rebound.none": (
        "rebound {rebound}: growth took back nothing of what was saved",
        "回弹 {rebound}：增长未抵消任何节省",
    ),
    "rebound.partial": (
        "rebound {rebound}: growth took back a part of what was saved",
        "回弹 {rebound}：增长抵消了部分节省",
    ),
    "rebound.backfire": (
        "rebound {rebound}: growth took back more than was saved (Jevons)",
        "回弹 {rebound}：增长超过了节省（杰文斯悖论）",
    ),
    "rebound.no_saving": (
        "rebound {rebound}: structure and technique saved nothing to take back",
        "回弹 {rebound}：结构与技术没有节省可供抵消",
    ),
    "rebound.ledger": ("ledger", "账本"),
    "rebound.passports": ("passports", "护照数"),
    "rebound.each": ("g CO2e per passport", "每份护照 g CO2e（克）"),
    "rebound.total": ("kg CO2e", "kg CO2e（千克）"),
    "rebound.all": ("all", "合计"),
    "rebound.yes": ("yes", "是"),
    "rebound.no": ("no", "否"),
    "ledger.paid_back": (
        "{own} pays back what {baseline} takes from {central} passports a year on ({low} to {high})",
        "{own} 自每年 {central} 份护照起抵偿 {baseline} 的消耗（{low} 至 {high}）",
    ),
    "ledger.paid_sides": (
        "the chain: {fixed} kg CO2e a year with its hardware; each passport replaces {avoided} g",
        "该链每年 {fixed} kg CO2e（含硬件）；每份护照替代 {avoided} g",
    ),
    "ledger.chain_alone": (
        "of the chain alone: what issuing and verifying a passport takes is not stated (--each-g)",
        "仅含该链：签发与验证护照的消耗未给出（--each-g）",
    ),
    "paradox.head": ("{rule}, in force from {year}", "{rule}，自 {year} 年生效"),
    "paradox.weak": (
        "weak green paradox: until then {kg} kg CO2e more than without it",
        "弱绿色悖论：生效前比无此规则多 {kg} kg CO2e",
    ),
    "paradox.not_weak": (
        "no weak green paradox: until then {kg} kg CO2e against without it",
        "无弱绿色悖论：生效前与无此规则相比 {kg} kg CO2e",
    ),
    "paradox.strong": (
        "strong green paradox: {kg} kg CO2e in all, discounted by {rate} % a year",
        "强绿色悖论：按每年 {rate} % 折现合计 {kg} kg CO2e",
    ),
    "paradox.not_strong": (
        "no strong green paradox: {kg} kg CO2e in all, discounted by {rate} % a year",
        "无强绿色悖论：按每年 {rate} % 折现合计 {kg} kg CO2e",
    ),
    "paradox.strong_unknown": (
        "whether it is strong is unknown without a discount rate and years in force; {kg} kg CO2e in all years stated",
        "缺少折现率或生效后的年份，强悖论未知；所列各年合计 {kg} kg CO2e",
    ),
    "datacentre.water": (
        "water: {direct} L at the site, {indirect} L at the power plants",
        "用水：现场 {direct} L，电厂 {indirect} L",
    ),
    "grid.average": (
        "{name}: {central} g CO2e per kWh ({low} to {high}), average of {year}, factors {set}",
        "{name}：每千瓦时 {central} g CO2e（{low} 至 {high}），{year} 年平均，因子集 {set}",
    ),
    "grid.outlook": (
        "{name}: {central} g CO2e per kWh in {year} by its outlook, a scenario, factors {set}",
        "{name}：按展望情景 {year} 年每千瓦时 {central} g CO2e，因子集 {set}",
    ),
    "grid.mix": (
        "{name}: {central} g CO2e per kWh, factors {set}",
        "{name}：每千瓦时 {central} g CO2e，因子集 {set}",
    ),
    "grid.older": ("the latest that is known is of {year}, not of {asked}", "已知最新为 {year} 年，而非 {asked} 年"),
    "grid.fossil": ("{year}: {percent} % fossil", "{year} 年：化石占 {percent} %"),
    "nodes.counted": ("nodes: {low} seen, {central} with those never seen", "节点：观测到 {low}，含未观测 {central}"),
    "nodes.energy": ("energy a year: {central} kWh ({low} to {high})", "年能耗：{central} kWh（{low} 至 {high}）"),
    "nodes.each": (
        "each transaction: {energy} Wh at {tps} a second; it falls with load",
        "每笔交易：{energy} Wh（每秒 {tps} 笔；随负载下降）",
    ),
    "disclosure.finding": ("{rule}: {outcome}: {reason}", "{rule}：{outcome}：{reason}"),
    "disclosure.g_per_kwh": ("implied: {number} g CO2e per kWh", "隐含：每千瓦时 {number} g CO2e"),
    "disclosure.transactions_by_energy": (
        "implied by energy: {number} transactions",
        "按能耗隐含：{number} 笔交易",
    ),
    "disclosure.transactions_by_ghg": ("implied by GHG: {number} transactions", "按排放隐含：{number} 笔交易"),
    "disclosure.due": ("supplementary fields S.10 to S.16 are due", "须披露补充字段 S.10 至 S.16"),
    "disclosure.not_due": ("supplementary fields are not due", "无须披露补充字段"),
    "disclosure.nothing": ("too few figures are stated to compare any", "所给数字不足以互相核对"),
}

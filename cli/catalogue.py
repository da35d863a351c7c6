"""The words that people read, in English and Chinese, under one key each; documents and JSON are never translated."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from passport.exchange.pictures.words import PICTURE_WORDS


class Language(StrEnum):
    """A language of the catalogue."""

    EN = "en"
    ZH = "zh"


WORDS: Final[dict[str, tuple[str, str]]] = {
    # Verdicts, outcomes and checks.
    "verdict.passed": ("PASSED", "通过"),
    "verdict.failed": ("FAILED", "未通过"),
    "verdict.undecided": ("UNDECIDED", "无法判定"),
    "outcome.passed": ("passed", "通过"),
    "outcome.failed": ("failed", "未通过"),
    "outcome.unknown": ("unknown", "未知"),
    "outcome.skipped": ("skipped", "跳过"),
    "row.passed": ("passed", "通过"),
    "row.failed": ("FAILED", "未通过"),
    "row.unknown": ("unknown", "未知"),
    "row.skipped": ("skipped", "跳过"),
    "check.signature": ("signature", "签名"),
    "check.digest": ("digest", "摘要"),
    "check.schema": ("schema", "格式"),
    "check.validity": ("validity", "有效期"),
    "check.agreement": ("agreement", "一致性"),
    "check.inclusion": ("inclusion", "入链"),
    "check.consistency": ("consistency", "日志连续"),
    "check.identity": ("identity", "身份"),
    "check.status": ("status", "状态"),
    "check.arithmetic": ("arithmetic", "计算"),
    "check.completeness": ("completeness", "完整性"),
    "check.custody": ("custody", "交付"),
    "check.double_counting": ("double counting", "重复计算"),
    "check.equivocation": ("equivocation", "一物两证"),
    "check.ledger_footprint": ("ledger's footprint", "账本自身足迹"),
    # The page of an audit.
    "audit.coverage": ("coverage", "覆盖率"),
    "audit.ledger": ("ledger", "账本"),
    "audit.ledger_amounts": (
        "at most {ceiling} kg CO2e declared, {low} to {high} recomputed",
        "声明不超过 {ceiling} kg CO2e，复算为 {low} 至 {high}",
    ),
    "audit.ledger_share": ("{share} of what it covers", "为所覆盖产品足迹的 {share}"),
    "audit.ledger_no_share": ("no share of what it covers", "无法与所覆盖产品的足迹相比"),
    "audit.recomputed": ("recomputed {share}", "已复算 {share}"),
    "audit.withheld": ("withheld {share}", "未披露 {share}"),
    "audit.imported": ("imported {share}", "外部导入 {share}"),
    "audit.unanswered": ("unanswered {share}", "无着落 {share}"),
    "audit.of_gross": ("of gross emissions", "（占总排放绝对值）"),
    "audit.as_of": ("as of", "截至"),
    "audit.block": ("block {block} of {chain}, {time}", "{chain} 第 {block} 区块，{time}"),
    "audit.no_block": ("no block: no chain was asked", "无区块：未查询任何链"),
    "audit.at": ("judged for {at}", "判定时刻 {at}"),
    "audit.checks": ("checks", "检查"),
    "audit.tree": (
        "{passports} passports, {imported} imported, {absent} not at hand, in {tiers} tiers",
        "{passports} 份护照，{imported} 份导入，{absent} 份缺失，共 {tiers} 层",
    ),
    "audit.reasons": ("because", "原因"),
    "audit.notes": ("notes", "附注"),
    "audit.all_passed": ("all {count} checks passed", "{count} 项检查全部通过"),
    "audit.expected": ("expected", "应为"),
    "audit.found": ("found", "实为"),
    "audit.no_total": ("no total at hand", "无总量"),
    "audit.shown_above": ("shown above", "见上文"),
    "audit.per": ("kg CO2e per {declared}", "kg CO2e（每 {declared}）"),
    "audit.unknown_again": ("unknown for the reasons given above", "未知，原因同上"),
    "audit.no_trust": (
        "no trust file was named, so nothing can be said of chain, log and identity: --trust FILE",
        "未指定信任文件，链、日志与身份均无法判定：请用 --trust FILE",
    ),
    "audit.unresolved": ("{did} could not be looked up: {problem}", "无法解析 {did}：{problem}"),
    "audit.import_newer": (
        "the chain knows more of a log than this workspace: `passport import` its issuer's newest publication",
        "链上日志比本工作区的新：请用 `passport import` 导入签发方最新的发布内容",
    ),
    "audit.boundary": ("cradle to gate, excluding biogenic uptake", "从摇篮到大门，不含生物源吸收"),
    "audit.not_shown": (
        "{count} more below are not shown here; --json has them all",
        "下方还有 {count} 份未显示；--json 列出全部",
    ),
    "audit.also_not_passed": ("Not passed among those not shown", "未显示部分中未通过的检查"),
    "audit.answered": ("answered by own data", "自有数据"),
    "audit.second_hand": ("second hand", "二手数据"),
    "audit.who": ("who answers", "责任方"),
    "audit.nobody": ("nobody", "无人负责"),
    "audit.identity_not_passed": ("identity not passed", "身份未通过"),
    "audit.exempted": ("exempted by its issuer", "签发方豁免"),
    "audit.not_at_hand": ("not at hand", "缺失"),
    "audit.others": ("{count} others", "其余 {count} 家"),
    "audit.bounds": ("bounds met", "触及上限"),
    "audit.withheld_warning": (
        "statements withheld: {count}; their totals are signed and anchored, but could not be re-done",
        "未披露的声明：{count} 份；其总量已签名并上链，但无法复算",
    ),
    "audit.strict": ("--strict: every check demanded at every passport", "--strict：要求每份护照的每项检查均通过"),
    "audit.next.passed": (
        "A pass says that the sums are right and who answers for each part, not that each measured number is true.",
        "通过表示计算无误且各部分责任明确，不表示每个测量值都属实。",
    ),
    "audit.next.failed": (
        "Do not rely on this passport; ask the issuer named at the failed check.",
        "请勿采信此护照；请联系未通过检查处的签发方。",
    ),
    "audit.next.undecided": (
        "Nothing was proven false. What is missing stands above under 'because'.",
        "未发现虚假；所缺内容见上文“原因”。",
    ),
    # Summaries of commands.
    "command.init": ("Make a workspace with its keys", "建立工作区与密钥"),
    "command.keys": ("List, rotate, back up and restore keys", "列出、轮换、备份与恢复密钥"),
    "command.keys.list": ("List the keys; shows no secrets", "列出密钥（不显示私钥）"),
    "command.keys.rotate": ("Put a new key in use and retire the old one", "启用新密钥并停用旧密钥"),
    "command.keys.backup": ("Write all keys into one encrypted file", "将全部密钥写入一个加密文件"),
    "command.keys.state-account": ("Let an account sign which DID it belongs to", "由账户签名声明其所属的 DID"),
    "command.keys.linked-accounts": (
        "Judge which accounts a DID document is tied to",
        "判定 DID 文档与哪些账户互相关联",
    ),
    "command.keys.restore": ("Put the keys of a backup in place", "从备份恢复密钥"),
    "command.issue": ("Compute and sign passports from inventories", "由清单计算并签发护照"),
    "command.anchor": ("Bring what was issued onto the chain", "将已签发内容锚定上链"),
    "command.publish": ("Write the folder that the web server serves", "生成供网站发布的文件夹"),
    "command.import": (
        "Take in publications, bundles, PACT and UNTP 0.6 documents",
        "导入发布内容、包、PACT 足迹与 UNTP 0.6 护照",
    ),
    "command.show": ("Show one passport, or its signed bytes", "显示一份护照或其签名字节"),
    "command.audit": ("Judge a passport through every tier", "逐层审计护照"),
    "command.verify": ("Judge one passport file by itself", "单独核验一个护照文件"),
    "command.attest": ("Audit a passport and sign what came of it", "审计护照并签署结论"),
    "attest.done": ("{verdict}: attested in {file}", "{verdict}：已在 {file} 中出具证明"),
    "command.deliver": ("Sign that a product was delivered to a buyer", "签署产品交付凭证"),
    "deliver.done": (
        "{quantity} {unit} of {name} to {buyer}: {digest} in {file}",
        "向 {buyer} 交付 {name} {quantity} {unit}：{digest}，见 {file}",
    ),
    "command.present": ("Show a role its content sets and rows of a passport", "按角色出示护照的内容集与明细行"),
    "present.done": (
        "{file}: the sets {sets} and {rows} rows for {role}, {signed}",
        "{file}：为 {role} 出示内容集 {sets} 与 {rows} 行，{signed}",
    ),
    "present.signed": ("signed by {did}", "由 {did} 签名"),
    "present.unsigned": ("not signed", "未签名"),
    "presentation.disclosure": ("disclosure", "出示内容"),
    "presentation.contents": ("contents by their profile", "内容是否符合规范"),
    "presentation.holder": ("holder's signature", "出示者签名"),
    "presentation.exact": (
        "exactly what {role} may see: the sets {sets} and {rows} rows",
        "恰为 {role} 可见的全部：内容集 {sets} 与 {rows} 行",
    ),
    "presentation.passport": ("the passport by itself", "护照本身"),
    "command.bundle": ("Write everything an audit needs into one file", "将审计所需内容写入一个文件"),
    "command.who": ("Say who is accountable for a key or passport", "查询谁对密钥或护照负责"),
    "command.status": ("Say what the chain says of a passport", "查询护照在链上的状态"),
    "command.revoke": ("Take one of our passports back, for good", "永久撤销自己的一份护照"),
    "command.suspend": ("Suspend one of our passports", "暂停自己的一份护照"),
    "command.reinstate": ("End the suspension of one of our passports", "恢复自己被暂停的一份护照"),
    "command.supersede": ("Let a later passport of ours take another's place", "以自己较新的护照取代旧护照"),
    "command.log": ("Export, witness and verify logs as files", "以文件形式导出、见证与核验日志"),
    "command.log.export": ("Write our log as static files", "将自己的日志写成静态文件"),
    "command.log.verify": ("Judge an exported log", "核验导出的日志"),
    "command.log.void-nonces": ("Write what opens our void leaves", "写出可打开空叶子的随机数"),
    "command.log.witness-init": ("Make a witness with its key", "建立见证人与其密钥"),
    "command.log.witness": ("Cosign the checkpoints of logs", "为日志检查点附署"),
    "log.exported": ("{size} leaves in {folder}; the log's key:", "{folder} 中共 {size} 个叶子；日志公钥："),
    "log.nonces": ("{count} void leaves in {file}", "{file} 中共 {count} 个空叶子"),
    "log.nonces_warning": (
        "Whoever has this file can count our passports.",
        "持有此文件者可得知护照数量。",
    ),
    "log.opened": (
        "{size} leaves: {document} documents, {void} void, {withheld} withheld, {contradicted} contradicted",
        "共 {size} 个叶子：{document} 份文件，{void} 个空叶子，{withheld} 个未披露，{contradicted} 个矛盾",
    ),
    "log.leaf": ("leaf {index}: {kind} {reason}", "叶子 {index}：{kind} {reason}"),
    "log.consistency": ("the log on the chain: {outcome} {reason}", "链上日志：{outcome} {reason}"),
    "log.more": ("and {count} more", "另有 {count} 个"),
    "log.beyond": ("not yet in the log: {name}", "尚未入日志：{name}"),
    "command.trust": ("Write down which chain and registrars are trusted", "写出信任文件"),
    "command.compute": ("Compute footprints of a graph in a file", "计算文件中供应图的碳足迹"),
    "command.plot": ("Draw one footprint as a picture", "将碳足迹绘成图"),
    "command.relay": ("Send and pay for what registered issuers signed", "代已登记的签发方上链并支付费用"),
    "command.registry": ("Say and see what the registry holds of entities and keys", "查看与更改登记簿中的法人与密钥"),
    "command.registry.show": ("Show an entity and, of one's own, its keys", "显示法人；若为本公司则包括密钥"),
    "command.registry.check-anchor": (
        "Compare an identity anchor with the registry's entry",
        "核对身份凭证与登记簿条目",
    ),
    "command.register": ("Register a company, or bind one's own keys", "登记公司，或绑定自己的密钥"),
    "command.registry.register": ("Register a company, as a registrar", "（登记机构）登记公司"),
    "command.registry.bind-key": ("Bind this company's keys in use to its entity", "将本公司在用的密钥绑定到法人"),
    "command.registry.retire-key": ("End the window of a key", "停用密钥"),
    "command.registry.report-compromise": ("Say since when a key was in wrong hands", "报告密钥自何时起失控"),
    "command.registry.suspend": ("Suspend an entity, as its registrar", "（登记机构）暂停法人"),
    "command.registry.reinstate": ("End an entity's suspension, as its registrar", "（登记机构）恢复法人"),
    "command.chain": ("Reach a chain, and put the contracts onto one", "连接区块链，或部署合约"),
    "command.chain.deploy": ("Put both contracts onto a chain behind a node", "将两个合约部署到某条链"),
    "command.chain.status": ("Say how the chain of this workspace stands", "显示本工作区所用链的状态"),
    "command.chain.providers": ("Ask several nodes at once, or show how they stand", "同时询问多个节点，或显示其状态"),
    "command.chain.accounts": ("Say what this workspace's accounts have", "显示本工作区账户的余额与交易数"),
    "command.ledger": ("Say what the ledger itself takes", "估算账本自身的消耗"),
    "command.ledger.report": (
        "State a network's sustainability indicators under MiCA",
        "按 MiCA 列出一条链的可持续性指标",
    ),
    "command.ledger.sign": (
        "Sign a meter's reading, or hardware handed over or received",
        "签署电表读数、硬件移交或接收",
    ),
    "command.ledger.sign-report": ("Sign the footprint of a ledger", "签署账本足迹报告"),
    "command.ledger.verify-report": ("Verify signed accounts of a ledger", "验证已签署的账本报告"),
    "command.ledger.watch": ("Follow a chain's blocks into the store", "将一条链的区块跟踪入库"),
    "command.ledger.profile": (
        "Write what a unit of use of a chain emits, for ceilings to name",
        "写出使用一条链的单位排放，供上限引用",
    ),
    "command.ledger.estimate": ("Estimate what one passport's place on a chain takes", "估算一份护照上链的消耗"),
    "command.ledger.compare": ("Compare chains for a volume of passports", "按护照数量比较各条链"),
    "command.ledger.rebound": (
        "Split a change of emissions into scale, structure and technique",
        "将排放变化分解为规模、结构与技术",
    ),
    "command.ledger.measure": (
        "Measure the energy that a command of this program takes",
        "测量本程序一条命令的能耗",
    ),
    "command.ledger.breakeven": (
        "Find the volume at which a consortium beats a public chain",
        "求联盟链优于公链的护照数量",
    ),
    "command.profile": ("Say what kinds of products state, and check inventories", "列出各类产品规范并检查清单"),
    "command.profile.list": ("List the profiles", "列出规范"),
    "command.profile.show": ("Show what a profile asks for", "显示规范的要求"),
    "command.profile.check": ("Check inventories against their profiles", "按规范检查清单"),
    "profile.required": ("required for {levels}", "{levels} 必填"),
    "profile.when": ("where {attribute} is {values}", "当 {attribute} 为 {values}"),
    "profile.optional": ("may be stated", "可选"),
    "profile.as_of": ("as known on {day}", "截至 {day}"),
    "profile.per": ("footprint per {unit}: {title}", "足迹单位 {unit}：{title}"),
    "profile.units": ("declared units: {units}", "声明单位：{units}"),
    "profile.stage": ("stage {name}: {title} (inputs: {stages})", "阶段 {name}：{title}（投入：{stages}）"),
    "profile.classes": (
        "classes: {count} tables as known on {day}: {statement}",
        "性能等级：截至 {day} 有 {count} 张表：{statement}",
    ),
    "profile.follows": ("{file}: follows {profile}", "{file}：符合 {profile}"),
    "profile.misfits": ("{file}: {count} things do not fit {profile}", "{file}：有 {count} 处不符合 {profile}"),
    "profile.outside": ("{file}: not in the profile, so not judged: {names}", "{file}：不在规范中，未作判定：{names}"),
    "profile.none": ("{file}: names no profile; nothing was checked", "{file}：未指明规范，未作检查"),
    "command.schema": ("Print a JSON Schema", "打印 JSON Schema"),
    "command.serve": ("Serve passports and verification over HTTP", "通过 HTTP 提供护照与核验"),
    "command.demo": ("Run the whole story, sabotage included", "运行完整演示（含破坏试验）"),
    # What commands say when they are done.
    "init.made": ("workspace {folder} is ready", "工作区 {folder} 已就绪"),
    "init.next_register": (
        "next: give {file} to a registrar, then run `passport registry bind-key`",
        "下一步：将 {file} 交给登记机构，然后运行 `passport registry bind-key`",
    ),
    "init.next_chain": (
        "next: join a chain with `passport init --chain CHAIN.json`, or start one with `--new-chain DIR`",
        "下一步：用 `passport init --chain CHAIN.json` 加入一条链，或用 `--new-chain DIR` 新建",
    ),
    "init.chain_made": (
        "chain {chain} started; this workspace is its root registrar; others join with {file}",
        "已启动链 {chain}；本工作区为根登记机构；他人用 {file} 加入",
    ),
    "init.auditor": ("no keys here: this workspace reads and judges", "此工作区无密钥，仅用于读取与判定"),
    "keys.kept": (
        "the keys are useless without their passphrase, and nobody can restore it: back up both, apart",
        "没有口令密钥即无用，且口令无法找回：请分别备份",
    ),
    "keys.stated": (
        "the DID document names the account and carries its statement; `passport publish` serves it",
        "DID 文档已列明该账户并附其声明；`passport publish` 发布之",
    ),
    "keys.none_linked": (
        "the DID document carries no statement of an account",
        "该 DID 文档未附任何账户声明",
    ),
    "register.done": ("registered {name} as {issuer_id}", "已登记 {name}：{issuer_id}"),
    "register.bound": ("keys bound: {name} can sign and anchor", "密钥已绑定：{name} 可签名并锚定"),
    "register.next": ("next: they run `passport registry bind-key`", "下一步：对方运行 `passport registry bind-key`"),
    "issue.done": ("{count} passports signed", "已签发 {count} 份护照"),
    "issue.known": ("{name} was issued before, as {id}", "{name} 此前已签发：{id}"),
    "issue.next": (
        "next: `passport anchor` (nothing counts before it is anchored), then `passport publish`",
        "下一步：`passport anchor`（锚定前不生效），然后 `passport publish`",
    ),
    "anchor.done": (
        "checkpoint {seq}: {size} leaves, {state} in block {block}",
        "检查点 {seq}：{size} 个叶子，{state}，区块 {block}",
    ),
    "anchor.nothing": ("nothing new to anchor", "没有需要锚定的内容"),
    "command.lists": ("Sign the status lists for readers without a chain", "为不读链者签署状态列表"),
    "lists.done": (
        "{url}: {passports} passports, {listed} of them revoked or corrected",
        "{url}：护照 {passports} 份，其中已撤销或更正 {listed} 份",
    ),
    "lists.none": (
        "no passport names a status list: issue with --status-list",
        "没有护照引用状态列表：请用 --status-list 签发",
    ),
    "publish.done": ("{count} files written to {folder}", "{count} 个文件已写入 {folder}"),
    "import.done": (
        "from {source}: {passports} passports and {statements} statements new, log of {entries} entries",
        "来自 {source}：新增护照 {passports} 份、声明 {statements} 份，日志 {entries} 条",
    ),
    "import.refused": ("refused {file}: {reason}", "拒收 {file}：{reason}"),
    "import.delivery": (
        "delivery {digest}: {quantity} of {product} from {supplier}, signed by a key of its DID document",
        "交付 {digest}：{supplier} 交付 {product} {quantity}，签名与其 DID 文档中的密钥相符",
    ),
    "import.pact": (
        "{name} ({id}): {total} kg CO2e per {declared}, signed by nobody",
        "{name}（{id}）：{total} kg CO2e / {declared}，无人签名",
    ),
    "import.untp": (
        "{name} ({id}): {total}; {signed}; not stated: {unknown}",
        "{name}（{id}）：{total}；{signed}；未声明：{unknown}",
    ),
    "import.untp_total": ("{total} kg CO2e per {unit}", "每 {unit} {total} kg CO2e"),
    "import.untp_no_total": ("no footprint", "无足迹"),
    "import.untp_signed": ("signed by {did}", "由 {did} 签名"),
    "import.untp_open": ("who signed stays open: {problem}", "由谁签名未定：{problem}"),
    "import.untp_not_valid": ("it is not valid now", "目前不在有效期内"),
    "trust.done": (
        "trust file {file}: {chain}, block {block}, root registrar {root}",
        "信任文件 {file}：{chain}，区块 {block}，根登记机构 {root}",
    ),
    "trust.warning": (
        "this trusts what the chain file of this workspace says: right when the node is your own; else compare genesis,"
        " contracts and root registrar with a source you trust",
        "此文件采信本工作区的链文件：仅当节点为您自有时成立，否则请与可信来源核对创世哈希、合约与根登记机构",
    ),
    "status.open": ("not anchored yet", "尚未锚定上链"),
    "status.current": ("anchored, neither revoked nor suspended nor replaced", "已上链，未撤销、未暂停、未被取代"),
    "status.revoked": ("revoked, for good", "已永久撤销"),
    "status.suspended": ("suspended", "已暂停"),
    "status.superseded": (
        "superseded by leaf {next}: right, and a newer one exists",
        "已由叶子 {next} 取代：数值无误，已有新版",
    ),
    "status.corrected": ("corrected by leaf {next}: the number was wrong", "已由叶子 {next} 更正：数值有误"),
    "status.reason": (
        "reason on the chain: {hash}; keep the text it is the SHA-256 of",
        "链上原因摘要：{hash}；请保存原文",
    ),
    "registry.done": ("done: {what}, in block {block}", "完成：{what}，区块 {block}"),
    "registry.entity": ("entity", "法人"),
    "registry.controller": ("controller", "控制账户"),
    "registry.registrar": ("registered by", "登记机构"),
    "registry.roles": ("roles", "角色"),
    "registry.void": ("annulled from", "登记自此作废"),
    "registry.linked": ("is also", "同一法人"),
    "registry.suspended": ("suspended", "暂停期间"),
    "registry.recovery": ("recovery", "控制权恢复"),
    "registry.key": ("key (from, until, bad from)", "密钥（起、止、失控起）"),
    "who.nobody": ("nobody answers for {name}", "无人对 {name} 负责"),
    "who.good": ("ANSWERED FOR", "有人负责"),
    "who.bad": ("NOT ANSWERED FOR", "无人负责"),
    "who.key": (
        "  key          {purposes}; good from {since}, until {until}, compromised {bad}",
        "  密钥         {purposes}；自 {since} 起有效，至 {until}，泄露 {bad}",
    ),
    "who.entity": ("  entity       {name}, registered {since}", "  法人         {name}，登记于 {since}"),
    "who.linked": ("  is also      {name}", "  同一法人     {name}"),
    "who.registrar": (
        "  vouched for  by {registrar} of {name}, {when}",
        "  担保         {registrar}（{name}），{when}",
    ),
    "who.because": ("  because      {reason}", "  原因         {reason}"),
    "who.as_of": ("as of final block {block}, {time}", "截至最终区块 {block}，{time}"),
    "who.untrusted": (
        "no trust file: the root is the one that this workspace's chain settings name",
        "没有信任文件：根登记人取自本工作区的链设置",
    ),
    "status.as_of": ("as of block {block}, {time}", "截至区块 {block}，{time}"),
    "anchor.not_final": (
        "not anchored before its block is final: run `passport anchor` again",
        "区块最终确定之前不算锚定：请稍后再次运行 `passport anchor`",
    ),
    "dry_run": ("dry run: nothing was sent", "试运行：未发送任何内容"),
    "relay.pays": ("{place} sends and pays; nothing is paid here", "由 {place} 发送并支付；此处不支付费用"),
    "relay.account": ("{address} pays, and has {balance} of the chain's coin", "{address} 支付，余额 {balance} 链上币"),
    "cost": (
        "{what}: {gas} gas, {fee} wei at most at the fees of block {block}",
        "{what}：{gas} gas，按区块 {block} 的费率最多 {fee} wei",
    ),
    "cost.total": ("at most {coin} of the chain's coin in all", "合计最多 {coin} 个链上币"),
    "cost.ask": ("send? [y/N] ", "发送？[y/N] "),
    "chain.reached": ("{chain} from genesis {genesis}, through {node}", "{chain}，创世区块 {genesis}，经由 {node}"),
    "chain.deployed": (
        "IssuerRegistry {registry}, PassportLog {log}; root registrar {root}",
        "IssuerRegistry {registry}，PassportLog {log}；根登记机构 {root}",
    ),
    "chain.written": ("{file} and {trust} written", "已写入 {file} 与 {trust}"),
    "chain.head": ("newest block {block}, {time}; final block {final}", "最新区块 {block}，{time}；最终区块 {final}"),
    "chain.drift": (
        "this machine's clock is {seconds} s after the newest block",
        "本机时钟比最新区块晚 {seconds} 秒",
    ),
    "chain.clock_behind": (
        "this machine's clock is {seconds} s behind the newest block: set it right before you issue",
        "本机时钟比最新区块慢 {seconds} 秒：签发前请校准",
    ),
    "chain.contracts": (
        "IssuerRegistry {registry} and PassportLog {log} have the code of this version",
        "IssuerRegistry {registry} 与 PassportLog {log} 的代码与本版本一致",
    ),
    "chain.log": (
        "our log: {size} leaves in {seq} checkpoints; {waiting} checkpoints are not final yet",
        "我方日志：{seq} 个检查点共 {size} 个叶子；{waiting} 个检查点尚未最终确定",
    ),
    "chain.gas": ("gas: at most {price} wei", "gas：最多 {price} wei"),
    "chain.gas_above": ("gas costs more than may be bid: {reason}", "gas 价格高于上限：{reason}"),
    "chain.account": (
        "{role} {address}: {balance} of the chain's coin, {sent} transactions, {waiting} waiting",
        "{role} {address}：链上币 {balance}，交易 {sent} 笔，等待 {waiting} 笔",
    ),
    "chain.one_provider": (
        "one node is asked, and believed: {node}; name several with `passport chain providers NAME=ADDRESS ...`",
        "只询问并信任一个节点：{node}；可用 `passport chain providers NAME=ADDRESS ...` 指定多个节点",
    ),
    "chain.providers": ("{threshold} of {count} providers must agree", "{count} 个节点中须有 {threshold} 个一致"),
    "chain.provider": ("{name} ({address}): final block {final_block}", "{name}（{address}）：最终区块 {final_block}"),
    "chain.provider_silent": ("{name} ({address}): no answer: {problem}", "{name}（{address}）：无应答：{problem}"),
    "chain.disagreement": ("providers disagree on {text}", "节点答复不一致：{text}"),
    "bundle.done": ("{file}: {size} bytes, as of block {block}", "{file}：{size} 字节，截至区块 {block}"),
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
    "plot.done": ("{file}: {kind}, {size} bytes", "{file}：{kind}，{size} 字节"),
    **PICTURE_WORDS,
    # The demonstration.
    "demo.only": (
        "for demonstration only: keys are quick to guess here and their passphrases lie beside them",
        "仅供演示：此处的密钥易被猜出，口令就放在旁边",
    ),
    "demo.founding": ("registering companies", "登记公司"),
    "demo.issuing": ("issuing passports", "签发护照"),
    "demo.auditing": ("auditing", "审计"),
    "demo.sabotaging": ("sabotage", "破坏试验"),
    "demo.registered": (
        "{companies} companies of {countries} countries, each with its own workspace and keys, are registered by "
        "{registrar} on {chain}",
        "{registrar} 在 {chain} 上登记了来自 {countries} 个国家的 {companies} 家公司，各有自己的工作区与密钥",
    ),
    "demo.issued": (
        "{passports} passports signed and anchored in {checkpoints} checkpoints; each company audited its suppliers' "
        "passports, all the way down, before it built on them",
        "签发 {passports} 份护照，以 {checkpoints} 个检查点锚定；各公司在采用前均逐层审计了供应商的护照",
    ),
    "demo.audited": (
        "An auditor without keys, who was handed publications and the chain, judges the top passport ({seconds} s)",
        "一名没有密钥的审计员仅凭公开内容与链，审计顶层护照（{seconds} 秒）",
    ),
    "demo.bundled": (
        "The same out of one file, without workspaces or chain: {verdict} ({size} kB)",
        "仅凭一个文件、无需工作区与链，再次审计：{verdict}（{size} kB）",
    ),
    "demo.sabotaged": (
        "Four cheats, each done for real in its own copy of the world, and what the auditor finds",
        "四种作弊，各在独立副本中真实实施，以及审计结果",
    ),
    "demo.end": (
        "audit {verdict}; {caught} of {all} cheats caught, each by the check that is there for it ({seconds} s)",
        "审计{verdict}；{all} 种作弊中有 {caught} 种被对应的检查发现（{seconds} 秒）",
    ),
    "demo.at": ("at {name}", "位于 {name}"),
    "demo.look": ("Look further:", "进一步查看："),
    "sabotage.changed-quantity": (
        "a quantity changed by its own issuer, signed again with its real key and anchored again",
        "签发方自行改动一项数量，用真实密钥重新签名并重新锚定",
    ),
    "sabotage.swapped-passport": (
        "an upstream passport swapped for another one under the same id",
        "上游护照被换成同一编号的另一份",
    ),
    "sabotage.unvouched-key": (
        "a passport signed by a key that its company published and no registrar's entity vouches for",
        "护照由公司自行公布、但登记处无人担保的密钥签名",
    ),
    "sabotage.strangers-chain": (
        "an honest-looking bundle from a stranger's own chain with a stranger's own registry",
        "看似诚实的数据包，来自陌生人自建的链与登记处",
    ),
    "hint": ("hint", "提示"),
    "error": ("error", "错误"),
    # The ledger's own footprint.
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
    "ledger.behind": ("the chain is ahead, at block {head}: look again", "链已到区块 {head}：请再次运行"),
    "ledger.holds": ("holds", "成立"),
    "ledger.anchored": ("anchored {time}", "锚定于 {time}"),
    "ledger.not_anchored": (
        "not anchored: when it was signed is the signer's word",
        "未锚定：签署时间以签署者所述为准",
    ),
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
    "bug": (
        "internal error, which is our fault: {error}; run again with --verbose for the traceback and report it",
        "内部错误（我们的过失）：{error}；请加 --verbose 重新运行并报告",
    ),
    "interrupted": (
        "interrupted; what was stored stays, and the same command may be run again",
        "已中断；已存内容保留，可重新运行同一命令",
    ),
    "examples": ("Examples:", "示例："),
}


def word(key: str, language: Language, **facts: object) -> str:
    """The words under a key, with the facts filled in.

    Raises:
        KeyError: The catalogue has no such key.
    """
    english, chinese = WORDS[key]
    text = chinese if language is Language.ZH else english
    return text.format(**facts) if facts else text


def language_of(environment: Mapping[str, str]) -> tuple[Language, str]:
    """The language that the environment asks for, and which variable said so; English when none does."""
    for name in ("PASSPORT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return (Language.ZH if value.lower().startswith("zh") else Language.EN), name
    return Language.EN, "default"

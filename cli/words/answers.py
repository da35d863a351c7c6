"""What commands say when they are done: workspaces, documents, keys and bundles."""

from __future__ import annotations

from typing import Final

ANSWERS: Final[dict[str, tuple[str, str]]] = {
    "attest.done": ("{verdict}: attested in {file}", "{verdict}：已在 {file} 中出具证明"),
    "deliver.done": (
        "{quantity} {unit} of {name} to {buyer}: {digest} in {file}",
        "向 {buyer} 交付 {name} {quantity} {unit}：{digest}，见 {file}",
    ),
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
    "witness.logs_unread": (
        "the witness's settings cannot be read anew; the logs before that go on: {error}",
        "无法重新读取见证人设置，沿用先前的日志：{error}",
    ),
    "witness.forks": (
        "{count} contradictions of logs written to {folder}",
        "{count} 处日志自相矛盾已写入 {folder}",
    ),
    "answer.cosigned": ("cosigned", "已附署"),
    "answer.refused": ("refused", "已拒绝"),
    "answer.unreachable": ("unreachable", "无法访问"),
    "cosign.enough": (
        "{size} leaves, cosigned by {count} of {total} trusted witnesses; {threshold} are enough",
        "{size} 个叶子，{total} 位受信见证人中 {count} 位已附署；{threshold} 位即可",
    ),
    "cosign.too_few": (
        "{size} leaves, cosigned by {count} of {total} trusted witnesses; it takes {threshold}",
        "{size} 个叶子，{total} 位受信见证人中 {count} 位已附署；需要 {threshold} 位",
    ),
    "profile.required": ("required for {levels}", "{levels} 必填"),
    "profile.when": ("where {attribute} is {values}", "当 {attribute} 为 {values}"),
    "profile.optional": ("may be stated", "可选"),
    "profile.as_of": ("as known on {day}", "截至 {day}"),
    "profile.per": ("footprint per {unit}: {title}", "足迹单位 {unit}：{title}"),
    "profile.units": ("declared units: {units}", "声明单位：{units}"),
    "profile.stage": ("stage {name}: {title} (inputs: {stages})", "阶段 {name}：{title}（投入：{stages}）"),
    "profile.beyond": (
        "stage {name}: {title} (beyond the gate: stated, not computed by the passport)",
        "阶段 {name}：{title}（出厂之后：仅载明，护照不予计算）",
    ),
    "profile.compared": (
        "compared with the passport: {whole} and {parts} with total and rows, pieces by {per}",
        "与护照比对：{whole} 与 {parts} 对应总量与明细行，每件按 {per} 换算",
    ),
    "profile.declared": ("the declared unit", "声明单位"),
    "profile.reading": ("known of {source}: {how}", "{source} 的了解程度：{how}"),
    "profile.read": ("read", "已读原文"),
    "profile.secondary": ("as secondary sources tell it", "据二手来源"),
    "profile.unread": ("its text was not read", "未读原文"),
    "profile.own": ("own choice", "自行选择"),
    "profile.classes": (
        "classes: {count} tables as known on {day}: {statement}",
        "性能等级：截至 {day} 有 {count} 张表：{statement}",
    ),
    "profile.follows": ("{file}: follows {profile}", "{file}：符合 {profile}"),
    "profile.misfits": ("{file}: {count} things do not fit {profile}", "{file}：有 {count} 处不符合 {profile}"),
    "profile.outside": ("{file}: not in the profile, so not judged: {names}", "{file}：不在规范中，未作判定：{names}"),
    "profile.none": ("{file}: names no profile; nothing was checked", "{file}：未指明规范，未作检查"),
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
    "issue.done": ("{count} passports signed", "已签发 {count} 份护照"),
    "issue.known": ("{name} was issued before, as {id}", "{name} 此前已签发：{id}"),
    "issue.next": (
        "next: `passport anchor` (nothing counts before it is anchored), then `passport publish`",
        "下一步：`passport anchor`（锚定前不生效），然后 `passport publish`",
    ),
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
    "import.ledger": ("{count} signed statements about a ledger", "{count} 份关于账本的签名声明"),
    "import.refused": ("refused {file}: {reason}", "拒收 {file}：{reason}"),
    "import.delivery": (
        "delivery {digest}: {quantity} of {product} from {supplier}, signed by a key of its DID document",
        "交付 {digest}：{supplier} 交付 {product} {quantity}，签名与其 DID 文档中的密钥相符",
    ),
    "import.status_list": (
        "status list {url} of {did}: {purpose}, {listed} of {entries} entries set, signed by a key of its DID document",
        "{did} 的状态列表 {url}：{purpose}，{entries} 个条目中 {listed} 个已置位，签名与其 DID 文档中的密钥相符",
    ),
    "import.status_list_older": (
        "a newer list of this URL is at hand, and counts",
        "手头已有此 URL 更新的列表，以其为准",
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
    "dry_run": ("dry run: nothing was sent", "试运行：未发送任何内容"),
    "bundle.done": ("{file}: {size} bytes, as of block {block}", "{file}：{size} 字节，截至区块 {block}"),
    "plot.done": ("{file}: {kind}, {size} bytes", "{file}：{kind}，{size} 字节"),
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

"""The chain and its registry: registrations, anchors, status, costs and providers."""

from __future__ import annotations

from typing import Final

CHAIN: Final[dict[str, tuple[str, str]]] = {
    "register.done": ("registered {name} as {issuer_id}", "已登记 {name}：{issuer_id}"),
    "register.bound": ("keys bound: {name} can sign and anchor", "密钥已绑定：{name} 可签名并锚定"),
    "register.next": ("next: they run `passport registry bind-key`", "下一步：对方运行 `passport registry bind-key`"),
    "anchor.done": (
        "checkpoint {seq}: {size} leaves, {state} in block {block}",
        "检查点 {seq}：{size} 个叶子，{state}，区块 {block}",
    ),
    "anchor.nothing": ("nothing new to anchor", "没有需要锚定的内容"),
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
    "registry.calldata": (
        "{what}: for another account to send on {chain}; nothing was sent",
        "{what}：由其他账户在 {chain} 上发送；此处未发送任何内容",
    ),
    "registry.accredited": ("{account} may register legal entities", "{account} 可登记法人"),
    "registry.ill_vouched": (
        "nobody vouches for the entity that is to answer for this registrar: {reason}",
        "无人为将对该登记机构负责的法人担保：{reason}",
    ),
    "registry.freed": (
        "{issuer_id} is annulled; its identifier is free for another registration",
        "{issuer_id} 已作废；其标识可重新登记",
    ),
    "registry.annulled": (
        "an earlier registration of that identifier is annulled: {issuer_id}",
        "该标识较早的登记已作废：{issuer_id}",
    ),
    "registry.controlled": ("controlled by {controller}", "控制账户为 {controller}"),
    "registry.vetoes": (
        "a recovery is pending, and handing over refuses it",
        "有待定的控制权恢复，移交即为否决",
    ),
    "registry.is_contract": (
        "{address} is a contract: it must be able to send calls, or the entity has no controller any more",
        "{address} 是合约：它必须能发送调用，否则该法人将失去控制账户",
    ),
    "registry.unused": (
        "{address} has no code and never sent anything: is it the right one, and does somebody hold its key?",
        "{address} 没有代码，也从未发送交易：地址是否正确，是否有人持有其密钥？",
    ),
    "registry.link_requested": ("agreed to be, unconfirmed", "已同意、未确认的同一法人"),
    "registry.office": ("registrar (by, since, bad from)", "登记机构（认可者、起、失信起）"),
    "registry.organisation_key": ("organisation key (for)", "机构密钥（为）"),
    "log.mirrored": (
        "the copy is signed by us and not by its issuer: give their `checkpoint` file to keep their signature",
        "该副本由本方而非签发方签名：提供对方的 `checkpoint` 文件可保留其签名",
    ),
    "log.not_asked": (
        "which registration is in force cannot be asked; {issuer_id} is the only one with a log here: {problem}",
        "无法向链查询哪项登记有效；此处仅有 {issuer_id} 的日志：{problem}",
    ),
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
    "who.recovery": ("  recovery     {text}", "  控制权恢复   {text}"),
    "who.unanswered": (
        "nobody is shown to answer for this passport: {check}: {reason}",
        "无法表明有人对该护照负责：{check}：{reason}",
    ),
    "who.several": (
        "other passports are filed under the same id, asked for by their digests: {digests}",
        "另有护照使用同一标识，可按摘要查询：{digests}",
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
}

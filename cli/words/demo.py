"""The demonstration."""

from __future__ import annotations

from typing import Final

DEMO: Final[dict[str, tuple[str, str]]] = {
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
}

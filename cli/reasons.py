"""Fixed sentences of the verifier in Chinese: reasons that hold no names or amounts, and what each note is about.

The verifier speaks English, and so do reports in JSON. A sentence that is not here is shown as it is.
"""

from __future__ import annotations

import re
from typing import Final

from cli.catalogue import WORDS, Language, word

_REASONS: Final[dict[str, str]] = {
    # Skipped: the whole list of docs/checks.md.
    "nothing in this audit draws on it": "本次审计中无人使用它",
    "an imported footprint covers no stated quantity": "导入的足迹未声明覆盖数量",
    "an imported footprint is signed by nobody": "导入的足迹无人签名",
    "no ceiling of the ledger's own footprint is declared": "未声明账本自身足迹的上限",
    "no row states a delivery": "没有任何行声明交付",
    # Status and log.
    "revoked": "已撤销",
    "suspended": "已暂停",
    "not revoked": "未撤销",
    "not suspended": "未暂停",
    "corrected": "已更正",
    "not corrected": "未更正",
    "the state is too old": "链状态过旧",
    "the leaf is in no checkpoint that counts": "该叶子不在任何有效检查点中",
    "no trust file says which chain counts": "没有信任文件说明以哪条链为准",
    "not the chain in the trust file": "不是信任文件中的链",
    "the chain's state is not at hand": "手头没有链状态",
    "no inclusion proof at hand": "手头没有入链证明",
    "not anchored: the issuer's log does not reach that index": "未锚定：签发方日志尚未到达该序号",
    "the log belongs to another entity than the one that signed": "日志属于另一主体，而非签名者",
    "the checkpoints after the leaf are not at hand": "手头没有该叶子之后的检查点",
    "consistency proofs are missing": "缺少一致性证明",
    "the signing time is not proven": "签名时间未获证明",
    # The ledger's own footprint.
    "understated: the ceiling is below the least that the chain proves": "低报：上限低于链上所能证明的最小值",
    "the account that the profile is of begins after the passport was anchored": "该链画像的时段始于护照锚定之后",
    "the profile that the ceiling names is not known here": "此处不认识该上限所引用的链画像",
    "no profile of this chain is known here": "此处没有这条链的画像",
    "the ceiling lies within the range of what was recomputed": "上限落在复算结果的区间之内",
    "the ceiling rests on the profile of another chain": "该上限依据的是另一条链的画像",
    "the checkpoint has fewer leaves than the ceiling assumes": "检查点的叶子少于上限所假定的数量",
    # Pinned DID documents.
    "the DID document that the passport pins names another key than the one that signed": (
        "护照所钉定的 DID 文档中的密钥并非签名所用密钥"
    ),
    # Identity anchors.
    "the anchor names another registry": "凭证所指为另一登记簿",
    "nobody is registered under the id": "该编号下无人登记",
    "the registry holds another evidence hash": "登记簿所存证据哈希不同",
    "the anchor names two schemes": "凭证列明两种编号体系",
    "the entry is another legal entity's": "该条目属于另一法人",
    "the entity has another controller": "该法人的控制账户不同",
    "another registrar registered the entity": "登记该法人的是另一登记机构",
    "the registrar's account was never accredited": "登记机构的账户从未获认可",
    "what the registrar did by then is void": "登记机构当时的行为已作废",
    "a key signed that the registrar has not bound": "签名密钥未由登记机构绑定",
    "the registrar's key was not good": "登记机构的密钥当时无效",
    "no DID document of the entity is at hand": "手头没有该法人的 DID 文档",
    "the DID document lists no key that the entity has bound and is good": "DID 文档未列出该法人已绑定且有效的密钥",
    "the registration was annulled": "登记已作废",
    "the entity is suspended": "该法人被暂停",
    # Documents and keys.
    "the upstream passport is not at hand": "手头没有上游护照",
    "the passport cannot be read": "无法读取该护照",
    "the document cannot be read": "无法读取该文件",
    "the issuer's DID document is not at hand": "手头没有签发方的 DID 文档",
    "the disclosure did not pass, so there are no contents to judge": "出示内容未通过，没有可判定的内容",
    "the contents name no profile": "内容未指明所遵循的规范",
    "the contents name a profile that nobody here knows": "内容指明的规范此处不认识",
    "the contents do not follow their profile": "内容不符合其指明的规范",
    "nobody signed the presentation": "出示内容无人签名",
    "the statement that lists the rows is not at hand": "手头没有列出这些明细行的声明",
    "the holder's DID document is not at hand": "手头没有出示者的 DID 文档",
    "nobody vouches for the DID document that names the holder's key": "无人担保列出该出示者密钥的 DID 文档",
    "no DID document at hand names a key that the registry has bound to the issuer": (
        "手头的 DID 文档均未列出登记处为该签发方绑定的密钥"
    ),
    "the DID document dates the key's end, and the signing time is not proven": (
        "DID 文档载明密钥终止时间，而签名时间未获证明"
    ),
    "the signature does not hold": "签名不成立",
    "no key is proven to have signed": "无法证明由哪个密钥签名",
    "the key's own statement of its binding is not at hand": "手头没有密钥自身的绑定声明",
    "the pin is not the document's hash": "所引摘要与文件不符",
    "another document stands in its place": "其位置上是另一份文件",
    "the document has not the shape of a passport": "文件不符合护照格式",
    "pinned under another id": "以另一编号被引用",
    "a row copies what a passport of UNTP 0.6 does not state": "明细行抄录了 UNTP 0.6 护照未声明的内容",
    # Figures.
    "the statement is withheld": "声明未披露",
    "rows are withheld": "部分行未披露",
    "the statement cannot be read": "无法读取声明",
    "the rows cannot be read": "无法读取各行",
    "the components do not add up to the total": "各分量之和不等于总量",
    "total and uptake do not add up": "总量与吸收量之和不符",
    "more is exempted than PACT allows": "豁免比例超过 PACT 允许值",
    "inputs are declared missing": "声明有缺失的投入",
    "not valid at the moment that is judged": "在判定时刻无效",
    "anchored only after the moment that is judged": "在判定时刻之后才锚定",
    "two documents under one id": "同一编号下有两份文件",
    "one passport is linked to twice": "同一护照被关联两次",
    "the issuer keeps two current passports for the same product and overlapping periods": (
        "签发方就同一产品、重叠的期间持有两份现行护照"
    ),
}
_CHECKS: Final = "|".join(sorted((key.removeprefix("check.") for key in WORDS if key.startswith("check.")), key=len))
_ROW: Final = re.compile(rf"(.*): ({_CHECKS}) (passed|failed|unknown|skipped): (.*)", re.DOTALL)
_LINES: Final = (
    (re.compile(r"recomputed (\S+) of gross emissions, demanded (\S+)"), "已复算总排放的 {0}，要求 {1}"),
    (re.compile(r"and (\d+) more"), "另有 {0} 项"),
    (re.compile(r"(.*): not shown by witnesses"), "{0}：无见证人佐证"),
    (re.compile(r"(.*): contradicts what witnesses cosigned"), "{0}：与见证人附署的内容矛盾"),
    (re.compile(r"(.*): its issuer lists it as revoked or suspended"), "{0}：签发方的状态列表称其已撤销或暂停"),
    (re.compile(r"shown by witnesses alone: .*"), "仅由见证人佐证：身份、状态、锚定时间、交付与账本自身足迹均未判定"),
)
_REASON_LINES: Final = (
    (
        re.compile(r"contents and footprint: (.*): not the total that the passport computes"),
        "内容与足迹：{0}：与护照计算的总量不符",
    ),
    (
        re.compile(r"contents and footprint: (.*): not the sum of the stage's rows"),
        "内容与足迹：{0}：与该阶段各行之和不符",
    ),
    (re.compile(r"contents and footprint: (.*): no row of the stage"), "内容与足迹：{0}：该阶段没有任何行"),
    (
        re.compile(r"contents and footprint: (.*): not the mass that the passport counts with"),
        "内容与足迹：{0}：与护照所用质量不符",
    ),
    (re.compile(r"link to (\w+): (\w+) of that passport failed"), "关联（{0}）：该护照的 {1} 检查未通过"),
    (re.compile(r"several links to a (\w+)"), "多次关联 {0}"),
)
"""Sentences of the verifier that hold a place or a name."""
_NOTES: Final[dict[str, str]] = {
    "superseded": "同一日志中较新的叶子已取代它；其数值并无错误",
    "anchored_after_buyer": "锚定时间晚于采用它的护照",
    "id_claimed": "他人的文件声称使用同一编号",
    "provider_silent": "有节点未应答",
    "chain_out_of_reach": "无法访问区块链，需要链的检查未作判定",
    "providers_disagree": "节点的答复不一致",
    "bundle_age": "数据包截至其自身区块",
    "factor_gwp_unstated": "部分排放所依据的因子，其来源未说明采用哪套全球变暖潜能值",
    "delivery_not_stated": "部分以上游为依据的行未声明交付",
    "status_listed": "签发方的状态列表称其已失效；链上状态未知",
    "status_list_disagrees": "其状态列表与链上状态不一致，以链为准",
    "did_document_missing": "护照所钉定的 DID 文档不在手头",
    "did_document_differs": "同一 DID 的另一份文档与护照所钉定的不一致，以钉定的为准",
    "link_unknown": "某一关联护照不在手头、无法读取或未获证明，未作判定",
    "link_revoked": "某一关联护照已被撤回",
    "link_superseded": "某一关联护照已被较新的取代；其数值并无错误",
    "link_other_issuer": "所关联的型号或批次护照由另一签发方签发",
    "former_counted": "前一寿命的护照同时作为投入，其足迹在两次寿命中均被计入",
    "footprint_not_compared": "内容所载足迹中未能与护照比对的部分",
    "status_list_unknown": "无法据其状态列表作出判断",
    "second_hand": "导入的足迹：由引用者负责",
    "recovery_pending": "有人请求由另一账户接管控制权，尚可否决",
    "recovery_executed": "控制权已由另一账户接管",
    "recovery_vetoed": "接管控制权的请求已被否决",
    "recovery_voided": "接管控制权的请求无效：提出请求的注册机构当时已不可信",
    "organisation_key": "机构的 X.509 密钥已为其控制账户签名",
    "witnessed": "受信任的见证人已附署其所在日志",
    "not_as_witnessed": "见证人附署的日志在该叶子处是另一条目",
    "witness_unknown": "手头没有可判定它的附署日志",
    "ceiling_not_informative": "所声明的账本足迹上限过高，说明不了什么",
    "ledger_overhead_high": "账本自身足迹在产品足迹中占比过高",
    "ledger_profile_stale": "上限所依据的链画像已过时",
    "ledger_batch_stated": "上限是否成立取决于签发方自述的批量",
}


def reason_text(reason: str, language: Language) -> str:
    """A reason of the verifier in a language, as far as it has words there."""
    if language is not Language.ZH:
        return reason
    if reason in _REASONS:
        return _REASONS[reason]
    for pattern, chinese in _REASON_LINES:
        if found := pattern.fullmatch(reason):
            return chinese.format(*found.groups())
    return reason


def verdict_reason_text(line: str, language: Language) -> str:
    """One line of why a verdict is what it is, in a language; names and amounts stay as they are."""
    if language is not Language.ZH:
        return line
    if found := _ROW.fullmatch(line):
        name, check, outcome, reason = found.groups()
        said = f"{word(f'check.{check}', language)}{word(f'row.{outcome}', language)}"
        return f"{name}：{said}：{reason_text(reason, language)}"
    for pattern, chinese in _LINES:
        if found := pattern.fullmatch(line):
            return chinese.format(*found.groups())
    return line


def note_text(code: str, text: str, language: Language) -> str:
    """A note of the verifier in a language; what it says of this passport stays behind it as it is."""
    known = _NOTES.get(code) if language is Language.ZH else None
    return f"{known}（{text}）" if known else text

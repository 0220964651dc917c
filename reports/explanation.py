"""A pair in words: each comparison, its level and weight, the score, and what decided."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ..decisions import KINDS, Decision
from ..i18n import Text
from .terminal import print_json

COMPARISONS = {
    "name": Text("姓名", "name"), "phone": Text("手机号", "phone"), "email": Text("邮箱", "e-mail"),
    "workplace": Text("工作单位", "workplace"), "address": Text("地址", "address"), "place": Text("省份", "province"),
    "code": Text("信用代码", "credit code"), "company": Text("公司名称", "company name"),
    "person": Text("同一联系人", "same person"), "domain": Text("邮箱域名", "mail domain"),
    "landline": Text("座机", "landline"), "steward": Text("专员", "steward"),
    "contradiction": Text("不符之处", "told apart"),
}  # fmt: skip
LEVELS = {
    "null": Text("缺少", "missing"),
    "must_link": KINDS["must_link"].name,
    "else": Text("无关", "no evidence"),
    "same": Text("一致", "same"),
    "exact": Text("完全一致", "exact"),
    "pinyin": Text("拼音一致", "same reading"),
    "turned": Text("拼音倒序一致", "same reading, turned"),
    "homophone": Text("同音不同字", "same sound, other characters"),
    "surname_slip": Text("姓氏疑似笔误", "the surname is a slip"),
    "longer": Text("末尾多一个字", "one character more behind"),
    "one_character": Text("差一个字", "one character differs"),
    "mail_name": Text("邮箱拼出对方姓名", "the e-mail spells the other's name"),
    "mail_name_differs": Text("邮箱拼出别的姓名", "the e-mail spells another name"),
    "colleague": Text("单位一致（无姓名）", "same workplace, no name"),
    "unnamed_elsewhere": Text("单位不同（无姓名）", "another workplace, no name"),
    "unnamed": Text("一致（无姓名）", "same, no name"),
    "office": Text("一致（同一单位）", "same, at the same workplace"),
    "slip": Text("有一处差别", "one slip"),
    "sounds": Text("读音相近", "sounds alike"),
    "near_pinyin": Text("拼音差一处", "reading one slip apart"),
    "surname_fits": Text("姓氏相符", "surname fits"),
    "surname_differs": Text("姓氏不同", "surname differs"),
    "latin_differs": Text("拼音不符", "readings differ"),
    "different": Text("不同", "different"),
    "partial": Text("残缺值相符", "partial value fits"),
    "partial_conflict": Text("残缺值不符", "partial value conflicts"),
    "in_mail": Text("对方邮箱以此手机号命名", "the number names the other's mailbox"),
    "same_local": Text("@ 前一致", "same before the @"),
    "extension": Text("座机与分机一致", "same landline and extension"),
    "code": Text("信用代码一致", "same credit code"),
    "company": Text("公司一致", "same company"),
    "domain": Text("企业邮箱域名一致", "same mail domain"),
    "landline": Text("座机一致", "same landline"),
    "brand": Text("字号一致", "same brand"),
    "organisation": Text("组织机构代码一致", "same organisation code"),
    "same_in_place": Text("全称与省份一致", "same whole name and province"),
    "core_in_place": Text("字号、行业、省份一致", "same brand, industry and province"),
    "core_bracketed": Text("字号、行业、括号内地区一致", "same brand, industry and place in brackets"),
    "core_region": Text("字号、行业、地区一致", "same brand, industry, place"),
    "core": Text("字号、行业一致", "same brand and industry"),
    "core_elsewhere": Text("字号行业一致但地区不同", "same brand and industry, other place"),
    "spelling": Text("字号一致，其余差一字或同音", "same brand, one slip or same sound in the rest"),
    "brand_in_place": Text("字号与省份一致", "same brand and province"),
    "brand_elsewhere": Text("字号一致但地区不同", "same brand, other place"),
    "near": Text("名称相近", "similar names"),
    "romanised_in_place": Text("中英文同一字号，省份一致", "one brand in two scripts, same province"),
    "romanised": Text("中英文同一字号", "one brand in two scripts"),
    "renamed": Text("名称不同，信用代码一致", "other name, same credit code"),
    "branch_or_parent": Text("简称与分支机构", "a short name and a branch"),
    "same_elsewhere": Text("一致但省份不同", "same, other province"),
    "spells": Text("拼出对方字号", "spells the other's brand"),
    "script": Text("中英文名称，无从比较", "one Chinese, one Latin name"),
    "sibling": Text("同一集团的不同公司", "another company of the group"),
    "branch": Text("总公司与分支机构", "parent and branch"),
    "kind": Text("机构类别不同", "another kind of body"),
    "district": Text("区县（或其后的地名）不同", "another district, or further place"),
    "place": Text("公共机构所在地不同", "public bodies of two places"),
    "ordinal": Text("序号不同", "another ordinal"),
    "fuller": Text("公共机构，仅一方写明地区或序号", "public bodies, place or ordinal given by one only"),
    "body": Text("组织类别不同", "another kind of organisation"),
    "variant": Text("繁体用字不同", "another traditional character"),
    "industry": Text("行业用词不同", "another trade"),
    "wider_place": Text("名称中的地区不同", "another place in the name"),
    "city": Text("同一招牌，不同城市", "one sign in two cities"),
    "site": Text("同一招牌，不同地址", "one sign at two addresses"),
    "reach": Text("联系人未读取，手机或邮箱不同", "persons not read; phone or e-mail differ"),
    "mask": Text("掩码外的字不同", "a visible character of the masked name differs"),
    "mask_length": Text("掩码姓名的字数不同", "the masked name has another length"),
    "workplace": Text("单位名称有不符之处", "the companies' names are told apart"),
    "unread": Text("联系人未读取", "persons not read"),
}
TITLES = {"contact": Text("同一联系人？", "Same person?"), "account": Text("同一公司？", "Same company?")}


def in_words(comparison: str, level: str) -> str:
    """「手机号 一致」."""
    return f"{COMPARISONS.get(comparison, comparison)!s} {LEVELS.get(level, level)!s}"


def verdict(explained: Any, duplicate: float, auto: float) -> Text:
    """What the score means, and why not, where it is not a duplicate."""
    same = (
        Text("是同一公司", "the same company") if explained.level == "account" else Text("是同一人", "the same person")
    )
    if explained.decision is not None:
        return _decided(explained.decision, same)
    if explained.score >= duplicate and explained.together is False:
        return Text(
            "得分达标，但与组内其他记录矛盾，未归为一组",
            "scored as the same, but kept apart: the group would contradict itself",
        )
    if explained.score >= auto:
        return Text(f"{same.zh}，无需人工", f"{same.en}, no human needed")
    if explained.score >= duplicate:
        return Text(f"很可能{same.zh}，待人工复核", f"probably {same.en}, to be reviewed")
    if explained.together:
        return Text(
            f"{same.zh}：这两条依据不足，由组内其他记录或决定连在一起",
            f"{same.en}: held together by other records or decisions of the group",
        )
    against = [f for f in explained.findings if f.weight < 0]
    if against:
        worst = min(against, key=lambda f: f.weight)
        why = in_words(worst.comparison, worst.level)
        return Text(f"不合并：{why}", f"not merged: {why}")
    return Text("不合并：依据不足", "not merged: too little evidence")


def _decided(decision: Decision, same: Text) -> Text:
    """Who decided the pair, when, and what. same: what the two would be."""
    who, day = decision.by, f"{decision.at:%Y-%m-%d}"
    if decision.kind == "set_aside":
        return Text(f"已由 {who}（{day}）搁置，不参与归组", f"set aside by {who} ({day}): joins nobody")
    zh, en = (same.zh.removeprefix("是"), same.en)
    if decision.kind != "must_link":
        return Text(f"已由 {who}（{day}）判为不是{zh}", f"decided by {who} ({day}): not {en}")
    return Text(f"已由 {who}（{day}）判为{zh}", f"decided by {who} ({day}): {en}")


def print_explanation(explained: Sequence[Any], duplicate: float, auto: float, form: str) -> None:
    """Print the explanations of both levels."""
    if form == "json":
        rows = [
            {"level": e.level, "prior": e.prior, "score": e.score, "blocks": e.blocks, "verdict": str(verdict(e, duplicate, auto)),
             "comparisons": [f._asdict() for f in e.findings]}
            for e in explained
        ]  # fmt: skip
        print_json(rows)
        return
    for one in explained:
        _print_level(one, duplicate, auto)


def _print_level(explained: Any, duplicate: float, auto: float) -> None:
    table = Table(title=str(TITLES[explained.level]), title_justify="left", show_footer=True)
    table.add_column(str(Text("比较项", "comparison")), footer=str(Text("得分", "score")))
    table.add_column(str(Text("结论", "level")), footer=str(verdict(explained, duplicate, auto)))
    table.add_column(str(Text("权重（log2）", "weight (log2)")), justify="right", footer=f"{explained.score:.4f}")
    table.add_row(str(Text("起点", "prior")), str(Text("任取两条记录", "any two records")), f"{explained.prior:+.1f}")
    for finding in explained.findings:
        name, level = COMPARISONS.get(finding.comparison, finding.comparison), LEVELS.get(finding.level, finding.level)
        table.add_row(str(name), str(level), f"{finding.weight:+.1f}" if finding.weight else "0")
    console = Console()
    console.print(table)
    met = "、".join(explained.blocks) or str(Text("无（不会被放在一起比较）", "none (the two are never compared)"))
    console.print(str(Text("共同的分块键：", "Shared blocking keys: ")) + met)

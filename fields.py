"""Every field of a customer, each said once, in the order in which people see them.

From it are made: the columns of `record`, what a header can mean, what golden records are made of, headings, masks, the columns of
page and workbook, the names that a configuration may use, and the tables of the documents. Those of plug-ins come last.
"""

import re
from dataclasses import replace
from datetime import datetime

from .field import TEXT, TIME, Field
from .i18n import Text
from .plugins import load_named

__all__ = ["BY_NAME", "FIELDS", "GOLDEN_FIELDS", "MAPPED_FIELDS", "PLUGGED", "TEXT", "TIME", "Field", "text_of"]

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"  # of a time as a text
PLUGGED_FROM = 1000  # the place in `record` of the first column that a plug-in adds

_OWN: tuple[Field, ...] = (
    Field("source_record_id", Text("编号", "number"), "来源系统中的编号", "the CRM's own number", "plain", golden=False, searched=True),
    Field("person_name", Text("联系人", "person"), "联系人", "person's name without titles and notes", "person_name",
          mask="person", contested=True, identifies=True, searched=True),
    Field("title", Text("称谓", "title"), "称谓", "title or role split off the name", "plain", "name", mask="text", added=3),
    Field("company_name", Text("客户名称", "company"), "客户名称", "company name", "company_name", "name",
          mask="public", contested=True, company=True, identifies=True, searched=True),
    Field("credit_code", Text("信用代码", "credit code"), "统一社会信用代码",
          "unified social credit code, 18 characters (GB 32100-2015)", "credit_code",
          mask="public", contested=True, company=True, identifies=True, searched=True),
    Field("phone", Text("手机号", "phone"), "手机号", "first valid phone, E.164", "phone",
          mask="phone", contested=True, identifies=True, searched=True),
    Field("phone_extension", Text("分机", "extension"), "手机号列的分机", "extension found in the phone cell", of="phone", added=4),
    Field("landline", Text("座机", "landline"), "座机", "landline without extension, E.164", "phone",
          mask="phone", company=True, identifies=True, searched=True),
    Field("landline_extension", Text("座机分机", "desk"), "座机分机", "extension of the landline",
          of="landline", company=True, added=9),
    Field("email", Text("邮箱", "e-mail"), "邮箱", "e-mail, lower case", "email",
          mask="mail", contested=True, identifies=True, searched=True),
    Field("address", Text("地址", "address"), "地址", "address", "address", "name", mask="address", company=True),
    Field("province", Text("省份", "province"), "省份", "province, short form", "province", "name", company=True),
    Field("city", Text("城市", "city"), "城市", "city, short form: own column or taken from the address", "city", "name",
          company=True, added=1),
    Field("owner", Text("负责人", "owner"), "负责人", "owner or team in the CRM", "plain", "name"),
    Field("channel", Text("渠道", "channel"), "渠道", "lead channel as the CRM names it", "plain", "name", added=2),
    Field("created_at", Text("创建时间", "created"), "创建时间", "created, local time", "date", survivorship="earliest", dtype=TIME),
    Field("updated_at", Text("更新时间", "updated"), "最后更新时间", "last updated, local time", "date", dtype=TIME),
    Field("phone_kind", Text("号码类型", "phone kind"), "号码类型", "mobile, landline, service, foreign, …", golden=False, added=5),
    Field("phone_region", Text("归属地", "phone region"), "归属地", "where the number was issued", golden=False, added=6),
    Field("phone_partial", Text("残缺号码", "partial phone"), "残缺号码", "masked number such as 138****1234, partial evidence",
          mask="public", golden=False, identifies=True, added=7),
    Field("phone_others", Text("其他号码", "other phones"), "其他号码",
          "further numbers of the row, E.164, comma separated",
          "numbers", mask="phone", golden=False, searched=True, added=8),
    Field("longitude", Text("经度", "longitude"), "经度", "longitude as the table has it", "plain", company=True, added=10),
    Field("latitude", Text("纬度", "latitude"), "纬度", "latitude as the table has it", "plain", company=True, added=11),
    Field("company_size", Text("公司规模", "company size"), "公司规模", "number or band of employees", "plain", company=True, added=12),
    Field("customer_status", Text("客户状态", "customer status"), "客户状态", "status or stage in the CRM", "plain", "name", added=13),
    Field("campaign_id", Text("活动编号", "campaign"), "活动编号", "campaign that brought the customer", "plain", added=14),
    Field("first_touch_at", Text("首次触达", "first touch"), "首次触达时间", "first contact, local time", "date",
          survivorship="earliest", added=15, dtype=TIME),
    *(Field(f"utm_{part}", Text(f"UTM {zh}", f"UTM {part}"), f"UTM {zh}", f"UTM {part} of the first visit", "plain", added=added)
      for added, (part, zh) in enumerate((("source", "来源"), ("medium", "媒介"), ("campaign", "活动"), ("term", "关键词"),
                                          ("content", "内容")), 16)),
    Field("identifiers", Text("身份标识", "identifiers"), "身份标识",
          "identity card, WeChat, OpenID, member card …: `kind:value`, comma separated",
          "identifiers", mask="identifiers", golden=False, identifies=True, searched=True, added=21),
    Field("email_others", Text("其他邮箱", "other e-mails"), "其他邮箱", "further addresses of the row, lower case, comma separated",
          "mails", mask="mail", golden=False, searched=True, added=22),
)  # fmt: skip


def _why_not(name: str, _: Field) -> Text | None:
    """What is wrong with the name of a plug-in's field; its kind, strategy and column are asked where they are known."""
    wrong = Text("字段名应为小写字母、数字和下划线", "a field is named in lower case letters, digits and _")
    return None if re.fullmatch("[a-z][a-z0-9_]{0,60}", name) else wrong


# What plug-ins add: columns of `record` and of `feature`.
PLUGGED: tuple[Field, ...] = tuple(
    replace(field, added=PLUGGED_FROM + place)
    for place, field in enumerate(load_named("fields", Field, _why_not, {own.name for own in _OWN}).values())
)
FIELDS = (*_OWN, *PLUGGED)
BY_NAME = {field.name: field for field in FIELDS}
GOLDEN_FIELDS = tuple(field.name for field in FIELDS if field.golden)
MAPPED_FIELDS = tuple(field.name for field in FIELDS if field.kind)  # what a header can mean


def text_of(value: object) -> str | None:
    """A cell of `record` as golden values, decisions and plans write it: a time in ISO form, to the second."""
    return value.strftime(TIME_FORMAT) if isinstance(value, datetime) else None if value is None else str(value)

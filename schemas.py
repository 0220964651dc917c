"""Every table that crosses a border between rooms, column by column.

The store's DDL, the pandera contracts and docs/*/tables.md are all made from these declarations, so that a
table is described once. `history.<name>` carries `run_id` in front for the tables that are kept per run.
"""

from dataclasses import dataclass, field

import polars as pl

from .custom_columns import is_custom
from .decisions import KINDS, LEVELS
from .fields import BY_NAME, FIELDS, GOLDEN_FIELDS, PLUGGED, TIME
from .i18n import Text
from .plugins import load_named
from .side_tables import SideTable, side_tables

SCHEMA_VERSION = 4

STRING, INT, FLOAT, BOOL = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()


@dataclass(frozen=True)
class Column:
    """`zh`/`en` say what is in it; `clock` marks what may differ between two equal runs."""

    name: str
    zh: str
    en: str
    dtype: pl.DataType = STRING
    required: bool = False
    json: bool = False
    clock: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """`key` orders exports and is unique within a run; empty where rows may repeat (then all columns order)."""

    name: str
    about: Text
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    per_run: bool = True
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(c.name for c in self.columns))

    @property
    def polars(self) -> pl.Schema:
        return pl.Schema({c.name: c.dtype for c in self.columns})

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.polars)

    def conform(self, frame: pl.DataFrame, /, **given: pl.Expr) -> pl.DataFrame:
        """The frame with exactly this table's columns, in order and type: those given, else its own; a missing one becomes null."""
        if not given and frame.schema == self.polars:
            return frame
        cells = {name: pl.col(name) for name in frame.columns} | given
        return frame.select(cells.get(c.name, pl.lit(None)).cast(c.dtype).alias(c.name) for c in self.columns)


KEY = Column("record_key", "记录键（稳定）", "stable key of the record", required=True)
SOURCE_ID = Column("source_record_id", BY_NAME["source_record_id"].zh, BY_NAME["source_record_id"].en)
RULE = Column("rule", "规则编号", "public rule id, `area.rule`", required=True)
LEVEL = Column("level", "层级", "`contact` (person) or `account` (company)", required=True, choices=LEVELS)

RUN = Table(
    "run",
    Text("每次运行一行", "one row per run"),
    (
        Column("run_id", "运行编号", "id of the run: number and content hash", required=True),
        Column("pipeline", "流水线", "which pipeline ran", required=True),
        Column("status", "状态", "`published`", required=True),
        Column("started_at", "开始时间（UTC）", "start, UTC", TIME, required=True, clock=True),
        Column("finished_at", "结束时间（UTC）", "end, UTC", TIME, clock=True),
        Column("rows_read", "读入行数", "rows read", INT, required=True),
        Column("rows_clean", "干净行数", "rows in `record`", INT, required=True),
        Column("rows_quarantined", "隔离行数", "rows in `quarantine`", INT, required=True),
        Column("config_hash", "配置哈希", "hash of the resolved configuration", required=True),
        Column("rules_hash", "清洗配置哈希", "hash of what cells are read and cleaned by", required=True),
        Column("input_hash", "输入哈希", "hash of the input files", required=True),
        Column("version", "guiyi 版本", "version of guiyi", required=True),
        Column("number", "序号", "number of the run, counted from 1", INT, required=True),
        Column(
            "mode", "方式", "`whole`, or `incremental`: only what today's rows touch", choices=("whole", "incremental")
        ),
        Column("rows_today", "今日行数", "rows in the files of this run", INT),
        Column("rows_new", "新增行数", "rows whose key was not known", INT),
        Column("rows_changed", "变化行数", "known rows whose content changed", INT),
        Column("rows_gone", "消失行数", "rows that a snapshot no longer holds", INT),
    ),
    key=("run_id",),
    per_run=False,
)

SOURCE_FILE = Table(
    "source_file",
    Text("每个读入的工作表或 CSV 一行", "one row per sheet or CSV read"),
    (
        Column("file_id", "文件编号", "id of the sheet or file in this run", required=True),
        Column("name", "文件名", "file name, without its folder", required=True),
        Column("sheet", "工作表", "sheet; null for CSV"),
        Column("sha256", "内容哈希", "hash of the file's bytes", required=True),
        Column("bytes", "字节数", "size of the file", INT, required=True),
        Column("format", "格式", "csv, xlsx, xls, …", required=True),
        Column("encoding", "编码", "encoding that decoded the file; null for workbooks"),
        Column("header_row", "表头行号", "row number of the header (1-based; the last of several)", INT),
        Column("rows", "行数", "rows read: records and rows set aside", INT, required=True),
        Column("source", "来源名", "source name, part of the record key", required=True),
        Column(
            "mapping",
            "列映射",
            "header → field, of which several columns may be parts; null: kept in `extra` only",
            json=True,
        ),
        Column(
            "day_first", "日期先日后月", "dates written day first (true) or month first (false); null: not known", BOOL
        ),
    ),
    key=("file_id",),
)

RAW_RECORD = Table(
    "raw_record",
    Text("读入的每一行，所有列，原文", "every row as read, every column, as text"),
    (
        KEY,
        Column("file_id", "文件编号", "the file it came from", required=True),
        Column("row_number", "行号", "row in the sheet or line in the file, 1-based", INT, required=True),
        Column("values", "原始值", "header → cell text as read", required=True, json=True),
    ),
    key=("record_key",),
)

# The fields of a customer, in the order of `record`. What a survivor is made of.
RECORD = Table(
    "record",
    Text("每个干净的行", "one row per clean row"),
    (
        KEY,
        Column("source", "来源名", "source name", required=True),
        SOURCE_ID,
        *(Column(f.name, f.zh, f.en, f.dtype) for f in FIELDS if not f.added and f.name != SOURCE_ID.name),
        Column("extra", "其他列", "unmapped columns, cleaned: header → text", json=True),
        *(Column(f.name, f.zh, f.en, f.dtype) for f in sorted(FIELDS, key=lambda f: f.added) if f.added),
    ),
    key=("record_key",),
)

CELL_CHANGE = Table(
    "cell_change",
    Text("对单元格所做的每个改动", "every change made to a cell"),
    (
        KEY,
        SOURCE_ID,
        Column("field", "字段", "field, or the header of an unmapped column", required=True),
        RULE,
        Column("before", "改前", "cell before the rule"),
        Column("after", "改后", "cell after the rule; null: nothing meaningful was left"),
        Column("step", "次序", "order of the changes of one cell", INT, required=True),
    ),
    key=("record_key", "field", "step"),
)

SEVERITIES = ("error", "warning", "info")
FINDING = Table(
    "finding",
    Text("规则对单元格、行或文件的意见", "a rule's complaint about a cell, row or file"),
    (
        Column("record_key", "记录键", "the record; null for a file's finding"),
        SOURCE_ID,
        Column("field", "字段", "field or header; null for a row's finding"),
        RULE,
        Column("severity", "严重程度", "error, warning, info", required=True, choices=SEVERITIES),
        Column("value", "值", "the cell as read"),
        Column("message", "说明", "what is wrong", required=True),
        Column("suggestion", "建议", "what would mend it"),
        Column("file_id", "文件编号", "the file"),
        Column("row_number", "行号", "row in the sheet or line in the file", INT),
    ),
)

QUARANTINE = Table(
    "quarantine",
    Text("被隔离的行及原因", "rows set aside, with the reason"),
    (KEY, SOURCE_ID, Column("reason", "原因", "why", required=True), RULE),
    key=("record_key",),
)

PAIR = Table(
    "pair",
    Text("达到复核线的记录对", "scored pairs at or above the review floor"),
    (
        LEVEL,
        Column("record_key_l", "记录甲", "the smaller key", required=True),
        Column("record_key_r", "记录乙", "the larger key", required=True),
        Column("score", "得分", "probability that the two are the same", FLOAT, required=True),
        Column("reasons", "依据", "comparison → level and weight (log2 odds)", required=True, json=True),
        Column("phone_agree", "手机号一致", "a number of one is a number of the other; null: one has none", BOOL),
        Column(
            "name_similarity",
            "名称拼音相似度",
            "Jaro-Winkler of the readings of person or brand, 0..1; null: one has none",
            FLOAT,
        ),
        Column(
            "code_link",
            "信用代码关联",
            "credit codes, or the organisation codes in them, are equal; null: one has none",
            BOOL,
        ),
    ),
    key=("level", "record_key_l", "record_key_r"),
)

DUPLICATE_GROUP = Table(
    "duplicate_group",
    Text("两条及以上记录的重复组", "groups of two or more records"),
    (
        LEVEL,
        Column("group_id", "组编号", "hash of the members", required=True),
        Column("entity_id", "实体编号", "stable across nights", required=True),
        Column("size", "记录数", "records in the group", INT, required=True),
        Column(
            "band",
            "区间",
            "`auto`: no human needed; `review`: a steward decides",
            required=True,
            choices=("auto", "review"),
        ),
        Column(
            "action",
            "动作",
            "`merge`, or `link` (same company, records stay)",
            required=True,
            choices=("merge", "link"),
        ),
        Column(
            "score_min", "最弱得分", "score of the weakest link that holds the group together", FLOAT, required=True
        ),
        Column(
            "weakest_link", "最弱连接", "the two record keys of that link and its reasons", required=True, json=True
        ),
    ),
    key=("level", "group_id"),
)

ENTITY_MEMBER = Table(
    "entity_member",
    Text("记录与实体的对应（含单条）", "record and entity, singletons too"),
    (LEVEL, Column("entity_id", "实体编号", "the entity", required=True), KEY, SOURCE_ID),
    key=("level", "record_key"),
)

MERGE_PLAN = Table(
    "merge_plan",
    Text("待合并的组", "one row per group to merge"),
    (
        Column("plan_id", "方案编号", "hash of group and survivor", required=True),
        Column("group_id", "组编号", "the duplicate group", required=True),
        Column("survivor_record_key", "保留记录", "the record that stays", required=True),
        Column(
            "status",
            "状态",
            "`ready` (auto band), `review`, or `applied`",
            required=True,
            choices=("ready", "review", "applied"),
        ),
    ),
    key=("plan_id",),
)

GOLDEN_VALUE = Table(
    "golden_value",
    Text(
        "黄金记录的字段及来历：合并的组，以及只做关联的公司",
        "a field of a golden record, of a merged group or a linked company, and its origin",
    ),
    (
        Column("entity_id", "实体编号", "the entity", required=True),
        Column(
            "field",
            "字段；其他列写作 `extra:` 加表头；只做关联的公司另有 `contacts`：每位联系人的一条记录",
            "field of `record`; `extra:` and the header of an unmapped column; `contacts` of a linked company: a record of each person",
            required=True,
        ),
        Column("value", "取值", "the value that won", required=True),
        Column("record_key", "来源记录", "the record it came from", required=True),
        RULE,
        Column("alternatives", "落选值", "values that lost, with their records", required=True, json=True),
    ),
    key=("entity_id", "field"),
)

DECISION = Table(
    "decision",
    Text("数据专员的决定（跨运行保留）", "a steward's word, kept across runs"),
    (
        Column("decision_id", "决定编号", "id", required=True),
        LEVEL,
        Column("kind", "类型", "must_link, cannot_link, …", required=True, choices=tuple(KINDS)),
        Column(
            "record_keys", "记录", "the records it speaks of; of a split, a list per part", required=True, json=True
        ),
        Column("by", "何人", "who", required=True),
        Column("at", "何时（UTC）", "when, UTC", TIME, required=True, clock=True),
        Column("note", "备注", "why"),
        Column("detail", "细节", "what is chosen (field, value, record), or the decision taken back", json=True),
        Column("sequence", "次序", "order in which it was said; the later word wins", INT, required=True),
    ),
    key=("decision_id",),
    per_run=False,
)

DECISION_STATUS = Table(
    "decision_status",
    Text(
        "有效的 must_link、cannot_link、split 在本次运行中的情况",
        "how each must_link, cannot_link and split in force stands",
    ),
    (
        Column("decision_id", "决定编号", "the decision", required=True),
        LEVEL,
        Column(
            "status",
            "情况",
            "`kept`; `contradicted`: kept, but new evidence speaks against it; `idle`: its records are gone, or later words overrule it",
            required=True,
            choices=("kept", "contradicted", "idle"),
        ),
        Column("score", "得分", "score of its records now", FLOAT),
        Column("basis", "当时得分", "score when a run first kept it", FLOAT),
        Column("conflict", "是否矛盾", "identities of its records contradict each other now", BOOL),
        Column("basis_conflict", "当时是否矛盾", "… and when a run first kept it", BOOL),
    ),
    key=("decision_id",),
)

FIELD_EVENT = Table(
    "field_event",
    Text(
        "已有记录的字段值在各次运行中的改动（跨运行保留）",
        "values of known rows that changed between runs, kept across runs",
    ),
    (
        Column("run_id", "运行编号", "the run", required=True),
        Column("table_name", "表", "`record`, or a table beside the customers", required=True),
        KEY,
        Column("source", "来源名", "source name", required=True),
        Column("source_record_id", "编号", "the row's own number"),
        Column("field", "字段", "field", required=True),
        Column("before", "改前", "the value before; null: there was none"),
        Column("after", "改后", "the value now; null: it is gone"),
    ),
    key=("run_id", "table_name", "record_key", "field"),
    per_run=False,
)

ENTITY_EVENT = Table(
    "entity_event",
    Text("实体在各次运行中的变化（跨运行保留）", "what happened to entities in each run, kept across runs"),
    (
        Column("run_id", "运行编号", "the run", required=True),
        LEVEL,
        Column("entity_id", "实体编号", "the entity", required=True),
        Column(
            "kind",
            "变化",
            "new, grew, shrank, changed, split, split_off, merged, gone; what is not named went on unchanged",
            required=True,
            choices=("new", "grew", "shrank", "changed", "split", "split_off", "merged", "gone"),
        ),
        Column("detail", "细节", "records by entity: `to` whom they went, `from` whom they came", json=True),
    ),
    key=("run_id", "level", "entity_id"),
    per_run=False,
)

APPLIED_MERGE = Table(
    "applied_merge",
    Text("已执行的合并（跨运行保留，撤销即删除）", "merges that were applied, until undone; kept across runs"),
    (
        Column("group_id", "组编号", "the group that was merged", required=True),
        LEVEL,
        Column("entity_id", "实体编号", "its entity", required=True),
        Column("run_id", "运行编号", "the run that planned it", required=True),
        Column("plan_hash", "方案哈希", "the plan file it was applied from", required=True),
        Column("survivor_record_key", "保留记录", "the record that stayed", required=True),
        Column("loser_record_keys", "被合并记录", "the records that were merged into it", required=True, json=True),
        Column("status_before", "执行前状态", "status of the plan before: what an undo restores", required=True),
        Column("at", "何时（UTC）", "when, UTC", TIME, required=True, clock=True),
        Column("by", "何人", "who", required=True),
    ),
    key=("group_id",),
    per_run=False,
)

GOLDEN_RECORD = Table(
    "golden_record",
    Text("已执行合并的黄金记录（跨运行保留）", "golden records of applied merges, kept across runs"),
    (
        Column("group_id", "组编号", "the merge", required=True),
        Column("entity_id", "实体编号", "the entity", required=True),
        Column("field", "字段", "field of `record`", required=True),
        Column("value", "取值", "the value written", required=True),
        Column("before", "改前", "the survivor's own value before"),
        Column("record_key", "来源记录", "the record the value came from", required=True),
        RULE,
    ),
    key=("group_id", "field"),
    per_run=False,
)

CROSSWALK = Table(
    "crosswalk",
    Text(
        "来源编号与身份标识 → 实体与保留记录（跨运行保留）",
        "source number and identifiers → entity and survivor, of applied merges",
    ),
    (
        KEY,
        Column("source", "来源名", "source name", required=True),
        SOURCE_ID,
        LEVEL,
        Column("entity_id", "实体编号", "the entity", required=True),
        Column("survivor_record_key", "保留记录", "the record that stays", required=True),
        Column("survivor_source_record_id", "保留记录编号", "the survivor's number in its source"),
        Column("group_id", "组编号", "the merge", required=True),
        Column("identifiers", BY_NAME["identifiers"].zh, "by which the record is known elsewhere, as in `record`"),
    ),
    key=("level", "record_key"),
    per_run=False,
)

METRIC = Table(
    "metric",
    Text("质量报告的数字", "figures of the quality report"),
    (
        Column("name", "指标", "metric", required=True),
        Column("scope", "范围", "field, level or rule; `run` for the whole", required=True),
        Column("value", "值", "value", FLOAT),
        Column("baseline", "基线", "value of the run before", FLOAT),
        Column("status", "状态", "ok, warning, none", required=True),
        Column("numerator", "分子", "of a figure of a pack: what is counted", FLOAT),
        Column("denominator", "分母", "of how many", FLOAT),
        Column("unit", "单位", "share, count, days, ratio, …"),
        Column("population", "统计范围", "what numerator and denominator are counted over"),
        Column("pack", "规则包", "the pack that the figure is of"),
    ),
    key=("name", "scope"),
)

STAGE = Table(
    "stage",
    Text("每个阶段的耗时与行数", "seconds and rows of each stage"),
    (
        Column("position", "次序", "order", INT, required=True),
        Column("name", "阶段", "stage", required=True),
        Column("rows", "行数", "rows out", INT),
        Column("seconds", "秒", "wall seconds", FLOAT, clock=True),
    ),
    key=("position",),
)

AUDIT_EVENT = Table(
    "audit_event",
    Text("谁在何时做了什么（跨运行保留）", "who did what, kept across runs"),
    (
        Column("at", "何时（UTC）", "when, UTC", TIME, required=True, clock=True),
        Column("by", "何人", "who", required=True, clock=True),
        Column("action", "动作", "what", required=True),
        Column("detail", "细节", "details, without personal data", json=True),
    ),
    per_run=False,
)

# What rules hand to dedup, kept so that new rows can be matched and pairs explained without cleaning everything again.
FEATURE = Table(
    "feature",
    Text(
        "每条记录用于比对的形式；空值表示没有这项依据",
        "the forms in which a record is compared; null: no such evidence",
    ),
    (
        KEY,
        Column("name_kind", "姓名类型", "full, surname, masked, latin"),
        Column("name", "姓名（简体）", "full name, simplified hanzi"),
        Column("surname", "姓", "surname"),
        Column("pinyin", "姓名拼音", "reading of the name, joined, surname first"),
        Column("pinyin_turned", "姓名拼音（倒序）", "a Latin name read the other way round"),
        Column("latin", "拉丁字母姓名", "Latin name, lower case"),
        Column("phone", "手机号", "personal number, E.164"),
        Column("phone_partial", "残缺号码", "138****1234"),
        Column("email", "邮箱", "e-mail"),
        Column("email_partial", "残缺邮箱", "cleaned, but not valid"),
        Column("mail_name", "邮箱中的姓名拼音", "reading of the name that the e-mail address spells"),
        Column("domain", "企业邮箱域名", "the company's own mail domain; null for public providers"),
        Column("landline", "座机", "landline, E.164"),
        Column("landline_extension", "分机", "extension"),
        Column("code", "信用代码", "valid unified social credit code"),
        Column("org_code", "组织机构代码", "its GB 11714 part"),
        Column("code_partial", "残缺代码", "cleaned, but not valid"),
        Column("company_key", "公司名称（比对用）", "company name without blanks, brackets and script differences"),
        Column("brand", "字号", "brand"),
        Column("brand_pinyin", "字号拼音", "reading of the brand"),
        Column("industry", "行业", "industry"),
        Column("form", "组织形式", "legal form as written"),
        Column("core", "字号与行业", "brand and industry"),
        Column("core_pinyin", "字号与行业的拼音", "their reading"),
        Column("company_region", "名称前的地区", "place in front of the company name"),
        Column("company_bracket", "名称括号中的地区", "place in brackets in the company name"),
        Column("company_province", "公司所在省", "province of the company: of the place in its name, else of the row"),
        Column("company_city", "名称中的城市", "city of the place in the company name"),
        Column("company_place", "名称中的地方", "that city, else the province in the name"),
        Column("branch", "分支机构", "branch named in it, without the city before it"),
        Column("branch_city", "分支机构所在城市", "city before the branch's own name"),
        Column("company_district", "名称中的区县", "district or county, or a further place, between city and brand"),
        Column("company_kind", "机构类别", "kind of body: 公司, 医院, 小学, 协会 …"),
        Column("is_public", "是否公共机构", "of this kind a place has one of a name", BOOL),
        Column("company_ordinal", "名称中的序号", "第一, 二: numerals that count bodies"),
        Column("company_tail", "集团等字样", "集团, 控股, 股份 between brand and form"),
        Column("company_sign", "门店", "which shop of a sign, from brackets"),
        Column("company_variants", "名称中的繁体字", "signs that simplified script writes otherwise"),
        Column("province", "省份", "province"),
        Column("city", "城市", "city"),
        Column("street", "街道门牌", "address without province and city"),
        Column("phone_others", "其他号码", "further numbers, E.164, comma separated"),
        Column("longitude", "经度", "longitude, degrees", FLOAT),
        Column("latitude", "纬度", "latitude, degrees", FLOAT),
        Column("surname_percent", "姓氏占比", "share of the surname in the population, percent", FLOAT),
        Column("name_mask", "带掩码的姓名", "name with hidden characters as *: 张*明"),
        Column("readings", "其他读音", "further readings of the name, pinyin separated by blanks"),
        Column(
            "family", "姓的读音", "readings of the surname; with ? where a Latin given name tells nothing about hanzi"
        ),
        Column("nickname", "小某", "the X of 小X, a surname or the end of a given name"),
        Column(
            "shape",
            "姓名（形近字归一）",
            "name with each easily mistaken sign as the first of its group; null: it has none",
        ),
        Column("unread", "联系人未读取", "the table has a column of persons that could not be read", BOOL),
        Column("identifiers", BY_NAME["identifiers"].zh, BY_NAME["identifiers"].en),
        Column("email_others", BY_NAME["email_others"].zh, BY_NAME["email_others"].en),
        *(Column(f.name, f.zh, f.en, f.dtype) for f in PLUGGED),
    ),
    key=("record_key",),
)

_SIDE_TYPES = {
    "text": STRING,
    "time": TIME,
    "number": FLOAT,
    "yes": BOOL,
    "holder": STRING,
    "phone": STRING,
    "email": STRING,
}


def _side_table(told: SideTable) -> Table:
    """A table beside the customers (side_tables.toml), with whom each row is about."""
    return Table(
        told.name,
        Text(f"{told.about.zh}（kind = \"{told.kind}\" 的来源）", f"{told.about.en} per row, of sources with kind = \"{told.kind}\""),
        (
            KEY,
            Column("source", "来源名", "source name", required=True),
            Column("file_id", "文件编号", "the file it came from", required=True),
            Column("row_number", "行号", "row in the sheet or line in the file, 1-based", INT, required=True),
            Column("entity_id", "联系人实体", "the customer (level contact) whom the row is about"),
            Column("account_id", "公司实体", "the company (level account)"),
            *(Column(c.name, c.label.zh, c.label.en, _SIDE_TYPES[c.type]) for c in told.columns),
            Column("values", "原始值", "header → cell text as read", required=True, json=True),
        ),
        key=("record_key",),
    )  # fmt: skip


SIDE_TABLES = {kind: _side_table(told) for kind, told in side_tables().items()}

PLAN_ITEM = Table(
    "plan_item",
    Text("规则包给出的待办，每项一行", "what a pack wants done, one row per action"),
    (
        Column("pack", "规则包", "the pack", required=True),
        Column("plan", "方案", "the plan", required=True),
        Column("item", "对象", "what it is about: number of the lead, the customer …", required=True),
        Column("entity_id", "联系人实体", "the customer"),
        Column("action", "动作", "what to do", required=True),
        Column("target", "交给谁", "by whom"),
        Column("reason", "原因", "why"),
    ),
    key=("pack", "plan", "item", "action"),
)

SCORE_CARD = Table(
    "score_card",
    Text("规则包的评分，每个维度一行", "points that a pack gives, a row per dimension"),
    (
        Column("pack", "规则包", "the pack", required=True),
        Column("card", "评分卡", "the score card", required=True),
        Column("item", "对象", "what is scored", required=True),
        Column("dimension", "维度", "what the points are for", required=True),
        Column("points", "得分", "points", FLOAT),
        Column("most", "满分", "most points that there are", FLOAT),
        Column("reason", "依据", "why"),
    ),
    key=("pack", "card", "item", "dimension"),
)

TABLES: tuple[Table, ...] = (
    RUN, SOURCE_FILE, RAW_RECORD, RECORD, CELL_CHANGE, FINDING, QUARANTINE, PAIR, DUPLICATE_GROUP, ENTITY_MEMBER,
    MERGE_PLAN, GOLDEN_VALUE, DECISION, DECISION_STATUS, ENTITY_EVENT, APPLIED_MERGE, GOLDEN_RECORD, FIELD_EVENT,
    CROSSWALK, METRIC, STAGE, FEATURE, AUDIT_EVENT, *SIDE_TABLES.values(), PLAN_ITEM, SCORE_CARD,
)  # fmt: skip


def is_golden(field: object) -> bool:
    """Whether a golden record has such a value, so that one can be chosen: of a field, or of a custom column."""
    return field in GOLDEN_FIELDS or (isinstance(field, str) and is_custom(field))


def _why_not(name: str, _: object) -> Text | None:
    taken = RECORD.names.count(name) > 1 or FEATURE.names.count(name) > 1
    return Text("record 或 feature 已有这一列", "`record` or `feature` has such a column") if taken else None


load_named("fields", why_not=_why_not)

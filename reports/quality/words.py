"""The words of the report's page, by the name that templates/quality.html knows them by."""

from ...i18n import Text

WORDS = {
    "trust": Text("可信度", "trust score"),
    "theme": Text("配色", "colours"),
    "since": Text("与上次运行相比", "Since the last run"),
    "key": Text("主要数字", "Key figures"),
    "repairs": Text("修复建议", "Repair advice"),
    "fields": Text("逐字段", "Field by field"),
    "fields_note": Text(
        "竖线是阈值；超出阈值的数字变灰，带空心圆",
        "the mark is the threshold; a figure beyond it turns grey and gets a hollow light",
    ),
    "null_rate": Text("空值率", "Null rate"),
    "validity": Text("有效率", "Validity"),
    "bands": Text("记录对与重复组", "Pairs and groups by band"),
    "findings": Text("主要问题", "Top findings"),
    "findings_note": Text("个人信息已打码", "personal data masked"),
    "no_findings": Text("没有错误或警告。", "No errors and no warnings."),
    "ranking": Text("完整度排名", "Completeness ranking"),
    "ranking_note": Text(
        "必填字段的平均填充率，附各自的前三个问题",
        "mean share of filled fields that are asked for, with the top three findings of each",
    ),
    "owners": Text("负责人 / 团队", "Owners and teams"),
    "sources": Text("来源", "Sources"),
    "trend": Text("趋势", "Trend"),
    "trend_note": Text("最近 30 次运行，虚线是阈值", "the last 30 runs; the dashed line is the threshold"),
    "no_trend": Text(
        "从下一次运行起，这里会显示走势。", "There is nothing to compare with yet: trends begin with the next run."
    ),
    "all": Text("全部数字", "All figures"),
    "all_note": Text("点开看公式、SQL 和明细命令", "open one for its formula, SQL and the command that lists its rows"),
    "threshold": Text("阈值", "threshold"),
    "scope": Text("范围", "scope"),
    "value": Text("值", "value"),
    "before": Text("上次", "last run"),
    "change": Text("变化", "change"),
    "drill": Text("明细：", "Rows behind it:"),
    "files": Text("来源文件", "Files read"),
    "file": Text("文件", "file"),
    "source": Text("来源", "source"),
    "rows": Text("行数", "rows"),
}
THEMES = {"auto": Text("跟随系统", "auto"), "light": Text("浅色", "light"), "dark": Text("深色", "dark")}
BANDS = {
    "auto": Text("确定，免复核", "certain, no review"),
    "review": Text("待复核", "to review"),
    "below": Text("相似、不算重复", "alike, no duplicate"),
}
LEVELS = {"contact": Text("同一联系人", "Same person"), "account": Text("同一公司", "Same company")}
SEVERITIES = {"error": Text("错误", "error"), "warning": Text("警告", "warning")}
RANKING = (
    Text("名次", "rank"), Text("名称", "name"), Text("记录", "records"), Text("完整度", "filled"), Text("前三个问题", "top findings"),
)  # fmt: skip

"""What pydantic finds wrong in a configuration or a rule pack, in the words of both languages."""

from collections.abc import Mapping
from typing import Any

from .i18n import Text

# Kind of the fault → words; places in braces are filled from its context.
_KINDS = {
    "missing": Text("缺少这个键", "it is missing"),
    "extra_forbidden": Text("没有这个键", "there is no such key"),
    "greater_than": Text("应大于 {gt:g}", "should be greater than {gt:g}"),
    "greater_than_equal": Text("不得小于 {ge:g}", "should be {ge:g} or more"),
    "less_than": Text("应小于 {lt:g}", "should be less than {lt:g}"),
    "less_than_equal": Text("不得大于 {le:g}", "should be {le:g} or less"),
    "too_short": Text("至少要有 {min_length} 项", "should have {min_length} or more entries"),
    "string_too_short": Text("至少要有 {min_length} 个字符", "should have {min_length} or more characters"),
    "string_pattern_mismatch": Text("应符合格式 {pattern}", "should match {pattern}"),
    "literal_error": Text("只能是 {expected}", "should be {expected}"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), Text("应为整数", "should be a whole number")),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), Text("应为数字", "should be a number")),
    **dict.fromkeys(("bool_type", "bool_parsing"), Text("应为 true 或 false", "should be true or false")),
    "string_type": Text("应为带引号的文字", "should be text in quotes"),
    "list_type": Text("应为方括号里的列表", "should be a list in brackets"),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type"), Text("应为一节或一张表", "should be a table")
    ),
}


class WrongError(ValueError):
    """What a check of our own finds wrong with several settings together, in both languages."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def in_words(fault: Mapping[str, Any]) -> Text:
    """One of `ValidationError.errors()` without a full stop; a kind that we have no words for stays English in both."""
    context = dict(fault.get("ctx", {}))
    if isinstance(own := context.get("error"), WrongError):
        return own.text
    words = _KINDS.get(fault["type"])
    if words is None:
        return Text(fault["msg"], fault["msg"])
    choices = {k: v.replace(", ", "、").replace(" or ", "、") for k, v in context.items() if k == "expected"}
    return Text(words.zh.format(**context | choices), words.en.format(**context))

"""What the command-line library says of a wrong command line, and how it shows help, in Chinese too."""

import re
from typing import Any

from ..i18n import Text

# What the library says → how it is said in Chinese; `\\1` is what stood in the place.
_WORDS = (
    (r"Missing argument '?([^'.]+)'?\.(?: .*)?", r"缺少参数 \1。"),
    (r"Missing option '?([^'.]+)'?\.(?: .*)?", r"缺少选项 \1。"),
    (r"Missing command\.?", "缺少命令。"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", r"没有选项 \1，相近的有：\2。"),
    (r"No such option: (\S+)\.?(?: Did you mean (\S+?)\??)?", r"没有选项 \1。"),
    (r"No such command '([^']*)'\. Did you mean (.+)\?", r"没有命令 \1，您要的是 \2 吗？"),
    (r"No such command '([^']*)'\.?", r"没有命令 \1。"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"多出了参数：\1。"),
    (r"Option '([^']+)' requires an argument\.?", r"选项 \1 后面要有取值。"),
    (r"Option '([^']+)' requires (\d+) arguments\.?", r"选项 \1 后面要有 \2 个取值。"),
    (r"Option '([^']+)' does not take a value\.?", r"选项 \1 不带取值。"),
    (r"Invalid value for '?([^']+?)'?: (?s:(.*))", r"\1 的取值不对：\2"),
)
_VALUES = (
    (r"(?:Value error, )?('.*') is not one of (.+?)\.?", r"\1 不在可选之列（\2）。"),
    (r"Input should be a valid integer.*", "应为整数。"),
    (r"Input should be a valid number.*", "应为数字。"),
    (r"Input should be a valid boolean.*", "应为是或否。"),
    (r"Input should be greater than or equal to (\S+)", r"不得小于 \1。"),
    (r"Input should be less than or equal to (\S+)", r"不得大于 \1。"),
)


def usage_text(said: str) -> Text:
    """The library's sentence with its Chinese; a sentence that we do not know stays English in both."""
    for pattern, words in _WORDS:
        if found := re.fullmatch(pattern, said):
            name, *rest = (group or "" for group in (*found.groups(), "", ""))
            return Text(words.replace(r"\1", name).replace(r"\2", _value(rest[0])), said)
    return Text(said, said)


def _value(said: str) -> str:
    for pattern, words in _VALUES:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return found.expand(words)
    return said


_HELP = {
    "OPTIONS_PANEL_TITLE": Text("选项", "Options"), "ARGUMENTS_PANEL_TITLE": Text("参数", "Arguments"),
    "COMMANDS_PANEL_TITLE": Text("命令", "Commands"), "DEFAULT_STRING": Text("[默认：{{}}]", "[default: {{}}]"),
    "REQUIRED_LONG_STRING": Text("[必填]", "[required]"),
}  # fmt: skip
_SHOW_HELP = Text("显示本帮助。", "Show this message and exit.")
_USAGE = (
    (Text("用法：", "Usage: "), "Usage: "), (Text("[选项]", "[OPTIONS]"), "[OPTIONS]"),
    (Text("命令 [参数]...", "COMMAND [ARGS]..."), "COMMAND [ARGS]..."),
)  # fmt: skip


def prepare_help() -> None:
    """The words of a help text in the language of the session; long ones go on in the next line instead of being cut off.

    A Chinese sentence is one long word. Loads what draws the help, so: only when help is asked for.
    """
    from typer import rich_utils

    for name, text in _HELP.items():
        setattr(rich_utils, name, str(text.format()))
    _fold_long_words(rich_utils)
    _translate_usage()


def _translate_usage() -> None:
    from typer import core

    plain = core.TyperCommand.get_usage

    def translated(command: Any, ctx: Any) -> str:
        told: str = plain(command, ctx)
        for text, english in _USAGE:
            told = told.replace(english, str(text))
        return told

    for kind in (core.TyperCommand, core.TyperGroup):
        setattr(kind, "get_usage", translated)  # noqa: B010  (a plain assignment is none to mypy)


def _fold_long_words(rich_utils: Any) -> None:

    make = getattr(rich_utils, "_make_rich_text", None)  # not public: without it the help is cut off, and no worse
    if make is None:
        return

    def folding(**given: Any) -> Any:
        if given.get("text") == _SHOW_HELP.en:
            given["text"] = str(_SHOW_HELP)
        text = make(**given)
        if hasattr(text, "overflow"):
            text.overflow = "fold"
        return text

    rich_utils._make_rich_text = folding

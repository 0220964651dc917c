"""The command `guiyi`: chooses the language, runs the app, turns every expected fault into one sentence and an exit code."""

import codecs
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from .cli.output import be_patient, closing_code
from .errors import GuiyiError
from .i18n import Text, use_language
from .interruption import is_interruption, listen
from .log import hide_in_messages, tell

EXIT_USAGE, EXIT_INTERNAL, EXIT_INTERRUPTED = 2, 5, 130


def main() -> NoReturn:
    """Entry point of the console script and of `python -m guiyi`."""
    _widen_code_pages()
    be_patient()
    listen()
    os.umask(0o077)  # whatever is written holds personal data
    gc.set_threshold(1_000_000)  # half a million objects are made by loading modules, and none of them is garbage
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or every installed package is searched for some
    sys.argv[1:] = _language_first(sys.argv[1:]) or ["--help"]
    _choose_language(sys.argv[1:])
    code = closing_code(_run())
    if "duckdb" not in sys.modules:  # its library reports what is left over
        gc.freeze()  # nor at the end is a search for garbage worth the wait
    sys.exit(code)


def _widen_code_pages() -> None:
    """A character that the output's code page lacks is written escaped, no fault; GBK gives way to GB18030, which has all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            known = codecs.lookup(stream.encoding).name
            errors = "backslashreplace" if stream.errors == "strict" else stream.errors
            stream.reconfigure(encoding="gb18030" if known in ("gbk", "gb2312") else stream.encoding, errors=errors)


def _run() -> int:
    from .cli.commands import build_app

    try:
        app = build_app(_command(sys.argv[1:]))
        if "--help" in sys.argv or len(sys.argv) < 3:
            from .cli.usage import prepare_help

            prepare_help()
        hide_in_messages(_masked)
        result = app(standalone_mode=False)
        return result if isinstance(result, int) else 0
    except BaseException as fault:
        return _told(fault)


def _told(fault: BaseException) -> int:
    """One sentence for whatever ended the command → its exit code."""
    if is_interruption(fault):
        _say(
            "interrupted",
            Text(
                "已中断：没有做完的一概不算，数据库保持最近一次完整的结果。",
                "Interrupted: nothing unfinished counts, the store holds its last whole state.",
            ),
        )
        return EXIT_INTERRUPTED
    if isinstance(fault, GuiyiError):
        _say("failed", Text("错误：{f}", "Error: {f}"), fault, reason=fault.reason, exit_code=fault.exit_code)
        return fault.exit_code
    if isinstance(fault, Exception):
        return _unexpected(fault)
    raise fault


def _unexpected(fault: Exception) -> int:
    """Usage errors of the command line, and the faults nobody foresaw: without a traceback unless GUIYI_DEBUG is set."""
    if type(fault).__name__ == "NoArgsIsHelpError":  # a group of commands alone: its help is printed
        return 0
    exit_code = getattr(fault, "exit_code", None)
    if hasattr(fault, "format_message") or exit_code is not None:
        if hasattr(fault, "format_message"):
            from .cli.usage import usage_text

            told = usage_text(fault.format_message())
            _say("usage", Text("用法错误：{f}（guiyi --help 查看用法）", "Usage: {f} (see guiyi --help)"), told)
        return exit_code if isinstance(exit_code, int) else EXIT_USAGE
    if os.environ.get("GUIYI_DEBUG"):
        raise fault
    if isinstance(fault, MemoryError):
        _say("failed", Text("内存不足，没有发布任何结果。", "Out of memory; nothing was published."))
    else:
        # Only the kind: an unforeseen message may quote a customer's row.
        _say(
            "failed",
            Text(
                "内部错误（{f}），没有发布任何结果。设置 GUIYI_DEBUG=1 可查看详情。",
                "Internal fault ({f}); nothing was published. GUIYI_DEBUG=1 shows details.",
            ),
            type(fault).__name__,
        )
    return EXIT_INTERNAL


def _say(event: str, text: Text, fault: object = "", **figures: object) -> None:
    tell(event, str(text).replace("{f}", str(fault)), "error", **figures)


def _masked(text: str) -> str:
    """What nights keep in a log: what a message quotes of a cell or a file's name is masked."""
    try:
        from .reports.masking import mask_message
    except GuiyiError:  # a plug-in that cannot be used: nothing was read, and its own fault is what is told
        return text
    return mask_message(text)


def _command(arguments: Sequence[str]) -> str:
    """The command that is asked for: behind the language, which stands in front. Empty: something else stands there."""
    while arguments and arguments[0].startswith("--lang"):
        arguments = arguments[1 if "=" in arguments[0] else 2 :]
    return arguments[0] if arguments else ""


def _language_first(arguments: list[str]) -> list[str]:
    """`--lang` is an option of every command: wherever it stands before a `--`, it goes in front, where the app reads it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for place, argument in enumerate(arguments[:end]):
        if argument == "--lang" or argument.startswith("--lang="):
            after = place + 1 if "=" in argument else place + 2
            return [*arguments[place:after], *arguments[:place], *arguments[after:]]
    return arguments


def _choose_language(arguments: Sequence[str]) -> None:
    """`--lang` decides before the commands are loaded, because their help texts are written then."""
    for i, argument in enumerate(arguments):
        wish = argument.partition("=")[2] if argument.startswith("--lang=") else (arguments[i + 1 : i + 2] or [""])[0]
        if argument.startswith("--lang") and wish in ("zh", "en"):
            use_language("en" if wish == "en" else "zh")


if __name__ == "__main__":
    main()

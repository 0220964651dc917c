"""Why a file is refused: at most fifteen public codes, each with what happened and what to do, in both languages.

No text quotes a cell, a path or another library: their messages carry rows of personal data.
"""

from dataclasses import dataclass
from typing import NoReturn

from ...errors import InputError
from ...i18n import Text


@dataclass(frozen=True)
class Reason:
    what: Text
    advice: Text


_SAVE_AGAIN = Text(
    "请用 Excel 或 WPS 打开后另存为 .xlsx，再试一次。", "Open it in Excel or WPS, save it as .xlsx and try again."
)

REASONS: dict[str, Reason] = {
    "file.missing": Reason(
        Text("找不到文件。", "There is no such file."),
        Text("请检查文件名和所在文件夹。", "Check the name and the folder."),
    ),
    "file.not_a_file": Reason(
        Text("这不是普通文件，而是文件夹、管道或设备。", "This is no regular file but a folder, a pipe or a device."),
        Text("请给出一个文件。", "Name a file."),
    ),
    "file.unreadable": Reason(
        Text("文件打不开。", "The file cannot be opened."),
        Text("请检查读取权限，并确认没有其他程序占用它。", "Check the permission to read it, and that no other program holds it."),
    ),
    "file.empty": Reason(
        Text("文件是空的，没有任何单元格。", "The file is empty: it holds no cell."),
        Text("请重新导出。", "Export it again."),
    ),
    "file.not_a_table": Reason(
        Text("文件内容不是表格。", "The content is not a table."),
        Text("请提供 CSV、Excel（xlsx、xls、xlsb、ods）、JSON Lines 或 Parquet。",
             "Give a CSV, a workbook (xlsx, xls, xlsb, ods), JSON lines or Parquet."),
    ),
    "file.compressed": Reason(
        Text("文件是压缩包。", "The file is a compressed archive."),
        Text("请先解压，再给出里面的文件。", "Unpack it first and give the file inside."),
    ),
    "encoding.unknown": Reason(
        Text("认不出文件的字符编码。", "The character encoding cannot be told."),
        Text("请用 --encoding 指明，例如 gb18030；或另存为 UTF-8。", "Name it with --encoding, such as gb18030, or save as UTF-8."),
    ),
    "workbook.encrypted": Reason(
        Text("工作簿有密码保护。", "The workbook is protected by a password."),
        Text("请用 --password-env 给出密码，或取消密码后另存。", "Give the password with --password-env, or save it without one."),
    ),
    "workbook.wrong_password": Reason(
        Text("密码打不开这个工作簿。", "The password does not open the workbook."),
        Text("请核对密码。", "Check the password."),
    ),
    "workbook.damaged": Reason(
        Text("工作簿已损坏或不完整。", "The workbook is damaged or incomplete."),
        _SAVE_AGAIN,
    ),
    "workbook.unsupported": Reason(
        Text("这种旧的或少见的工作簿格式无法读取。", "This old or rare workbook format cannot be read."),
        _SAVE_AGAIN,
    ),
    "workbook.no_table": Reason(
        Text("没有可读的工作表：不存在、为空或已隐藏。", "No sheet to read: absent, blank or hidden."),
        Text("请核对工作表名；隐藏的工作表用 --hidden 读取。", "Check the name of the sheet; hidden sheets are read with --hidden."),
    ),
    "limit.size": Reason(
        Text("解开后的内容过大，已停止读取。", "The unpacked content is too large; reading was stopped."),
        Text("请拆分文件，或另存为 CSV。", "Split the file, or save it as CSV."),
    ),
    "limit.time": Reason(
        Text("读取时间过长，已停止。", "Reading took too long and was stopped."),
        Text("请拆分文件，或另存为 CSV。", "Split the file, or save it as CSV."),
    ),
    "parser.crashed": Reason(
        Text("文件使读取程序崩溃，已安全中止。", "The file crashed the parser; nothing else was harmed."),
        _SAVE_AGAIN,
    ),
}  # fmt: skip


def refusal(reason: str) -> InputError:
    """The error for one of the codes above."""
    entry = REASONS[reason]
    return InputError(entry.what, entry.advice, reason=reason)


def refuse(reason: str) -> NoReturn:
    raise refusal(reason) from None

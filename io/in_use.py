"""Files that another program has open: Windows says so by number, and in the language of the machine."""

from pathlib import Path

from ..i18n import Text

_SHARING = (32, 33)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
_DENIED = 5  # what replacing a file that is open ends with

CLOSE_IT = Text("请先在 Excel 或 WPS 中关闭它，再试一次。", "Close it in Excel or WPS and try again.")


def is_in_use(fault: OSError, replaced: Path | None = None) -> bool:
    """Whether a fault says that another program has the file open. replaced: a file that was there and was to be replaced."""
    number = getattr(fault, "winerror", None)
    return number in _SHARING or (number == _DENIED and replaced is not None and replaced.is_file())


def is_held(path: Path, write: bool) -> bool:
    """Whether another program lets nobody open a file now. On systems that lock no files: never."""
    try:
        with path.open("r+b" if write else "rb"):
            return False
    except OSError as fault:
        return is_in_use(fault)

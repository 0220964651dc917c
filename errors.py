"""Expected faults. Each says what, where and what to do, in both languages; the command line alone prints them.

No message quotes a cell: readers' own error texts carry rows of personal data, so they are never passed on.
"""

from typing import Self

from .i18n import Text
from .interruption import is_interruption

INTERRUPTED = 130


class GuiyiError(Exception):
    """Base of every expected fault; `exit_code` is what the process ends with."""

    exit_code = 5

    def __init__(self, what: Text, advice: Text | None = None, *, reason: str = "internal") -> None:
        self.what = what
        self.advice = advice
        self.reason = reason
        super().__init__(what.en)

    def about(self, subject: str) -> Self:
        """The same fault, with what it is about in front."""
        self.what = Text(f"{subject}：{self.what.zh}", f"{subject}: {self.what.en}")
        return self

    def __str__(self) -> str:
        separator = "" if self.what.zh.endswith("。") and str(self.what) == self.what.zh else " "
        return str(self.what) + (separator + str(self.advice) if self.advice else "")


class UsageError(GuiyiError):
    """The command line or the configuration is wrong (exit 2)."""

    exit_code = 2


class InputError(GuiyiError):
    """A file cannot be read as a table (exit 3). `reason` is one of the public reason codes; `origin`: the file, if known."""

    exit_code = 3
    origin: object = None


class StoreError(GuiyiError):
    """The store is locked, busy, full or not writable: try again (exit 4)."""

    exit_code = 4


class MissingStoreError(StoreError):
    """There is no such store: `--db` names another file (exit 2), and waiting does not help."""

    exit_code = 2


class ConservationError(GuiyiError):
    """Rows were lost or invented between two stages; nothing is published (exit 5)."""


def exit_code_of(fault: BaseException) -> int:
    """What a process ends with that this ended."""
    if is_interruption(fault):
        return INTERRUPTED
    return fault.exit_code if isinstance(fault, GuiyiError) else GuiyiError.exit_code

"""Ctrl-C and SIGTERM: heard once, remembered until the process ends."""

import signal
from typing import NoReturn

_heard: list[int] = []


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM; not a KeyboardInterrupt, which the command-line library would swallow without a word."""


def listen() -> None:
    """From now on either signal raises `Interrupted` in the main thread."""
    signal.signal(signal.SIGTERM, _raise)
    signal.signal(signal.SIGINT, _raise)


def is_interruption(fault: BaseException) -> bool:
    """Whether a fault is, or comes from, an interruption: raised inside a library's call it returns as that library's own."""
    return bool(_heard) or isinstance(fault, Interrupted | KeyboardInterrupt)


def _raise(number: int, _frame: object) -> NoReturn:
    _heard.append(number)
    raise Interrupted

"""Workbooks behind a password: opened with the user's, or with the one that Excel itself tries without asking."""

from typing import Any

import msoffcrypto

from ...buffers import BytesIO
from ...table.reasons import refusal

_BUILT_IN = "VelvetSweatshop"
_MOST_BYTES = 1 << 30


def decrypted(data: bytes, password: str | None) -> bytes:
    """The plain file. Refuses a wrong password, and one that is missing."""
    for attempt in dict.fromkeys((password, _BUILT_IN)):
        if attempt is not None and (plain := _try(data, attempt)) is not None:
            return plain
    raise refusal("workbook.encrypted" if password is None else "workbook.wrong_password")


def _try(data: bytes, password: str) -> bytes | None:
    target = BytesIO()
    try:
        office: Any = msoffcrypto.OfficeFile(BytesIO(data))
        office.load_key(password=password, **_verified(office))
        office.decrypt(target)
    except Exception:  # the library raises its own, struct's and cryptography's errors alike
        return None
    target.seek(0)
    return target.read(_MOST_BYTES) or None


def _verified(office: Any) -> dict[str, bool]:
    """Ask for the check of the password where the format has one; the old .xls formats check by themselves."""
    return {"verify_password": True} if type(office).__name__ == "OOXMLFile" else {}

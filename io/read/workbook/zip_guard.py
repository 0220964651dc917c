"""A zip container that cannot hurt: its size is known before anything is unpacked, and counted while it is."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from ...table.reasons import refuse

# Over 1,405 workbooks from public test suites the largest are 1,033 members, 114 MB unpacked and a ratio of 140.
_MOST_MEMBERS = 5_000
_MOST_BYTES = 1 << 30
_MOST_PART = 32 << 20  # of a part that is parsed as a whole
_CHUNK = 4 << 20
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, KeyError, RuntimeError)


class Package:
    """The parts of a zipped workbook by name; names are compared without regard to case and slashes."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except DAMAGE:
            refuse("workbook.damaged")
        members = self._zip.infolist()
        if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_BYTES:
            refuse("limit.size")
        if any(member.flag_bits & 1 for member in members):
            refuse("workbook.encrypted")
        self._members = {_plain(member.filename): member for member in members}

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._members

    def names(self) -> list[str]:
        return list(self._members)

    def find(self, pattern: str) -> list[str]:
        """Names that match a regular expression, in the archive's order."""
        return [name for name in self._members if re.fullmatch(pattern, name)]

    def size(self, name: str) -> int:
        return self._members[_plain(name)].file_size

    def part(self, name: str, most: int = _MOST_PART) -> bytes:
        """A whole part; refused where it is larger than `most`, or cannot be unpacked."""
        pieces, total = [], 0
        for piece in self.stream(name):
            total += len(piece)
            if total > most:
                refuse("limit.size")
            pieces.append(piece)
        return b"".join(pieces)

    def stream(self, name: str) -> Iterator[bytes]:
        """A part in pieces. What the directory says about its size may be a lie, so the bytes are counted."""
        total = 0
        try:
            with self._zip.open(self._members[_plain(name)]) as file:
                while piece := file.read(_CHUNK):
                    total += len(piece)
                    if total > _MOST_BYTES:
                        refuse("limit.size")
                    yield piece
        except DAMAGE:
            refuse("workbook.damaged")

    def close(self) -> None:
        self._zip.close()


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()

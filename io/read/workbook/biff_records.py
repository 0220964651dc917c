"""The records of the old binary workbooks (.xls, BIFF 2 to 8), and the texts and numbers in them."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import olefile

from ...buffers import BytesIO
from ...table.reasons import refusal, refuse

CONTINUE = 0x3C
_CODEPAGES = {1200: "utf-16-le", 10000: "mac-roman", 32768: "mac-roman", 32769: "cp1252", 65001: "utf-8"}
ERRORS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
    43: "#GETTING_DATA",
}


class Record(NamedTuple):
    code: int
    data: bytes
    offset: int


def workbook_stream(data: bytes) -> bytes:
    """The stream of records: inside an OLE container, or the file itself."""
    if not data.startswith(olefile.MAGIC):
        return data
    try:
        with olefile.OleFileIO(BytesIO(data)) as container:
            for path in container.listdir():
                if path[-1].lower() in ("workbook", "book") and len(path) == 1:
                    return bytes(container.openstream(path).read())
    except Exception:  # olefile raises many kinds over broken containers
        refuse("workbook.damaged")
    raise refusal("file.not_a_table")


def ole_streams(data: bytes) -> set[str]:
    """Lower-case names of the streams of an OLE container; empty where its directory is broken."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as container:
            return {"/".join(path).lower() for path in container.listdir()}
    except Exception:
        return set()


def records(stream: bytes) -> Iterator[Record]:
    """Every record in turn; a stream that ends within a record ends before it."""
    place, size = 0, len(stream)
    while place + 4 <= size:
        code, length = struct.unpack_from("<HH", stream, place)
        if place + 4 + length > size:
            return
        yield Record(code, stream[place + 4 : place + 4 + length], place)
        place += 4 + length


def codec_of(codepage: int) -> str:
    """Python's name of a Windows codepage; Western where it is unknown."""
    name = _CODEPAGES.get(codepage, f"cp{codepage}")
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return "gb18030" if name == "cp936" else name


def rk_number(value: int) -> float:
    """The number in Excel's 30-bit form."""
    if value & 2:
        number = float(struct.unpack("<i", struct.pack("<I", value))[0] >> 2)
    else:
        number = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", value & 0xFFFFFFFC))[0]
    return number / 100 if value & 1 else number


def raw_number(number: float) -> str:
    """A float as XML workbooks would store it."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number).removesuffix(".0")


def unicode_text(data: bytes, place: int, length_bytes: int = 2) -> str:
    """A BIFF 8 text that does not run over into another record."""
    length = int.from_bytes(data[place : place + length_bytes], "little")
    place += length_bytes
    flags = data[place] if place < len(data) else 0
    place += 1 + (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
    if flags & 1:
        return data[place : place + 2 * length].decode("utf-16-le", "replace")
    return data[place : place + length].decode("latin-1")


def shared_texts(parts: list[bytes]) -> list[str]:
    """The texts of an SST record and its continuations. A text may break anywhere; its width may change there."""
    total = int.from_bytes(parts[0][4:8], "little") if len(parts[0]) >= 8 else 0
    reader = _Parts([parts[0][8:], *parts[1:]])
    texts: list[str] = []
    while len(texts) < total and not reader.at_end():
        texts.append(reader.text())
    return texts


class _Parts:
    """Reads across the borders of records."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts, self.part, self.place = parts, 0, 0

    def at_end(self) -> bool:
        while self.part < len(self.parts) and self.place >= len(self.parts[self.part]):
            self.part, self.place = self.part + 1, 0
        return self.part >= len(self.parts)

    def take(self, size: int) -> bytes:
        taken = b""
        while size > len(taken) and not self.at_end():
            piece = self.parts[self.part][self.place : self.place + size - len(taken)]
            self.place += len(piece)
            taken += piece
        return taken

    def text(self) -> str:
        length, flags = int.from_bytes(self.take(2), "little"), int.from_bytes(self.take(1), "little")
        runs = int.from_bytes(self.take(2), "little") if flags & 8 else 0
        extension = int.from_bytes(self.take(4), "little") if flags & 4 else 0
        text = self._characters(length, bool(flags & 1))
        self.take(4 * runs + extension)
        return text

    def _characters(self, length: int, wide: bool) -> str:
        pieces: list[str] = []
        while length > 0 and self.part < len(self.parts):
            piece = self.parts[self.part][self.place : self.place + length * (2 if wide else 1)]
            self.place += len(piece)
            pieces.append(piece.decode("utf-16-le" if wide else "latin-1", "replace"))
            length -= len(piece) // 2 if wide else len(piece)
            if length > 0:
                self.part, self.place = self.part + 1, 1
                if self.part < len(self.parts) and self.parts[self.part]:
                    wide = bool(self.parts[self.part][0] & 1)
        return "".join(pieces)

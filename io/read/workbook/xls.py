"""Old binary workbooks (.xls): BIFF 5 and 8 with several sheets, BIFF 2 to 4 with one."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...table.reasons import refuse
from .biff_records import CONTINUE, Record, codec_of, records, shared_texts, unicode_text, workbook_stream
from .number_formats import format_kind
from .typed_cells import OpenWorkbook, Sheet, Wanted
from .xls_sheet import SheetRecords

_BOFS = {0x0009: 2, 0x0209: 3, 0x0409: 4}
_BOF, _EOF = 0x0809, 0x0A
_WORKSHEET, _MACRO_SHEET = 0x10, 0x40


@dataclass
class _Globals:
    """What all sheets share."""

    version: int = 8
    codec: str = "cp1252"
    epoch_1904: bool = False
    texts: list[str] = field(default_factory=list)
    names: list[tuple[int, str, bool]] = field(default_factory=list)  # (offset, name, hidden)
    formats: dict[int, str] = field(default_factory=dict)
    xfs: list[int] = field(default_factory=list)
    macros: bool = False

    def kinds(self) -> list[str]:
        return [format_kind(number, self.formats.get(number)) for number in self.xfs]


def read_xls(data: bytes, wanted: Wanted) -> OpenWorkbook:
    """The sheets of a workbook. Raises InputError where it is encrypted, damaged or no workbook."""
    stream = workbook_stream(data)
    shared = _Globals()
    found = list(_substreams(stream, shared))
    if not found:
        refuse("workbook.damaged")
    sheets = [_sheet(at, start, body, shared, wanted) for at, (start, body) in enumerate(found)]
    return OpenWorkbook(sheets, shared.epoch_1904, ((None, None, "file.macros", None, None),) if shared.macros else ())


def _substreams(stream: bytes, shared: _Globals) -> Iterator[tuple[int, list[Record]]]:
    """(offset, records) of each worksheet; the records before and between them go into `shared`."""
    depth, start = 0, -1
    body: list[Record] = []
    pending: list[Record] = []
    for record in records(stream):
        if record.code in _BOFS or record.code == _BOF:
            depth += 1
            version, kind = _bof(record)
            if record.offset == 0:  # some writers mark their sheets with another version than the globals
                shared.version = version
            if kind in (_WORKSHEET, _MACRO_SHEET) and depth == 1:
                start, body = record.offset, []
        elif record.code == _EOF:
            depth = max(0, depth - 1)
            if depth == 0 and start >= 0:
                yield start, body
                start = -1
            elif start < 0:
                _read_globals(pending, shared)
                pending = []
        elif start >= 0 and depth == 1:
            body.append(record)
        elif start < 0:
            pending.append(record)
    if start >= 0:  # the end is missing: what was read is kept
        yield start, body


def _bof(record: Record) -> tuple[int, int]:
    """(BIFF version, kind of substream)."""
    version, kind = struct.unpack_from("<HH", record.data.ljust(4, b"\0"))
    if record.code == _BOF:
        return (8 if version >= 0x600 else 5), kind
    return _BOFS[record.code], kind if kind else _WORKSHEET


def _read_globals(found: list[Record], shared: _Globals) -> None:
    if any(record.code == 0x2F for record in found):
        refuse("workbook.encrypted")
    for i, record in enumerate(found):
        if record.code == 0xFC:
            parts = [record.data]
            for following in found[i + 1 :]:
                if following.code != CONTINUE:
                    break
                parts.append(following.data)
            shared.texts = shared_texts(parts)
        else:
            read_global(record, shared)


def read_global(record: Record, shared: _Globals) -> None:
    """Takes in one record that may stand among the globals, or, before BIFF 5, within the sheet."""
    code, data = record.code, record.data
    if code == 0x42 and len(data) >= 2:
        shared.codec = codec_of(int.from_bytes(data[:2], "little"))
    elif code == 0x22 and data:
        shared.epoch_1904 = bool(data[0] & 1)
    elif code == 0x85 and len(data) >= 8:
        text = (
            unicode_text(data, 6, 1) if shared.version == 8 else data[7 : 7 + data[6]].decode(shared.codec, "replace")
        )
        shared.names.append((int.from_bytes(data[:4], "little"), text, bool(data[4] & 3)))
    elif code in (0x1E, 0x41E):
        _read_format(code, data, shared)
    elif code in (0xE0, 0x443, 0x243, 0x43):
        shared.xfs.append(_format_of_xf(code, data))
    elif code == 0xD3:
        shared.macros = True


def _read_format(code: int, data: bytes, shared: _Globals) -> None:
    if shared.version == 8 and len(data) >= 5:
        shared.formats[int.from_bytes(data[:2], "little")] = unicode_text(data, 2)
    elif shared.version == 5 and len(data) >= 3:
        shared.formats[int.from_bytes(data[:2], "little")] = data[3 : 3 + data[2]].decode(shared.codec, "replace")
    elif data:
        place = 2 if code == 0x41E else 0
        shared.formats[len(shared.formats)] = data[place + 1 :].decode(shared.codec, "replace")


def _format_of_xf(code: int, data: bytes) -> int:
    if code == 0xE0:
        return int.from_bytes(data[2:4], "little")
    if code == 0x43:
        return data[2] & 0x3F if len(data) > 2 else 0
    return data[1] if len(data) > 1 else 0


def _sheet(at: int, start: int, body: list[Record], shared: _Globals, wanted: Wanted) -> Sheet:
    by_offset = {offset: (name, hidden) for offset, name, hidden in shared.names}
    in_order = shared.names[at][1:] if at < len(shared.names) else (f"Sheet{at + 1}", False)
    name, hidden = by_offset.get(start, in_order)
    reader = SheetRecords(shared.version, shared.codec, shared.texts)
    if wanted(name, hidden):
        if shared.version < 5:
            for record in body:
                read_global(record, shared)
            reader.codec = shared.codec
        reader.read(body)
    return reader.sheet(name, hidden, shared.kinds())

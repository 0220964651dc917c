"""The parts of an xlsx package as texts that can be changed, and the package written again; what was not changed is copied."""

import posixpath
import re
import zipfile

from ..buffers import BytesIO
from ..read.workbook.xml_text import without_markup
from ..read.workbook.zip_guard import Package

_MOST = 1 << 30
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NO_RELATIONS = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'


class UnusualError(Exception):
    """A package that is written in a way that is not edited here."""


class PackageParts:
    """Parts by name without regard to case; those that were set are written, the others copied."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.changed: dict[str, bytes] = {}
        self.types: list[bytes] = []

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.changed or name in self.package

    def __getitem__(self, name: str) -> bytes:
        found = self.changed.get(name.lower())
        if found is None:
            found = without_markup(self.package.part(name, _MOST).removeprefix(b"\xef\xbb\xbf"))
            if not found.lstrip().startswith(b"<") or re.search(
                rb"<\w+:(?:worksheet|workbook|styleSheet|comments)\b", found
            ):
                raise UnusualError
        return found

    def __setitem__(self, name: str, text: bytes) -> None:
        self.changed[name.lower()] = text

    def relate(self, part: str, kind: str, target: str) -> str:
        """A relation of a part to another one; its id."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        text = self[path] if path in self else _NO_RELATIONS  # noqa: SIM401 (it is no dictionary)
        text = re.sub(rb"<Relationships\b([^>]*?)/>", rb"<Relationships\1></Relationships>", text)
        key = f"guiyi{text.count(b'<Relationship ') + 1}"
        line = f'<Relationship Id="{key}" Type="{RELATION}/{kind}" Target="/{target}"/>'.encode()
        self[path] = before(text, b"</Relationships>", line)
        return key

    def add(self, name: str, text: bytes, content_type: str) -> None:
        """A new part of a type."""
        self[name] = text
        line = f'<Override PartName="/{name}" ContentType="{content_type}"/>'.encode()
        if line not in self["[Content_Types].xml"]:  # a file that was marked before
            self.types.append(line)

    def packed(self, data: bytes) -> bytes:
        """The whole package again."""
        types = self["[Content_Types].xml"]
        if b'Extension="vml"' not in types:
            self.types.append(
                b'<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
            )
        self["[Content_Types].xml"] = before(types, b"</Types>", b"".join(self.types))
        buffer, waiting = BytesIO(), dict(self.changed)
        with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.infolist():
                name = member.filename.replace("\\", "/").lstrip("/")
                new.writestr(name, waiting.pop(name.lower(), b"") or old.read(member))
            for name, text in waiting.items():
                new.writestr(name, text)
        return buffer.getvalue()


def before(text: bytes, end: bytes, more: bytes) -> bytes:
    """`more` in front of the last `end`, which must be there."""
    head, found, tail = text.rpartition(end)
    if not found:
        raise UnusualError
    return head + more + found + tail

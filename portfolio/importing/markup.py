"""The XML inside a workbook, parsed as it is unzipped; what no spreadsheet writes is refused."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from portfolio.importing.refusals import FileRefused

CHUNK = 65_536
UNREADABLE = "This workbook is damaged: a part of it cannot be unpacked."


def whole(written: str | None, otherwise: int = 0) -> int:
    """The whole number of an attribute."""
    try:
        return int(written or "")
    except ValueError:
        return otherwise


def plain(name: str) -> str:
    """The name of a tag without its prefix."""
    return name.rpartition(":")[2]


def chunks(part: IO[bytes]) -> Iterator[bytes]:
    """The part's bytes, piece by piece; never more than the archive says that it holds."""
    try:
        while chunk := part.read(CHUNK):
            yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise FileRefused(UNREADABLE) from error


def _refuse_document_type(*_: object) -> None:
    raise FileRefused("This workbook holds definitions that no spreadsheet writes; it was refused.")


def parser_of(start, end, text) -> "expat.XMLParserType":
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    return parser


def feed(parser: "expat.XMLParserType", chunk: bytes, *, last: bool = False) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as error:
        raise FileRefused("This workbook is damaged: one of its sheets cannot be read.") from error


def parse(part: IO[bytes], *, start, end=None, text=None) -> None:
    parser = parser_of(start, end, text)
    for chunk in chunks(part):
        feed(parser, chunk)
    feed(parser, b"", last=True)

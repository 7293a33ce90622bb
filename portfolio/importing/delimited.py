"""Reads delimited text row by row: which encoding and delimiter it is in, and its records."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from portfolio.importing.refusals import FileRefused

CHUNK = 1 << 20
SAMPLE_CHARACTERS = 200_000
SAMPLE_RECORDS = 200
LONGEST_CELL = 1_000_000
DELIMITERS = (",", ";", "\t", "|")

UTF_8, UTF_8_BOM, UTF_16, WINDOWS_1252 = "utf-8", "utf-8-sig", "utf-16", "cp1252"
ENCODINGS = {
    UTF_8: "UTF-8",
    UTF_8_BOM: "UTF-8 with a byte order mark",
    UTF_16: "UTF-16",
    WINDOWS_1252: "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "mac-roman": "Mac Roman",
    "shift_jis": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
}
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}

csv.field_size_limit(LONGEST_CELL)


def _keep_undefined(error: UnicodeError) -> tuple[str, int]:
    """Bytes that the encoding does not define become the replacement character."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error("pharos-replace", _keep_undefined)


def find_encoding(path: Path) -> str:
    """The encoding of the whole file: what its mark says, UTF-8 where all of it is, else 1252."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(codecs.BOM_UTF8):
            encoding = UTF_8_BOM
        elif _has_utf_16_mark(path):
            return UTF_16
        else:
            encoding = UTF_8
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return WINDOWS_1252
    return encoding


def _has_utf_16_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text; ends of lines as they are, for the sake of quoted ones."""
    if encoding not in ENCODINGS:
        raise FileRefused(f"“{encoding}” is not an encoding that can be read here.")
    if encoding == UTF_16 and not _has_utf_16_mark(path):
        raise FileRefused(
            "This file is not in UTF-16: its mark is missing. Choose another encoding."
        )
    return path.open(encoding=encoding, errors="pharos-replace", newline="")


def find_delimiter(path: Path, encoding: str) -> str:
    """The delimiter under which the first records have the most columns, and the same number."""
    with open_text(path, encoding) as file:
        sample = file.read(SAMPLE_CHARACTERS)
    lines = sample.replace("\0", "").splitlines(keepends=True)
    if len(sample) == SAMPLE_CHARACTERS and len(lines) > 1:
        lines.pop()
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> float:
    try:
        records = csv.reader(iter(lines), delimiter=delimiter)
        widths = [len(record) for record in islice(records, SAMPLE_RECORDS) if any(record)]
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, times = Counter(widths).most_common(1)[0]
    if width == 1:
        wide = sum(1 for width in widths if width > 1)
        return 0.3 * wide / len(widths)
    return times / len(widths) + 0.01 * min(width, 30)


def read_records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with its row as a spreadsheet shows it; refuses a quote that is never closed."""
    with open_text(path, encoding) as file:
        held: list[str] = []
        records = csv.reader(_lines(file, held), delimiter=delimiter)
        number = 0
        last: list[str] = []
        while True:
            held.clear()
            try:
                record = next(records, None)
            except csv.Error as error:
                raise FileRefused(
                    f"A cell in row {number + 1} is longer than a million characters. Most likely "
                    "a quotation mark in that row is never closed."
                ) from error
            if record is None:
                if len(last) > 1 or '"' in "".join(last):
                    _refuse_open_quote(last, delimiter, number)
                return
            number += 1
            last = held[:]
            yield number, record


def _lines(file: TextIO, held: list[str]) -> Iterator[str]:
    for line in file:
        clean = line.replace("\0", "") if "\0" in line else line
        held.append(clean)
        yield clean


def _refuse_open_quote(lines: list[str], delimiter: str, number: int) -> None:
    """Refuse when the last record stopped at the end of the file and not at its closing quote."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise FileRefused(
                f"A quotation mark in row {number} is never closed: all that follows would be "
                "one cell. Close it, or write it twice if it belongs to the text."
            ) from error

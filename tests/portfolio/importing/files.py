"""Makes files to import, and finds the real ones."""

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "data"
MISSING = f"REAL INPUT IS MISSING: {REAL} is not there, so this was not tried on real files"

needs_real_files = pytest.mark.skipif(not REAL.is_dir(), reason=MISSING)


def write_text(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def write_csv(folder: Path, rows, *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return write_text(folder, text.getvalue(), encoding=encoding)


def write_workbook(folder: Path, sheets: dict, *, name: str = "list.xlsx") -> Path:
    """`sheets`: rows by title; a function gets the sheet instead and does what it wants."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        if callable(rows):
            rows(sheet)
        else:
            for row in rows:
                sheet.append(row)
    path = folder / name
    workbook.save(path)
    return path


def rewrite_part(path: Path, part: str, content: bytes) -> None:
    """Replace one part of a workbook, for what a well-behaved writer would not write."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    parts[part] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, written in parts.items():
            archive.writestr(entry, written)


def declare_size(path: Path, size: int) -> None:
    """Has the archive's directory say that its first part unpacks to so many bytes."""
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = size.to_bytes(4, "little")
    path.write_bytes(raw)

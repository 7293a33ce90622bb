"""Styles as they are served: one sheet, with every file of its table of contents in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

CONTENTS = "css/app.css"
IMPORT = re.compile(r'^@import url\("([^"]+)"\) layer\((\w+)\)( \w+)?;$', re.MULTILINE)


class OneSheet(CompressedManifestStaticFilesStorage):
    """Hashed and compressed as WhiteNoise does it; forty small sheets become one.

    A browser then asks once, and what is alike in them compresses together.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        if CONTENTS in paths and not dry_run:

            def read(name: str) -> str:
                storage, path = paths[name]
                with storage.open(path) as found:
                    return found.read().decode()

            whole = InMemoryStorage()
            whole.save(CONTENTS, ContentFile(in_one(read).encode()))
            paths = {**paths, CONTENTS: (whole, CONTENTS)}
        yield from super().post_process(paths, dry_run, **options)


def in_one(read: Callable[[str], str]) -> str:
    """The sheet with each import replaced by the file that it names, in its layer."""
    folder = CONTENTS.rpartition("/")[0]

    def put(found: re.Match[str]) -> str:
        name, layer, medium = found.groups()
        block = f"@layer {layer} {{\n{read(f'{folder}/{name}')}}}"
        return f"@media{medium} {{\n{block}\n}}" if medium else block

    return IMPORT.sub(put, read(CONTENTS))

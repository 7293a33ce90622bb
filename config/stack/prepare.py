"""Brings database and static files to where this release wants them; safe to repeat."""

import hashlib
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """What was asked for, `database` or `static`, is that of this release."""
    django.setup()
    {"database": migrate, "static": collect_static}[sys.argv[1]]()


def migrate() -> None:
    """The release passes its own checks; the schema and the cache's table are there."""
    call_command("check", databases=["default"])  # once here, so that no worker need do it
    call_command("migrate", interactive=False, verbosity=1)
    call_command("createcachetable", verbosity=0)


def collect_static() -> None:
    """Collects only when a source changed, because compressing takes seconds."""
    from django.contrib.staticfiles.finders import get_finders

    root = Path(settings.STATIC_ROOT)
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    mark = root / ".collected"
    if mark.is_file() and mark.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(digest.hexdigest())


if __name__ == "__main__":
    sys.exit(main())

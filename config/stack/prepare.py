"""Brings database and static files to where this release wants them; safe to repeat."""

import hashlib
import sys
from pathlib import Path

import django
import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

# No page shows these, and they are two fifths of what would be compressed.
UNSEEN = ["redoc", "rest_framework"]


def main() -> None:
    """What was asked for, `database` or `release`, is ready."""
    try:
        django.setup()
        {"database": migrate, "release": build_release}[sys.argv[1]]()
    except ImproperlyConfigured as fault:
        sys.exit(str(fault))


def migrate() -> None:
    """The schema and the cache's table are there."""
    try:  # a pool would wait, and then not say why
        psycopg.connect(settings.DATABASE_URL, connect_timeout=5).close()
    except psycopg.OperationalError as fault:
        sys.exit(f"The database of DATABASE_URL does not answer: {fault}")
    call_command("migrate", interactive=False, verbosity=1)
    call_command("createcachetable", verbosity=0)


def build_release() -> None:
    """The release passes its own checks, which no worker repeats, and its files are collected."""
    call_command("check")
    collect_static()


def collect_static() -> None:
    """Collects only when a source changed, because compressing takes seconds."""
    from django.contrib.staticfiles.finders import get_finders

    root = Path(settings.STATIC_ROOT)
    digest = hashlib.sha256(" ".join(UNSEEN).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    mark = root / ".collected"
    if mark.is_file() and mark.read_text() == digest.hexdigest():
        return
    call_command(
        "collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNSEEN
    )
    mark.write_text(digest.hexdigest())


if __name__ == "__main__":
    main()

#!/usr/bin/env python
"""Django's commands, on the running system of this data folder or on DATABASE_URL."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.stack.place import read_state

NEEDS_NOTHING = {"help", "version", "--help", "--version", "-h"}


def main() -> None:
    """Runs the command that was typed, or says in words why it cannot."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    join_running_system(sys.argv[1:2])
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.exit(f"manage.py cannot start. {fault}")


def join_running_system(command: list[str]) -> None:
    """What runs on DATA_DIR lends its addresses and its secret, where none are set here."""
    folder = Path(os.environ.get("DATA_DIR") or ".pharos")
    running = read_state(folder)
    ours = os.environ.get("DATABASE_URL")
    if running is not None and ours in (None, "", running["environment"].get("DATABASE_URL")):
        for name, value in running["environment"].items():
            os.environ[name] = os.environ.get(name) or value
    elif not ours and command and command[0] not in NEEDS_NOTHING:
        sys.exit(
            f"Nothing runs on {folder.absolute()}, so there is no database to work on.\n"
            "Start it in another terminal (make demo, or make run) and try again; "
            "or name its folder (DATA_DIR=...), or a database of your own (DATABASE_URL=...).\n"
            "For one command beside servers that are thrown away afterwards: "
            f"python -m config.stack with -- python manage.py {' '.join(sys.argv[1:])}"
        )


if __name__ == "__main__":
    main()

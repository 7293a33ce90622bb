from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import connection, models

KEPT_FOR = timedelta(hours=24)


class KeptAnswerQuerySet(models.QuerySet):
    def hold(self, *, user_id: int, method: str, path: str, key: str) -> bool:
        """Whether this question is ours until commit; False while somebody else answers it."""
        name = f"{user_id} {method} {path} {key}".encode()
        number = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            return cursor.fetchone()[0]

    def fresh(self, now: datetime, **question):
        """The answer kept for this question, if it is not older than a day."""
        return self.filter(**question, at__gt=now - KEPT_FOR).first()

    def keep(self, answer) -> None:
        """Keep the answer in place of an outlived one."""
        self.filter(
            user_id=answer.user_id, method=answer.method, path=answer.path, key=answer.key
        ).delete()
        answer.save(force_insert=True)

    def outlived(self, now: datetime):
        return self.filter(at__lte=now - KEPT_FOR)

    def forget_outlived(self, now: datetime, most: int) -> None:
        self.filter(pk__in=self.outlived(now).order_by("at").values("pk")[:most]).delete()


class PulseQuerySet(models.QuerySet):
    def beat(self, name: str, now: datetime) -> None:
        self.update_or_create(name=name, defaults={"heard_at": now})

    def heard_since(self, name: str, moment: datetime) -> bool:
        return self.filter(name=name, heard_at__gte=moment).exists()

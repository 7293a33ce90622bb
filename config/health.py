"""Whether the process lives, and whether all that it needs does."""

import time
from datetime import timedelta

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from portfolio.models import Pulse

WORKER_SILENCE = timedelta(seconds=30)


@login_not_required  # asked by supervisors and proxies
@never_cache
def alive(request):
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required  # asked by supervisors and proxies; says no more than yes or no of each part
@never_cache
def ready(request):
    began = time.monotonic()
    parts = {"database": _database(), "broker": _broker()}
    parts["migrations"] = parts["database"] and _migrated()
    parts["worker"] = parts["migrations"] and _worker_heard()
    ok = all(parts.values())
    body = {"ready": ok, **parts, "took_ms": round((time.monotonic() - began) * 1000)}
    return JsonResponse(body, status=200 if ok else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _worker_heard() -> bool:
    return Pulse.objects.heard_since("worker", timezone.now() - WORKER_SILENCE)

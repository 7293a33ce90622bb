"""Deletes uploaded files that nobody needs any more; what an import brought and told stays."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from portfolio.models import Import

log = logging.getLogger(__name__)

# A file holds more of a company than what came in from it. Two weeks, as an invitation lasts, let
# somebody come back from a holiday, look at the trial and go on.
FILE_KEPT = timedelta(days=14)
MOST_FORGOTTEN = 20  # files, a sweep
LEFT_LYING = "Nobody said what its columns are, and its file was deleted. Send it again."


def forget_files(now: datetime) -> int:
    """How many files were deleted. Safe twice, beside itself, and killed at any moment.

    A file goes before its name does: whoever is killed between leaves a name without a file, which
    the next one clears.
    """
    with transaction.atomic():
        outlived = Import.objects.with_outlived_file(now - FILE_KEPT)[:MOST_FORGOTTEN]
        forgotten = [running for running in outlived if _forget(running, now)]
    return len(forgotten)


def _forget(running: Import, now: datetime) -> bool:
    try:
        running.file.storage.delete(str(running.file.name))
    except OSError as trouble:
        log.warning("import file stays import=%s because=%s", running.pk, trouble)
        return False
    running.file = ""
    if running.state == Import.State.UPLOADED:
        running.state, running.message = Import.State.FAILED, LEFT_LYING
        running.finished_at = now
    running.save(update_fields=["file", "state", "message", "finished_at"])
    log.info("import file deleted import=%s", running.pk)
    return True

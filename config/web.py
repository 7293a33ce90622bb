"""How gunicorn serves the pages: `gunicorn --config config/web.py config.wsgi`."""

import os
import signal
from pathlib import Path
from typing import Any

from config import garbage
from config.stack.leash import die_with_parent

bind = os.environ.get("BIND") or "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
# Not preloaded: a pool of connections does not survive a fork.
preload_app = False
timeout = 30
graceful_timeout = 10
keepalive = 5
loglevel = "warning"
errorlog = "-"
accesslog = None
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"
if os.environ.get("TRUST_PROXY", "").lower() in ("1", "true", "yes"):
    forwarded_allow_ips = "*"


def post_fork(server: Any, worker: Any) -> None:
    """Each worker ends with the process that looks after it, even where that one was killed."""
    die_with_parent(signal.SIGTERM, worker.ppid)


def post_worker_init(worker: Any) -> None:
    """The application is loaded."""
    garbage.settle()

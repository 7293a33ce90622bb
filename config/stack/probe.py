"""Asks one address whether it answers well, as the host that people type; run as a file.

    python -I probe.py http://127.0.0.1:8000/healthz

Django refuses hosts that it does not know, so the question names the one in BASE_URL.
"""

import os
import sys
import urllib.request
from urllib.parse import urlsplit


def main() -> int:
    """Zero when it does."""
    host = urlsplit(os.environ.get("BASE_URL", "")).netloc or "localhost"
    request = urllib.request.Request(sys.argv[1], headers={"Host": host})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=4):
            return 0
    except OSError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

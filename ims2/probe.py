"""A container's health check: `python ims2/probe.py http://127.0.0.1:8000/readyz` or `python ims2/probe.py beat`.

Ends with 0 when all is well. Asks under the host name of BASE_URL, as the proxy does; needs only the standard library.
"""

import os
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit


def answers(address: str) -> bool:
    host = urlsplit(os.environ.get("BASE_URL", "http://localhost:8000")).netloc
    request = urllib.request.Request(address, headers={"Host": host, "X-Forwarded-Proto": "https"})  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status == 200
    except OSError as error:
        print(error)
        return False


def beat_is_alive(seconds: int = 90) -> bool:
    mark = Path(os.environ.get("IMS2_VAR", "var")) / "run" / "beat.alive"
    return mark.exists() and time.time() - mark.stat().st_mtime < seconds


if __name__ == "__main__":
    what = sys.argv[1]
    sys.exit(0 if (beat_is_alive() if what == "beat" else answers(what)) else 1)

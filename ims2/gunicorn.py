"""How gunicorn serves, the same under run.py and in a container: `gunicorn -c ims2/gunicorn.py ims2.wsgi`."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 5000  # a worker is replaced now and then, so that a slow leak never matters
max_requests_jitter = 500
control_socket_disable = True  # it would be a file in the home folder
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (heartbeat file, never content)
loglevel = "warning"

"""The queue: one Celery application for the worker and the schedule."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ims2.settings")
TRANSPORT_ALIASES["files"] = "core.broker:Transport"  # CELERY_BROKER_URL = "files://…"

app = Celery("ims2")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""The queue: one Celery application for the worker and the schedule."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ims2.settings")

app = Celery("ims2")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""The installation: settings, addresses, the queue, the web entry point.

Owns no domain word. Everything about management systems lives in the apps; this package only
puts them together.
"""

from .celery import app as celery_app

__all__ = ["celery_app"]

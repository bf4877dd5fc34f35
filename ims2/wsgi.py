"""The web entry point: `gunicorn ims2.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ims2.settings")

application = get_wsgi_application()

"""Settings of the test suite: they change speed and place, never behaviour."""

import os
from pathlib import Path

# The suite keeps its files in a folder of its own under var/, so that it never meets the data of an installation.
_var = Path(os.environ.get("IMS2_VAR") or Path(__file__).resolve().parent.parent / "var").resolve()
if _var.name != "test":
    os.environ["IMS2_VAR"] = str(_var / "test")

from ims2.settings import *  # noqa: E402, F403
from ims2.settings import DATABASES, IS_SQLITE, LOGGING, SQLITE_JOURNAL_MODE, STORAGES, VAR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING["root"]["level"] = "WARNING"

if IS_SQLITE:
    # A file, because a server under test answers from several threads, each with a connection of its own.
    # Named by the process, so that two runs side by side do not meet. No fsync: a test database need not survive.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / f"database-{os.getpid()}.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        f"PRAGMA journal_mode={SQLITE_JOURNAL_MODE}; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON"
    )
else:
    # Nor do commits wait for the disk here: what is tested is what other connections see, not a power cut.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

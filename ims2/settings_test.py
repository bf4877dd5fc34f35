"""Settings of the test suite: they change speed, never behaviour."""

from ims2.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

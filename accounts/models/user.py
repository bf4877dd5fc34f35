"""A person who signs in with an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"
    FRENCH = "fr", "Français"


class Theme(models.TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """A person with a normalised address, without a password until they set one; ValueError without address."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Lower case altogether: nobody has two accounts that differ by a capital letter."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, email: str) -> User:
        return self.get(email=self.normalize_email(email))


def zone_exists(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("%(zone)s is not a time zone of the IANA list."), params={"zone": value})


def zone_of(user: User) -> ZoneInfo:
    """The clock a person's times are shown by; UTC should their zone have left the list."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Zurich", validators=[zone_exists])
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    shortcuts_enabled = models.BooleanField(_("single-key shortcuts"), default=True)
    mail_on_assignment = models.BooleanField(_("when a task is assigned to me"), default=True)
    mail_on_mention = models.BooleanField(_("when somebody mentions me"), default=True)
    mail_digest = models.BooleanField(_("daily digest of what is due"), default=True)
    mail_weekly = models.BooleanField(_("weekly summary"), default=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("runs the installation"), default=False)
    is_demo = models.BooleanField(_("belongs to the demo"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "email"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Up to two letters for the round mark beside a name."""
        words = [w for w in (self.name or self.email).split() if w]
        return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    def get_session_auth_hash(self) -> str:
        """What every session of this person must carry: a new password or a raised epoch makes all of them void.

        So "sign out everywhere" reaches sessions that no list knows of.
        """
        return self._epoch_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._epoch_hash(secret=secret)

    def _epoch_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()

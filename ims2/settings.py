"""Settings of one installation, read from the environment; a bad value stops the start with a sentence.

Two ways to run: *embedded* (nothing set: SQLite and a queue of files under ``var/``) and *production*
(``IMS2_ENV=production``: PostgreSQL, Redis, HTTPS; unsafe values are refused). docs/operators.md explains each name.
"""

import os
import secrets
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF

from ims2.environment import Environment, must_hold_in_production

ROOT = Path(__file__).resolve().parent.parent
env = Environment()

# --- Where and how ---------------------------------------------------------------------------------

PRODUCTION = env.choice("IMS2_ENV", ("embedded", "production")) == "production"
VAR = Path(env.text("IMS2_VAR", str(ROOT / "var"))).resolve()
SECRETS = VAR / "secrets"
VAR.mkdir(parents=True, exist_ok=True)
SECRETS.mkdir(mode=0o700, exist_ok=True)


def secret(name: str) -> str:
    """The secret of this installation kept in var/secrets (readable by its owner only), made on first use."""
    path = SECRETS / name
    if not path.exists():
        draft = SECRETS / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)  # the first of several starting processes wins, the others read its value
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or ("" if PRODUCTION else secret("secret_key"))
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
BASE_URL = env.address("BASE_URL", "http://localhost:8000")
BASE_HOST = urlsplit(BASE_URL).hostname or ""
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]", BASE_HOST))
IS_SECURE = BASE_URL.startswith("https://")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", ("127.0.0.1", "::1") if PRODUCTION else ())

# The journal's heads are sealed with this key: a PEM text in JOURNAL_KEY, or the file, which is made on first use.
JOURNAL_KEY = env.text("JOURNAL_KEY")
JOURNAL_KEY_FILE = SECRETS / "journal_ed25519.pem"

# Signed documents carry a seal (PAdES): of this certificate (PKCS#12), or of one the installation makes for itself.
PDF_SEAL_FILE = env.text("PDF_SEAL_FILE")
PDF_SEAL_PASSPHRASE = env.text("PDF_SEAL_PASSPHRASE")
PDF_SEAL_OWN_FILE = SECRETS / "pdf_seal.p12"

# --- Apps and middleware ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "core.apps.CoreConfig",
    "accounts.apps.AccountsConfig",
    "pdca.apps.PdcaConfig",
    "projects.apps.ProjectsConfig",
    "jobs.apps.JobsConfig",
    "search.apps.SearchConfig",
    "approvals.apps.ApprovalsConfig",
    "sheets.apps.SheetsConfig",
    "context.apps.ContextConfig",
    "documents.apps.DocumentsConfig",
    "risks.apps.RisksConfig",
    "improvement.apps.ImprovementConfig",
    "audits.apps.AuditsConfig",
    "reports.apps.ReportsConfig",
    "notifications.apps.NotificationsConfig",
    "portal.apps.PortalConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "guardian",
    "simple_history",
    "django_htmx",
    "django_filters",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "csp",
]

MIDDLEWARE = [
    "core.middleware.RequestLog",
    "core.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.NoStore",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PersonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "ims2.urls"
WSGI_APPLICATION = "ims2.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "core.context.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "core.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Address tables of libraries, declared for the check that every address says who may open it.
ACCESS_TABLES = ["accounts.addresses.ADDRESSES"]

# --- Database and cache ----------------------------------------------------------------------------


def journal_mode(version: tuple[int, ...]) -> str:
    """WAL where the linked SQLite no longer has the WAL-reset fault (3.51.3, 3.50.7, 3.44.6), else TRUNCATE."""
    is_fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if is_fixed else "TRUNCATE"


SQLITE_JOURNAL_MODE = journal_mode(sqlite3.sqlite_version_info)
DATABASES = {
    "default": env.database("DATABASE_URL")
    or {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR / "ims2.sqlite3")}
}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    # Immediate transactions, or two writers who both read first cannot get out of each other's way.
    # FULL, because a signature must survive a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={SQLITE_JOURNAL_MODE}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.number("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.flag("PGBOUNCER")

# In the database in both ways of running: throttles then survive a restart of Redis, and emptying the cache can
# never empty the queue.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# --- People, sessions, sign-in ---------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.Backend",
    "projects.access.Backend",
]
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # rights are asked through projects.access alone, never through guardian
GUARDIAN_MONKEY_PATCH_USER = False
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by invitation, and the invitation went to the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # the same work for a known and an unknown address: time tells nobody who is here
# One truth about an address: the person's own. allauth's table of further addresses stays empty.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_SECURE else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "password_guess": "100/15m/ip,10/15m/key",  # accounts.adapter counts by account; the last one is the account's
    "reset_password": "20/m/ip,5/15m/key",
    "login_failed": "5/15m/key",  # codes of the second factor, by person
    "reauthenticate": "60/15m/user",
}

# Who must have a second factor. Embedded: nobody, so that the demo opens with a password alone.
MFA_REQUIRED = env.choice("MFA_REQUIRED", ("off", "signers", "everybody"), default="signers" if PRODUCTION else "off")
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "IMS2"
MFA_TOTP_TOLERANCE = 1
ACCOUNT_FORMS = {
    "login": "accounts.forms.sign_in.LoginForm",
    "reauthenticate": "accounts.forms.sign_in.ReauthenticateForm",
    "change_password": "accounts.forms.sign_in.ChangePasswordForm",
    "set_password": "accounts.forms.sign_in.SetPasswordForm",
    "reset_password": "accounts.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.sign_in.ResetPasswordKeyForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.sign_in.AuthenticateForm",
    "reauthenticate": "accounts.forms.sign_in.MfaReauthenticateForm",
    "activate_totp": "accounts.forms.sign_in.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.sign_in.AddWebAuthnForm",
    "edit_webauthn": "accounts.forms.sign_in.EditWebAuthnForm",
}
USERSESSIONS_TRACK_ACTIVITY = False  # accounts.middleware does it, once a minute instead of at every request

SESSION_HOURS = env.number("SESSION_HOURS", 12, at_least=1)
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 30, at_least=5)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "ims2_session"
SESSION_COOKIE_SAMESITE = "Lax"  # a link in a mail must find the person signed in
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "ims2_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
LANGUAGE_COOKIE_HTTPONLY = True

# --- Headers ---------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
USE_X_FORWARDED_HOST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_SECURE
if IS_SECURE:
    SECURE_SSL_REDIRECT = PRODUCTION
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", True)
    SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", True)
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": env.storage("STORAGE_URL") or {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MEDIA_ROOT = VAR / "files"
FILE_UPLOAD_TEMP_DIR = VAR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
FILE_UPLOAD_PERMISSIONS = 0o600
MAX_UPLOAD_MB = env.number("MAX_UPLOAD_MB", 25, at_least=1)
FILE_UPLOAD_HANDLERS = [
    "core.files.LimitedUpload",  # first: what is too large is not read to its end
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # a bulk form over a page of tasks

# --- Mail ------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", f"IMS2 <ims2@{BASE_HOST}>")
EMAIL_TIMEOUT = 20
mail = env.mail("EMAIL_URL") or {
    # Nothing leaves the machine: each mail is a file that can be opened and read.
    "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    "EMAIL_FILE_PATH": str(VAR / "mail"),
}
globals().update({name: value for name, value in mail.items() if name.startswith("EMAIL_") and value is not None})

# --- Queue -----------------------------------------------------------------------------------------

REDIS_URL = env.redis("REDIS_URL")
QUEUE_FOLDER = VAR / "queue"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# Ten minutes is four times the longest report measured; whoever stops a worker waits a little longer than that.
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 900
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 7200,
        "socket_connect_timeout": 3,
        # A bell that cannot be rung costs a request a moment; the sweeper rings again.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
    CELERY_WORKER_CONCURRENCY = env.number("WORKERS", 2, at_least=1)
    CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # kB; a child is replaced after the task that passed it
else:
    CELERY_BROKER_URL = "files://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(QUEUE_FOLDER), "polling_interval": 0.2}
    CELERY_WORKER_POOL = "threads"
    CELERY_WORKER_CONCURRENCY = env.number("WORKERS", 2, at_least=1)
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# What takes seconds to minutes waits in a queue of its own, so that a mail never stands behind forty reports.
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {"jobs.tasks.run": {"queue": "jobs"}}  # jobs.kinds says which queue each kind has
CELERY_BEAT_SCHEDULER = "core.beat:LockedScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "run" / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "core.tasks.tick", "schedule": 30, "options": {"expires": 60}},
    "mail": {"task": "core.tasks.send_mail_queue", "schedule": 15, "options": {"expires": 30}},
    "jobs": {"task": "jobs.tasks.sweep", "schedule": 10, "options": {"expires": 10}},
    "jobs-worker": {"task": "jobs.tasks.tick", "schedule": 30, "options": {"queue": "jobs", "expires": 60}},
    # What is done once a day is asked for under a key with its date: any number of beats, and a night slept through.
    "daily": {"task": "jobs.tasks.ask_due", "schedule": 60, "options": {"expires": 60}},
    # Every time zone has its own morning; the ledger keeps one job for each zone and local date.
    "mornings": {"task": "notifications.tasks.ask_mornings", "schedule": 600, "options": {"expires": 300}},
    "weekly-portfolios": {"task": "reports.tasks.ask_weekly", "schedule": 600, "options": {"expires": 300}},
    "search-new": {"task": "search.tasks.catch_up", "schedule": 60, "options": {"expires": 60}},
    "search": {"task": "search.tasks.heal", "schedule": crontab(hour="2", minute="10")},
}

# --- Log: one line each, UTC, with the number of the request, without anything about a person but the account's number

LOG_FORMAT = env.choice("LOG_FORMAT", ("json", "plain"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "core.logs.JsonFormatter"},
        "plain": {"()": "core.logs.PlainFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"))},
    "loggers": {
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # the line of the request already says 404, 403 or 400
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "celery": {"level": "INFO"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}

# --- What production refuses -----------------------------------------------------------------------

if PRODUCTION:
    must_hold_in_production(
        [
            (DEBUG, "DEBUG must be off."),
            (
                len(SECRET_KEY) < 50
                or len(set(SECRET_KEY)) < 10
                or SECRET_KEY.startswith(("django-insecure", "change")),
                "SECRET_KEY must be set to at least 50 random characters that belong to this installation alone.",
            ),
            (not IS_SECURE, "BASE_URL must be the https:// address that people type."),
            (not ALLOWED_HOSTS, "ALLOWED_HOSTS must name the host of BASE_URL."),
            (
                any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS),
                "ALLOWED_HOSTS must name each host; '*' and a leading dot are not accepted.",
            ),
            (
                bool(ALLOWED_HOSTS) and IS_SECURE and BASE_HOST not in ALLOWED_HOSTS,
                "ALLOWED_HOSTS must contain the host of BASE_URL.",
            ),
            (IS_SQLITE, "DATABASE_URL must name a PostgreSQL database."),
            (
                STORAGES["default"].get("OPTIONS", {}).get("endpoint_url", "https://").startswith("http://"),
                "STORAGE_URL must be an s3:// address; s3+http sends files and keys readable.",
            ),
            (not REDIS_URL, "REDIS_URL must name the Redis that carries the queue."),
            (
                "smtp" not in mail["EMAIL_BACKEND"],
                "EMAIL_URL must name a mail server, for example smtp+tls://user:password@host:587.",
            ),
        ]
    )

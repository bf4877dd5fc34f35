"""A setting that cannot be used, or is unsafe in production, stops the start with a sentence that names it."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from ims2.environment import Environment
from ims2.settings import journal_mode

from .conftest import ROOT, clean_environment

KEY = "w8Jq2-Zr5xLm9TtVb4Nc7Yk1Gd6Hf3Ps0Qa-Xe8Ui2Oj5Rv9Bn4Mz7Lw1"
SAFE = {
    "IMS2_ENV": "production",
    "SECRET_KEY": KEY,
    "BASE_URL": "https://ims2.example",
    "ALLOWED_HOSTS": "ims2.example",
    "DATABASE_URL": "postgres://ims2:secret-word@database:5432/ims2",
    "REDIS_URL": "redis://redis:6379/0",
    "EMAIL_URL": "smtp+tls://user:secret-word@mail.example:587",
}


def load(tmp_path, code="import ims2.settings", **settings):
    environment = clean_environment(tmp_path / "home", IMS2_VAR=str(tmp_path / "var"), **settings)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_safe_production_settings_are_accepted(tmp_path):
    loaded = load(tmp_path, **SAFE)

    assert loaded.returncode == 0, loaded.stderr


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEBUG": "1"}, "DEBUG must be off."),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"SECRET_KEY": "django-insecure-" + KEY}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name each host"),
        ({"ALLOWED_HOSTS": "ims2.example,.example"}, "ALLOWED_HOSTS must name each host"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the host of BASE_URL."),
        ({"ALLOWED_HOSTS": "other.example"}, "ALLOWED_HOSTS must contain the host of BASE_URL."),
        ({"BASE_URL": "http://ims2.example"}, "BASE_URL must be the https:// address"),
        ({"BASE_URL": ""}, "BASE_URL must be the https:// address"),
        ({"DATABASE_URL": ""}, "DATABASE_URL must name a PostgreSQL database."),
        ({"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, "DATABASE_URL must name a PostgreSQL database."),
        ({"REDIS_URL": ""}, "REDIS_URL must name the Redis"),
        ({"EMAIL_URL": ""}, "EMAIL_URL must name a mail server"),
        ({"EMAIL_URL": "consolemail://"}, "EMAIL_URL must name a mail server"),
        ({"STORAGE_URL": "s3+http://key:secret-word@store.example/ims2"}, "STORAGE_URL must be an s3:// address"),
        (
            {"STORAGE_URL": "s3://key:secret-word@store.example"},
            "STORAGE_URL must look like s3://key:secret@host/bucket",
        ),
        ({"IMS2_ENV": "prod"}, "IMS2_ENV must be one of embedded, production"),
    ],
)
def test_unsafe_production_setting_is_refused_by_name(tmp_path, change, sentence):
    loaded = load(tmp_path, **{**SAFE, **change})

    assert loaded.returncode != 0
    assert sentence in loaded.stderr.splitlines()[-1]
    assert "secret-word" not in loaded.stderr and KEY not in loaded.stderr


def test_the_command_line_says_the_sentence_without_a_traceback(tmp_path):
    said = load(
        tmp_path,
        code="import sys, manage; sys.argv = ['manage.py', 'check']; manage.main()",
        DATABASE_URL="postgres//typing:secret-word@error",
    )

    assert said.returncode == 1
    assert said.stderr.strip() == (
        "DATABASE_URL must look like postgres://user:password@host:5432/name; its value is not shown here."
    )


@pytest.mark.parametrize(
    ("read", "name", "value"),
    [
        (lambda env: env.flag("DEBUG"), "DEBUG", "ture"),
        (lambda env: env.number("SESSION_HOURS", 12, at_least=1), "SESSION_HOURS", "0"),
        (lambda env: env.number("SESSION_HOURS", 12, at_least=1), "SESSION_HOURS", "a day"),
        (lambda env: env.choice("MFA_REQUIRED", ("off", "signers")), "MFA_REQUIRED", "maybe"),
        (lambda env: env.address("BASE_URL", ""), "BASE_URL", "ims2.example"),
        (lambda env: env.address("BASE_URL", ""), "BASE_URL", "https://ims2.example/path"),
        (lambda env: env.networks("TRUSTED_PROXIES"), "TRUSTED_PROXIES", "10.0.0.0/99"),
        (lambda env: env.mail("EMAIL_URL"), "EMAIL_URL", "mail.example"),
        (lambda env: env.redis("REDIS_URL"), "REDIS_URL", "localhost:6379"),
        (lambda env: env.database("DATABASE_URL"), "DATABASE_URL", "oracle"),
        *(
            (lambda env: env.storage("STORAGE_URL"), "STORAGE_URL", wrong)
            for wrong in (
                "bucket",
                "https://host/bucket",
                "s3://host",
                "s3://key@host/bucket",
                "s3://host:x/bucket",
                "s3://host/bucket?acl=public-read",
                "s3://host/bucket#a",
                "s3://host/bucket?region",
            )
        ),
    ],
)
def test_unusable_value_is_a_sentence_that_begins_with_its_name(read, name, value):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(Environment({name: value}))

    sentence = str(refusal.value)
    assert sentence.startswith(f"{name} must ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_store_of_files_is_named_by_one_address():
    def store(value):
        return Environment({"STORAGE_URL": value}).storage("STORAGE_URL")

    own = store("s3://key:a%2Fb@store.example:9000/files/ims2/here?region=eu-central-2")["OPTIONS"]
    assert own == {
        "bucket_name": "files", "location": "ims2/here", "access_key": "key", "secret_key": "a/b", "file_overwrite": True,
        "region_name": "eu-central-2", "endpoint_url": "https://store.example:9000", "addressing_style": "path",
    }  # fmt: skip
    amazon = store("s3:///files")["OPTIONS"]
    assert (amazon["bucket_name"], amazon["location"], amazon["access_key"], amazon["region_name"]) == (
        "files",
        "",
        None,
        None,
    )
    assert "endpoint_url" not in amazon
    assert store("s3+http://key:word@localhost:9000/files")["OPTIONS"]["endpoint_url"] == "http://localhost:9000"
    assert store("") is None


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 0), "TRUNCATE"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_is_chosen_only_where_the_linked_sqlite_is_mended(version, mode):
    assert journal_mode(version) == mode


def test_sqlite_writes_at_once_and_to_the_disk(tmp_path):
    code = (
        "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'ims2.settings'; django.setup();"
        "from django.db import connection as c; from django.conf import settings as s; k = c.cursor();"
        "print(*[k.execute('PRAGMA ' + n).fetchone()[0] for n in ('synchronous', 'foreign_keys', 'busy_timeout')]);"
        "print(k.execute('PRAGMA journal_mode').fetchone()[0] == s.SQLITE_JOURNAL_MODE.lower());"
        "print(c.settings_dict['OPTIONS']['transaction_mode'], s.DEBUG)"
    )

    loaded = load(tmp_path, code)

    assert loaded.stdout.split("\n")[:3] == ["2 1 20000", "True", "IMMEDIATE False"], loaded.stderr


def test_an_installation_makes_its_own_key_once_and_keeps_it_to_itself(tmp_path):
    code = "import ims2.settings as s; print(s.SECRET_KEY)"

    first, second = load(tmp_path, code).stdout, load(tmp_path, code).stdout
    other = load(tmp_path / "elsewhere", code).stdout

    assert len(first.strip()) >= 50
    assert first == second != other
    kept = tmp_path / "var" / "secrets" / "secret_key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700

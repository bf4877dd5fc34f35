"""What every answer carries, and what the log says of it and does not say."""

import json
import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.logs import JsonFormatter, PlainFormatter, request_id
from core.middleware import NoStore

CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "more", "status"),
    [
        ("/healthz", {}, 200),
        ("/readyz", {}, 503),
        ("/no/such/address/", {}, 404),
        ("/healthz", {"headers": {"host": "evil.example"}}, 400),
        ("/my-work/", {}, 302),
    ],
)
def test_every_answer_carries_the_headers(client, settings, tmp_path, address, more, status):
    settings.QUEUE_FOLDER = tmp_path
    client.raise_request_exception = False

    answer = client.get(address, **more)

    assert answer.status_code == status
    assert {part.strip() for part in answer["Content-Security-Policy"].split(";")} == CSP
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert len(answer["X-Request-ID"]) == 12


def test_no_store_is_added_to_what_a_view_says():
    def view(request):
        return HttpResponse("page", headers={"Cache-Control": "max-age=60"})

    assert NoStore(view)(RequestFactory().get("/"))["Cache-Control"] == "no-store"


def entry(message, formatter=None, **more):
    record = logging.LogRecord("ims2.test", logging.INFO, __file__, 1, message, (), None)
    for name, value in more.items():
        setattr(record, name, value)
    return (formatter or JsonFormatter()).format(record)


@pytest.mark.parametrize("formatter", [JsonFormatter(), PlainFormatter()])
@pytest.mark.parametrize("text", ["one\r\ntwo", "one\ntwo", "one\x1b[2Ktwo", "one\u2028two", "one\x00two"])
def test_a_message_cannot_forge_a_second_line(formatter, text):
    line = entry(text, formatter)

    assert len(line.splitlines()) == 1
    assert "\x1b" not in line and "\x00" not in line


def test_a_line_says_when_in_utc_and_for_which_request():
    mark = request_id.set("abc123")
    try:
        found = json.loads(entry("hello", status=200, actor=7))
    finally:
        request_id.reset(mark)

    assert found["at"].endswith("+00:00")
    assert {key: found[key] for key in ("level", "logger", "message", "request", "status", "actor")} == {
        "level": "INFO",
        "logger": "ims2.test",
        "message": "hello",
        "request": "abc123",
        "status": 200,
        "actor": 7,
    }


@pytest.mark.django_db
def test_the_log_names_the_pattern_and_not_the_key_in_the_address(client, caplog):
    with caplog.at_level(logging.INFO, logger="ims2.request"):
        client.get("/accounts/password/reset/key/1-canary-secret/")
        client.get("/no/such/canary-secret/?token=canary-secret")

    assert [record.message for record in caplog.records if record.name == "ims2.request"] == ["request", "request"]
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert not [line for line in lines if "canary-secret" in line]
    routes = [json.loads(line)["route"] for line in lines]
    assert routes[0].startswith("/accounts/password/reset/key/") and routes[1] == "(no such address)"


def test_a_failed_request_is_logged_by_its_pattern():
    request = RequestFactory().get("/accounts/password/reset/key/1-canary-secret/")
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Failed: %s", (request.path,), None)
    record.request = request

    assert "canary-secret" not in JsonFormatter().format(record)

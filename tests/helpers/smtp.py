"""A mail server for tests, over real sockets: it keeps what it is given, and can be told how to misbehave for whom.

sink.ways["anna@example.org"] = "refuse"     550 to the recipient, for ever
                                "later"      451 to the recipient, for now
                                "bad"        554 to the content
                                "hang"       no answer to the mail until the client gives up
                                "cut"        hangs up in the middle of the mail
                                "mute"       takes the mail and hangs up without a word
sink.most_a_connection = 3                   421 to the fourth mail of a connection
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[tuple[str, bytes]] = []
        self.ways: dict[str, str] = {}
        self.most_a_connection = 1_000_000
        self.connections = 0
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed in the middle of a mail is what some tests are about."""


class Conversation(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        sink: Sink = self.server
        sink.connections += 1
        self.say("220 sink")
        to, mails = "", 0
        while line := self.rfile.readline():
            word = line.decode().strip().upper()
            if word.startswith(("EHLO", "HELO")):
                self.say("250 sink")
            elif word.startswith("MAIL"):
                mails += 1
                if mails > sink.most_a_connection:
                    self.say("421 enough for one connection")
                    return
                self.say("250 ok")
            elif word.startswith("RCPT"):
                to = line.decode().split("<")[1].split(">")[0]
                self.say({"refuse": "550 no such person", "later": "451 not now"}.get(sink.ways.get(to, ""), "250 ok"))
            elif word == "DATA":
                self.say("354 go on")
                if not self.take(sink, to):
                    return
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, sink: Sink, to: str) -> bool:
        """Reads a mail to its end and keeps it; False to hang up."""
        way, data = sink.ways.get(to, ""), b""
        while (part := self.rfile.readline()) != b".\r\n":
            if not part or way == "cut":
                return False
            data += part
        if way == "bad":
            self.say("554 looks like rubbish")
            return True
        if way == "hang":
            sink.over.wait(30)
            return False
        sink.mails.append((to, data))
        if way == "mute":
            return False
        self.say("250 taken")
        return True


@contextmanager
def running() -> Iterator[Sink]:
    server = Sink()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def use(settings: object, server: Sink, timeout: float = 5) -> None:
    """Points Django's settings to the server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = timeout

"""Workers that are killed in the middle of sending (T20): nobody gets a mail twice, and what is in doubt is listed.

IMS2_MAILS=1000 IMS2_KILLS=30 runs it at full load; the suite runs a part.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from email import message_from_bytes

import pytest
from django.db import connections
from django.utils import timezone

from core import outbox
from core.models import OutgoingMail
from core.models.mail import MailState, Urgency
from tests.helpers import smtp

MAILS = int(os.environ.get("IMS2_MAILS", "60"))
KILLS = int(os.environ.get("IMS2_KILLS", "4"))


def work() -> None:
    """A worker: sends what is due until somebody kills it, or nothing is left."""
    connections.close_all()
    idle = 0
    while idle < 3:
        idle = 0 if any(outbox.send_due(limit=25).values()) else idle + 1
        time.sleep(0.02)
    os._exit(0)


@pytest.mark.django_db(transaction=True)
def test_no_mail_arrives_twice_however_often_workers_are_killed(settings, monkeypatch):
    seed = random.randrange(10**6)  # noqa: S311
    print("seed", seed)
    chance = random.Random(seed)  # noqa: S311
    monkeypatch.setattr(outbox, "LEASE", outbox.dt.timedelta(seconds=2))
    now = timezone.now()
    outbox.write_many(
        OutgoingMail(
            key=f"digest:{n}", recipient=f"p{n}@example.org", subject="Your work", text="one", not_before=now,
            urgency=Urgency.BULK,
        )
        for n in range(MAILS)
    )  # fmt: skip
    fork = multiprocessing.get_context("fork")
    with smtp.running() as sink:
        smtp.use(settings, sink)
        connections.close_all()
        workers, kills = [fork.Process(target=work) for _n in range(2)], 0
        [worker.start() for worker in workers]
        while kills < KILLS and any(worker.is_alive() for worker in workers):
            time.sleep(chance.uniform(0.05, 0.3))
            number = chance.randrange(2)
            if workers[number].is_alive():
                os.kill(workers[number].pid, signal.SIGKILL)
                kills += 1
            workers[number].join()
            workers[number] = fork.Process(target=work)
            workers[number].start()
        [worker.join(120) for worker in workers]
        time.sleep(2.1)
        while any(outbox.send_due().values()):
            pass
        delivered = Counter(message_from_bytes(data)["Message-ID"] for _to, data in sink.mails)

    assert kills > 0
    assert max(delivered.values()) == 1, "the same mail twice"
    states = Counter(OutgoingMail.objects.values_list("state", flat=True))
    assert set(states) <= {MailState.SENT, MailState.UNKNOWN}
    assert states[MailState.UNKNOWN] <= kills
    not_sent = [row for row in OutgoingMail.objects.all() if outbox.message_id(row) not in delivered]
    assert {row.state for row in not_sent} <= {MailState.UNKNOWN}, "what did not arrive is listed"
    assert set(outbox.unsent()) == set(OutgoingMail.objects.filter(state=MailState.UNKNOWN))
    print(f"{MAILS} mails, {kills} kills: {len(delivered)} delivered once, {states[MailState.UNKNOWN]} unknown")

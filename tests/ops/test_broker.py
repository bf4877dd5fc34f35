"""The queue of files: complete messages in order, and a torn one stops nobody. (RELIABILITY M6, M7)"""

import multiprocessing
import shutil
import time
from queue import Empty

import pytest
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES

import ims2.celery  # noqa: F401 (names the transport)


def connect(folder):
    return Connection("files://", transport_options={"folder": str(folder), "polling_interval": 0.02})


@pytest.fixture
def queue(tmp_path):
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue("celery")
        received(queue)  # declares it
        yield queue


def received(queue):
    found = []
    while True:
        try:
            message = queue.get(block=False)
        except Empty:
            return found
        found.append(message.payload)
        message.ack()


def test_the_alias_is_ours():
    assert TRANSPORT_ALIASES["files"] == "core.broker:Transport"


def test_messages_arrive_whole_and_in_order(queue, tmp_path):
    sent = [{"number": number, "text": "ü" * 5000} for number in range(20)]
    for message in sent:
        queue.put(message)

    assert received(queue) == sent
    assert list((tmp_path / "waiting").iterdir()) == []
    assert list((tmp_path / "taken").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b'{"body": "half of a mess', b"\xff\xfe\x00", b"[]", b"{}", b"null"])
def test_a_torn_message_is_set_aside_and_the_next_is_read(queue, tmp_path, content, caplog):
    queue.put("before")
    time.sleep(0.001)
    torn = tmp_path / "waiting" / f"{time.time_ns():020d}_torn.celery.msg"
    torn.write_bytes(content)
    queue.put("after")

    assert received(queue) == ["before", "after"]
    assert [path.name for path in (tmp_path / "bad").iterdir()] == [torn.name]
    assert (tmp_path / "bad" / torn.name).read_bytes() == content
    assert "set aside" in caplog.text


def test_names_follow_the_time_of_day(queue, tmp_path):
    before = time.time_ns()
    queue.put("one")

    (path,) = (tmp_path / "waiting").iterdir()
    assert before <= int(path.name.partition("_")[0]) <= time.time_ns()


def test_another_queue_is_left_alone(queue, tmp_path):
    queue.put("ours")
    with connect(tmp_path) as connection:
        other = connection.SimpleQueue("other")
        other.put("theirs")

        assert received(queue) == ["ours"]
        assert received(other) == ["theirs"]


def publish(folder, name, count):
    with connect(folder) as connection:
        queue = connection.SimpleQueue("celery")
        for number in range(count):
            queue.put({"from": name, "number": number, "filler": "x" * 200_000})


def test_readers_never_meet_half_a_message_while_others_write(queue, tmp_path):
    queue.put("first")  # the queue exists before the writers start
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=publish, args=(tmp_path, name, 40)) for name in ("a", "b")]
    for writer in writers:
        writer.start()

    found, until = [], time.monotonic() + 60
    while len(found) < 81 and time.monotonic() < until:
        found += received(queue)
    for writer in writers:
        writer.join(20)

    assert found[0] == "first"
    for name in ("a", "b"):
        assert [message["number"] for message in found[1:] if message["from"] == name] == list(range(40))
    assert list((tmp_path / "bad").iterdir()) == []


def test_a_cleared_folder_costs_only_what_was_in_it(queue, tmp_path):
    queue.put("lost")
    shutil.rmtree(tmp_path)
    assert received(queue) == []

    queue.put("after")

    assert received(queue) == ["after"]


def test_a_torn_binding_is_written_anew(queue, tmp_path):
    (tmp_path / "control" / "celery.exchange").write_text('[["cel')

    with connect(tmp_path) as connection:
        connection.SimpleQueue("celery").put("through another connection")

    assert received(queue) == ["through another connection"]

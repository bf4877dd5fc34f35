"""The queue of an installation without Redis: one file per message in a folder under var/.

Kombu's own folder transport writes a message in place, so a reader can meet half of it, and a torn file stops the
worker for good. Here a message appears under its name complete (written, flushed to disk, renamed), and a file that
cannot be read is set aside while the queue goes on. Names begin with the time of day, so that messages keep their
order when the machine starts anew. (RELIABILITY M6, M7)
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Messages wait in `<folder>/waiting`, a torn one goes to `<folder>/bad`, bindings stand in `<folder>/control`."""

    @property
    def root(self) -> Path:
        """The folder, whole: whoever cleared it away costs the queue what was in it and nothing more."""
        root = Path(self.transport_options["folder"])
        for name in ("waiting", "taken", "bad", "control"):
            (root / name).mkdir(parents=True, exist_ok=True)
        return root

    @property
    def data_folder_in(self) -> str:
        return str(self.root / "waiting")

    data_folder_out = data_folder_in

    @property
    def control_folder(self) -> Path:
        return self.root / "control"

    def get_table(self, exchange: str) -> list:
        """What is bound to an exchange: by what this process knows, and by what others wrote down."""
        known = [filesystem.exchange_queue_t(*row) for row in self.state.exchanges.get(exchange, {}).get("table", ())]
        try:
            return list(dict.fromkeys([*known, *super().get_table(exchange)]))
        except ValueError:  # torn; it is written anew by the next process that binds
            return known

    def _queue_bind(self, exchange: str, *binding: str) -> None:
        try:
            super()._queue_bind(exchange, *binding)
        except ValueError:
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, *binding)

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        draft, ready = self.root / "taken" / f"{name}.draft", Path(self.data_folder_out) / name
        try:
            with draft.open("wb") as file:
                file.write(str_to_bytes(dumps(payload)))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(ready)
        except OSError as error:
            raise ChannelError(f"The queue folder {self.root} cannot be written: {error.strerror}.") from error

    def _get(self, queue: str) -> Any:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = self.root / "taken" / name
            try:
                os.rename(os.path.join(self.data_folder_in, name), taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            try:
                payload = loads(bytes_to_str(taken.read_bytes()))
                payload["properties"], payload["headers"], payload["body"]
            except (ValueError, KeyError, TypeError, LookupError):
                taken.rename(self.root / "bad" / name)
                log.error("A message of the queue could not be read and was set aside as bad/%s.", name)
                continue
            taken.unlink()
            return payload
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
    driver_type = driver_name = "files"

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = virtual.BrokerState()  # one per connection, which may lead to another folder

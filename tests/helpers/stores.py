"""Both ways to keep files: a folder of this machine, and an S3 store (made up by moto, through the product's own code).

@pytest.fixture(autouse=True, params=stores.KINDS)
def own_storage(request, settings, tmp_path):
    with stores.use(request.param, settings, tmp_path):
        yield
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from ims2.environment import Environment

KINDS = ("folder", "s3")
URL = "s3://testing:a%2Fsecret@/files/of-ims2?region=eu-central-2"


@contextmanager
def use(kind: str, settings: Any, folder: Path) -> Iterator[None]:
    """Keeps files in `folder`, or in a bucket that is empty and gone afterwards."""
    settings.MEDIA_ROOT = folder / "files"
    if kind == "folder":
        yield
        return
    from moto import mock_aws

    with mock_aws():
        place = {"LocationConstraint": "eu-central-2"}
        client().create_bucket(Bucket="files", CreateBucketConfiguration=place)
        store = Environment({"STORAGE_URL": URL}).storage("STORAGE_URL")
        settings.STORAGES = {**settings.STORAGES, "default": store}
        yield


@cache
def client() -> Any:
    """One client for all tests: making it reads megabytes of descriptions of services."""
    import boto3

    return boto3.client("s3", region_name="eu-central-2")


def contents(folder: str = "evidence") -> dict[str, bytes]:
    """Everything that is kept, by its name in the store, whatever the kind."""
    found: dict[str, bytes] = {}

    def walk(place: str) -> None:
        try:
            folders, names = default_storage.listdir(place)
        except FileNotFoundError:
            return
        for name in names:
            with default_storage.open(f"{place}/{name}") as file:
                found[f"{place}/{name}"] = file.read()
        for one in folders:
            walk(f"{place}/{one}")

    walk(folder)
    return found

"""What must not stand in the repository."""

import re
import subprocess

import pytest

from .conftest import ROOT

REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|npmjs\.org|yarnpkg|unpkg\.com|jsdelivr|cdnjs|--(?:extra-)?index-url|--find-links"
)
MACHINE = re.compile(r"(?<![\w.~-])/(?:home|root|Users|work|farm)/[A-Za-z0-9._-]+|\bfile:///(?!etc/passwd)")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("This copy has no git history to list its files.")
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.stat().st_size < 3_000_000 and name != "tests/ops/test_repository.py":
            try:
                yield name, path.read_text()
            except UnicodeDecodeError:
                continue  # a font or a picture


def hits(pattern, skip=()):
    return [
        f"{name}: {found.group()}"
        for name, text in tracked()
        if not name.startswith(skip)
        for found in pattern.finditer(text)
    ]


def test_no_address_of_a_package_registry():
    assert hits(REGISTRIES) == []


def test_no_path_of_a_machine():
    assert hits(MACHINE, skip=("static/vendor/",)) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_every_pinned_package_carries_hashes(lock):
    packages = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text().strip())

    assert len(packages) > 40
    for package in packages:
        assert re.match(r"[a-z0-9.\[\]-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", package), package[:80]


def test_the_test_lock_holds_the_application_in_the_same_versions():
    def pins(lock):
        return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(), re.M))

    assert pins("requirements.lock").items() <= pins("requirements-test.lock").items()

"""Keeps the third-party files of the browser in `static/vendor/` exactly as `vendor.lock.json` says.

    python3 vendor.py            verifies the committed files against the lock, without any network
    python3 vendor.py --update   fetches the packages again through npm as it is configured and rewrites the files

To move to a new release change its `version`, empty its `integrity`, and run `--update`; to use a new icon add its
name to `icons` and run `--update`. Names are those of tabler.io/icons; the sprite calls them `i-<name>`.
Of Bootstrap only the style sheet is taken: menus, dialogs and tabs are <details>, <dialog> and links, so its script
would be weight without use. The committed files are what the application serves: a machine that runs it needs neither npm nor Node.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "vendor.lock.json"
TARGET = ROOT / "static" / "vendor"
SPRITE = "icons.svg"


class Trouble(Exception):
    """Something does not fit; the sentence says what."""


def read_lock() -> dict:
    return json.loads(LOCK.read_text(encoding="utf-8"))


def write_lock(lock: dict) -> None:
    """Writes the lock with one line for each package and file, and the icon names in wrapped lines."""
    text = json.dumps({**lock, "icons": "ICONS"}, indent=2, ensure_ascii=False)
    lines: list[str] = []
    for name in sorted(set(lock["icons"])):
        word = f'"{name}"'
        if lines and len(lines[-1]) + len(word) + 2 <= 110:
            lines[-1] += f", {word}"
        else:
            lines.append(f"    {word}")
    LOCK.write_text(text.replace('"ICONS"', "[\n" + ",\n".join(lines) + "\n  ]") + "\n", encoding="utf-8")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def npm(*arguments: str, cwd: Path) -> str:
    try:
        done = subprocess.run(["npm", *arguments], cwd=cwd, capture_output=True, text=True, timeout=300)  # noqa: S603, S607
    except FileNotFoundError:
        raise Trouble("npm is not installed: only updating needs it, the application does not.") from None
    if done.returncode:
        raise Trouble(f"npm {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout


def fetch(name: str, package: dict, folder: Path) -> tarfile.TarFile:
    """The package's archive, after its sha512 agreed with the lock (or was taken over when the lock has none yet)."""
    packed = json.loads(npm("pack", f"{name}@{package['version']}", "--json", cwd=folder))
    told = (packed if isinstance(packed, list) else list(packed.values()))[0]
    archive = folder / told["filename"].replace("@", "").replace("/", "-")
    digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if package["integrity"] and package["integrity"] != digest:
        raise Trouble(f"{name} {package['version']}: the archive is {digest}, the lock says {package['integrity']}.")
    package["integrity"] = digest
    return tarfile.open(archive)


def member(archive: tarfile.TarFile, path: str) -> bytes:
    try:
        found = archive.extractfile(f"package/{path}")
    except KeyError:
        found = None
    if found is None:
        raise Trouble(f"{Path(str(archive.name)).name} has no file {path}.")
    return found.read()


def without_source_map(data: bytes) -> bytes:
    """The maps are not vendored, and a link to a missing file stops the hashing of static files."""
    return re.sub(rb"\n?/[/*]# sourceMappingURL=\S+(?: \*/)?\s*$", b"\n", data)


def symbol(name: str, source: str) -> str:
    """One icon as a <symbol>; size, stroke and colour come from the class of the <svg> that uses it."""
    inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.S)
    if not inner:
        raise Trouble(f"The icon {name} is not an SVG.")
    shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner.group(1))
    shapes = re.sub(r"\s*\n\s*", "", shapes).replace(" />", "/>")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def update() -> None:
    lock = read_lock()
    made: dict[str, bytes] = {}
    versions = []
    with tempfile.TemporaryDirectory() as folder:
        for name, package in lock["packages"].items():
            with fetch(name, package, Path(folder)) as archive:
                for source, target in package["files"].items():
                    made[target] = without_source_map(member(archive, source))
                if "icons" in package:
                    drawn = [
                        symbol(icon, member(archive, f"{package['icons']}/{icon}.svg").decode())
                        for icon in sorted(set(lock["icons"]))
                    ]
                    made[SPRITE] = (
                        f"<!-- Tabler Icons {package['version']}, MIT, licences/tabler-icons.txt -->\n"
                        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(drawn) + "\n</svg>\n"
                    ).encode()
            versions.append(f"{name} {package['version']} ({package['licence']})")
    made["VERSIONS.txt"] = ("\n".join(versions) + "\n").encode()
    for stale in TARGET.rglob("*"):
        if stale.is_file() and stale.relative_to(TARGET).as_posix() not in made:
            stale.unlink()
    for target, data in made.items():
        (TARGET / target).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / target).write_bytes(data)
    lock["files"] = {target: sha256(made[target]) for target in sorted(made)}
    write_lock(lock)


def faults() -> list[str]:
    """What differs between `static/vendor/` and the lock, one sentence each; empty when all is well."""
    locked = read_lock()["files"]
    there = {path.relative_to(TARGET).as_posix(): path for path in TARGET.rglob("*") if path.is_file()}
    found = [f"static/vendor/{name} is missing." for name in sorted(locked.keys() - there.keys())]
    found += [f"static/vendor/{name} is not in the lock." for name in sorted(there.keys() - locked.keys())]
    found += [
        f"static/vendor/{name} was changed: its sha256 is not the one in the lock."
        for name in sorted(locked.keys() & there.keys())
        if sha256(there[name].read_bytes()) != locked[name]
    ]
    return found


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--update"]):
        print(__doc__)
        return 2
    try:
        if arguments:
            update()
        found = faults()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    print("\n".join(found) or f"static/vendor is as the lock says ({len(read_lock()['files'])} files).")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

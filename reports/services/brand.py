"""An organization's logo and colour are set here: checked, made small, and written down in the journal."""

from __future__ import annotations

import io
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.models import Organization
from accounts.selectors import brand
from core import files
from core.rules import RuleBroken
from projects import access, flow, journal
from projects.permissions import Perm

PICTURES = ("png", "jpg", "jpeg", "webp")
MOST_PIXELS = 36_000_000
"""12,000 x 3,000: 144 MB while it is read. What is larger is refused in words."""

LARGEST = (900, 360)
"""Kept at this size: 300 dots per inch on the cover."""

LARGE_BYTES = 250_000
LEAST_CONTRAST = 4.5
"""White text on the colour, by WCAG 2.2 1.4.3."""


def set_logo(*, organization: Organization, upload: Any, by: Any) -> None:
    """Takes a picture as the organization's logo. Raises files.Refused with the reason; then nothing changed."""
    _permit(organization, by)
    data, kind = small(upload)
    sha256 = files.store(data, organization_id=organization.pk, folder=brand.FOLDER)
    _write(organization, by, logo_sha256=sha256, logo_type=kind)


def remove_logo(*, organization: Organization, by: Any) -> None:
    _permit(organization, by)
    _write(organization, by, logo_sha256="", logo_type="")


def set_color(*, organization: Organization, color: str, by: Any) -> str:
    """Takes a colour, made darker where white text on it could not be read. Returns the colour that is used."""
    _permit(organization, by)
    used = readable(color)
    _write(organization, by, brand_color="" if used == brand.DEFAULT_COLOR else used)
    return used


def _permit(organization: Organization, by: Any) -> None:
    if not access.can(by, Perm.MANAGE_ORGANIZATION, organization):
        raise flow.NotPermitted(_("Only who manages the organization may change how it looks."))


def _write(organization: Organization, by: Any, **values: str) -> None:
    with journal.change(organization, by=by) as log:
        fresh = Organization.objects.get(pk=organization.pk)
        before = {name: getattr(fresh, name) for name in values}
        if before == values:
            return
        Organization.objects.filter(pk=organization.pk).update(**values)
        log(fresh, "organization.changed", journal.differences(before, values))
    for name, value in values.items():
        setattr(organization, name, value)


# ---- the picture ------------------------------------------------------------------------------------------------


def small(upload: Any) -> tuple[bytes, str]:
    """The picture drawn anew at most LARGEST in size, with nothing in it but its pixels; bytes and type."""
    name = files.safe_name(upload.name)
    if files.extension_of(name) not in PICTURES:
        raise files.Refused(
            _("A logo is a PNG, JPEG or WebP picture. Save “%(name)s” as one of these.") % {"name": name}
        )
    files.check(upload, name)
    stream = upload.file if hasattr(upload, "file") else upload
    stream.seek(0)
    try:
        with Image.open(stream) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise files.Refused(
                    _("“%(name)s” has %(width)s × %(height)s pixels. Save it with at most 4,000 pixels in width.")
                    % {"name": name, "width": width, "height": height}
                )
            picture.draft("RGB", (LARGEST[0] * 2, LARGEST[1] * 2))
            return _encoded(_shrunk(picture))
    except RuleBroken:
        raise
    except Exception as error:  # Pillow raises many kinds for a broken file: whatever it is, the picture is no good
        raise files.Refused(
            _("“%(name)s” cannot be read. Open it, save it again, and choose the new file.") % {"name": name}
        ) from error


def _shrunk(picture: Image.Image) -> Image.Image:
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if max(picture.size[0] / LARGEST[0], picture.size[1] / LARGEST[1]) > 4 and picture.mode in (
        "RGB",
        "RGBA",
        "L",
        "LA",
    ):
        picture = picture.reduce(int(max(picture.size[0] / LARGEST[0], picture.size[1] / LARGEST[1]) // 2))
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    return picture


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    plain = Image.new(picture.mode, picture.size)
    plain.paste(picture)
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    if out.tell() > LARGE_BYTES and plain.mode == "RGB":
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=88, optimize=True)
        return out.getvalue(), "image/jpeg"
    return out.getvalue(), "image/png"


# ---- the colour -------------------------------------------------------------------------------------------------


def contrast_with_white(color: str) -> float:
    """The contrast of white on #rrggbb, 1 to 21, by WCAG."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def readable(color: str) -> str:
    """The colour itself, or the nearest darker shade of it on which white can be read."""
    shade, step = color, 0
    while contrast_with_white(shade) < LEAST_CONTRAST:
        step += 1
        shade = "#" + "".join(f"{int(int(color[at : at + 2], 16) * (1 - step / 50)):02x}" for at in (1, 3, 5))
    return shade

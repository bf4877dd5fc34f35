"""Template tags that every page uses. They are cheap enough for rows of a list: no template is loaded for one badge.

{% icon "check" %} · {% badge "late" "Overdue" %} · {% person user %} · {% avatar user %} · {% due task.due_on today %}
{% progress 53 57 %} · {% percent_bar 53 %} · {% query_with "page" 2 %} · {% query_drop "status" "open" %} ·
{{ name|initials }} · {% lead item.url item.label %} · {% if url|opens:perms_here %}
"""

from __future__ import annotations

import datetime as dt
import zlib
from functools import lru_cache
from typing import Any

from django import template
from django.core.signals import setting_changed
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape as escaped
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from core import access_check, day_words

register = template.Library()

# The five kinds of state, each with the icon it wears unless another is named.
KINDS = {
    "done": "circle-check",
    "prog": "circle-half-2",
    "risk": "clock",
    "late": "clock-exclamation",
    "open": "circle-dashed",
}
NO_DATE = mark_safe('<span class="muted">\N{EN DASH}</span>')
SOON_DAYS = 7  # a date this near is marked "due soon"


# ---- links -----------------------------------------------------------------------------------------------------


@register.filter
def opens(url: str, perms_here: Any) -> bool:
    """Whether this reader may open the address, as its view declares it."""
    return access_check.opens(url, perms_here or ())


@register.simple_tag(takes_context=True)
def lead(context: template.Context, url: str, label: Any, css: str = "row-title") -> SafeString:
    """A link for who may open where it leads; for everybody else, and without an address, the words alone."""
    request = context.get("request")
    if url and access_check.opens(url, getattr(request, "perms_here", None) or ()):
        return format_html('<a class="{}" href="{}">{}</a>', css, url, label)
    return format_html('<span class="{}">{}</span>', css, label)


# ---- icons -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def sprite() -> str:
    return static("vendor/icons.svg")


@lru_cache(maxsize=1024)
def icon_svg(name: str, css: str = "") -> SafeString:
    """A decorative icon of the sprite; the words beside it carry the meaning."""
    css = f"icon {css}" if css else "icon"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', css, sprite(), name)


@setting_changed.connect
def forget_sprite(*, setting: str, **kwargs: Any) -> None:
    if setting in {"STATIC_URL", "STORAGES"}:
        sprite.cache_clear()
        icon_svg.cache_clear()
        _badge.cache_clear()


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """An icon; with `label` it speaks for itself, otherwise it is hidden from readers."""
    drawn = icon_svg(name, css)
    return drawn if not label else drawn + format_html('<span class="sr">{}</span>', label)


# ---- states ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _badge(kind: str, label: str, name: str) -> SafeString:
    return format_html('<span class="status status-{}">{}{}</span>', kind, icon_svg(name), label)


@register.simple_tag
def badge(kind: str, label: Any, icon: str = "") -> SafeString:
    """A state: soft colour, icon and word. `kind` is done, prog, risk, late or open."""
    if kind not in KINDS:
        kind = "open"
    return _badge(kind, str(label), icon or KINDS[kind])


@register.simple_tag
def chip(label: Any, href: str = "") -> SafeString:
    """A neutral label, such as a standard or a clause; a link when `href` is given."""
    if href:
        return format_html('<a class="chip" href="{}">{}</a>', href, label)
    return format_html('<span class="chip">{}</span>', label)


# ---- people ----------------------------------------------------------------------------------------------------


@register.filter
def for_plural(number: Any) -> int:
    """The whole number a plural form is chosen by: half a day and two days and a half are "days"."""
    return 1 if number == 1 else 2


@register.filter
def initials(name: Any) -> str:
    """First letters of the first and last word: "Petra von Aesch" gives "PA"; "?" when there is no name."""
    words = [word for word in str(name or "").replace("@", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@lru_cache(maxsize=4096)
def _avatar(name: str) -> SafeString:
    tone = zlib.crc32(name.encode()) % 6 + 1  # the same person has the same colour everywhere
    return format_html('<span class="avatar avatar-{}" aria-hidden="true">{}</span>', tone, initials(name))


def name_of(who: Any) -> str:
    return str(getattr(who, "name", "") or who)


@register.simple_tag
def avatar(who: Any) -> SafeString:
    """The round mark of a person (anything with a `name`, or a text), without the name."""
    return _avatar(name_of(who))


@register.simple_tag
def person(who: Any, missing: Any = "") -> SafeString:
    """Avatar and name; `missing` (or "Nobody yet") is said when there is nobody."""
    if not who:
        return format_html('<span class="person muted">{}</span>', missing or _("Nobody yet"))
    name = name_of(who)
    return mark_safe(f'<span class="person">{_avatar(name)}<span>{escaped(name)}</span></span>')  # noqa: S308


# ---- dates -----------------------------------------------------------------------------------------------------


def short_date(day: dt.date, today: dt.date | None = None) -> str:
    """ "4 Dec", with the year when it is not this year's."""
    return day_words.short(day, with_year=day.year != (today or timezone.localdate()).year)


@register.filter(expects_localtime=True)
def short_day(value: dt.date | None, with_year: bool = True) -> str:
    """A date where room is dear: "4 Dec 2028", or "4 Dec"; nothing for none."""
    return day_words.short(_day_of(value), with_year=with_year) if value else ""


@register.filter(expects_localtime=True)
def long_day(value: dt.date | None, with_year: bool = True) -> str:
    """A date in a sentence: "4 December 2028", or "4 December"; nothing for none."""
    return day_words.long(_day_of(value), with_year=with_year) if value else ""


@register.filter(expects_localtime=True)
def full_day(value: dt.date | None, with_year: bool = True) -> str:
    """A date as a heading: "Monday 4 December 2028", or "Monday 4 December"; nothing for none."""
    return day_words.full(_day_of(value), with_year=with_year) if value else ""


@register.filter
def short_month(value: dt.date) -> str:
    """The month of a date: "Dec"."""
    return day_words.month(value)


@register.filter(expects_localtime=True)
def short_moment(value: dt.datetime, with_year: bool = True) -> str:
    """ "4 Dec 2028, 16:40", or "4 Dec, 16:40"."""
    return f"{short_day(value, with_year)}, {value:%H:%M}"


@register.filter(expects_localtime=True)
def long_moment(value: dt.datetime, with_zone: bool = False) -> str:
    """ "4 December 2028, 16:40", or with the zone of its clock."""
    return f"{long_day(value)}, {value:%H:%M %Z}" if with_zone else f"{long_day(value)}, {value:%H:%M}"


def _day_of(value: dt.date | dt.datetime) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


@register.simple_tag
def day(value: dt.date | dt.datetime | None, today: dt.date | None = None) -> SafeString:
    """A date as people say it, the full one on hovering and for machines; a dash for none."""
    if not value:
        return NO_DATE
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return mark_safe(  # noqa: S308
        f'<time class="num" datetime="{value.isoformat()}" title="{escaped(day_words.full(value))}">'
        f"{escaped(short_date(value, today))}</time>"
    )


@register.simple_tag
def moment(value: dt.datetime | None) -> SafeString:
    """Date and time in the reader's time zone: "4 Dec, 16:40"."""
    if not value:
        return NO_DATE
    local = timezone.localtime(value)
    return mark_safe(  # noqa: S308
        f'<time class="num" datetime="{value.isoformat()}" '
        f'title="{escaped(day_words.full(local.date()))} {local:%H:%M %Z}">'
        f"{escaped(short_date(local.date()))}, {local:%H:%M}</time>"
    )


@register.simple_tag
def due(value: dt.date | None, today: dt.date | None = None, is_done: bool = False) -> SafeString:
    """A due date that says in words and with an icon when it is past or near; quiet once the work is done.

    Give `today` once from the view in lists, so that every row agrees on what day it is.
    """
    if not value:
        return format_html('<span class="due muted">{}</span>', _("No date"))
    return _due(value, today or timezone.localdate(), bool(is_done), get_language() or "en")


@lru_cache(maxsize=8192)
def _due(value: dt.date, today: dt.date, is_done: bool, language: str) -> SafeString:
    days = (value - today).days
    css, mark, words = "due", "", ""
    if not is_done and days < 0:
        css, mark = "due due-late", icon_svg("clock-exclamation")
        words = ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    elif not is_done and days <= SOON_DAYS:
        css, mark = "due due-soon", icon_svg("clock")
        words = {0: _("today"), 1: _("tomorrow")}.get(days) or ngettext("in %(days)s day", "in %(days)s days", days) % {
            "days": days
        }
    said = f'<span class="due-words">{escaped(words)}</span>' if words else ""
    return mark_safe(  # noqa: S308
        f'<span class="{css}">{mark}<time datetime="{value.isoformat()}" title="{escaped(day_words.full(value))}">'
        f"{escaped(short_date(value, today))}</time>{said}</span>"
    )


# ---- progress --------------------------------------------------------------------------------------------------


def against_plan(percent: float, planned: float | None) -> tuple[str, str]:
    """The words for done against planned (both in percent) and their kind: behind is "risk", level or ahead "done"."""
    if planned is None:
        return "", ""
    points = round(percent) - round(planned)
    if points < 0:
        behind = ngettext("%(points)s point behind plan", "%(points)s points behind plan", -points)
        return behind % {"points": -points}, "risk"
    if points > 0:
        ahead = ngettext("%(points)s point ahead of plan", "%(points)s points ahead of plan", points)
        return ahead % {"points": points}, "done"
    return _("on plan"), "done"


@lru_cache(maxsize=4096)
def _bar(percent: int, planned: int | None, tone: str) -> SafeString:
    mark = ""
    if planned:  # at 0 there is no plan yet to be seen
        mark = (
            '<path class="bar-plan" stroke="#101828" stroke-width="2" vector-effect="non-scaling-stroke" '
            f'd="M{planned} 0V8"/>'
        )
    return mark_safe(  # noqa: S308
        f'<svg class="bar {tone}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar-track" width="100" height="8" fill="#e3e7ee"/>'
        f'<rect class="bar-fill" width="{percent}" height="8" fill="#2457e0"/>{mark}</svg>'
    )


def _clamped(value: Any) -> int:
    return max(0, min(100, round(float(value or 0))))


@register.simple_tag
def percent_bar(percent: Any, planned: Any = None, tone: str = "") -> SafeString:
    """Only the bar, hidden from readers: put the figure in words beside it. Percent 0 to 100; `tone` p1 to p4."""
    return _bar(_clamped(percent), None if planned in (None, "") else _clamped(planned), tone)


@register.simple_tag
def progress(percent: Any, planned: Any = None, tone: str = "") -> SafeString:
    """Percent done, the plan at this date, and words. All in percent, 0 to 100."""
    plan = None if planned in (None, "") else _clamped(planned)
    words, kind = against_plan(_clamped(percent), plan)
    said = "" if plan is None else pgettext("progress", "planned %(percent)s %%") % {"percent": plan}
    return format_html(
        '<span class="progress-line">{}<b class="num">{} %</b>{}{}</span>',
        _bar(_clamped(percent), plan, tone),
        _clamped(percent),
        format_html('<span class="muted num">{}</span>', said) if said else "",
        format_html('<span class="word-{}">{}</span>', kind, words) if words else "",
    )


# ---- addresses -------------------------------------------------------------------------------------------------


def _query_of(context: template.Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, name: str, value: Any) -> str:
    """The query string of this page with `name` set to `value`."""
    query = _query_of(context)
    query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def query_drop(context: template.Context, name: str, value: Any = "") -> str:
    """The query string without `name` (or only without this one of its values), back on the first page."""
    query = _query_of(context)
    kept = [held for held in query.getlist(name) if value != "" and held != str(value)]
    query.setlist(name, kept)
    query.pop("page", None)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_link(context: template.Context, label: Any, field: str, name: str = "sort") -> SafeString:
    """A column heading that sorts by `field`, the other way round when pressed again; keeps the filters."""
    query = _query_of(context)
    now = query.get(name, "")
    query[name] = f"-{field}" if now == field else field
    query.pop("page", None)
    arrow = {field: "chevron-up", f"-{field}": "chevron-down"}.get(now, "")
    said = {field: _("sorted upwards"), f"-{field}": _("sorted downwards")}.get(now, "")
    return format_html(
        '<a class="sort{}" href="?{}">{}{}{}</a>',
        " is-sorted" if arrow else "",
        query.urlencode(),
        label,
        icon_svg(arrow or "arrows-sort"),
        format_html('<span class="sr"> {}</span>', said) if said else "",
    )


@register.filter
def has_text(slot: Any) -> bool:
    """Whether a slot of a component holds anything but white space."""
    return bool(str(slot).strip())


# ---- forms -----------------------------------------------------------------------------------------------------


@register.simple_tag
def error_links(form: Any) -> list[dict[str, str]]:
    """One line for each invalid field: its id, label and first sentence, in the order of the form."""
    return [
        {"id": field.id_for_label or field.auto_id, "label": str(field.label), "message": str(next(iter(field.errors)))}
        for field in form
        if field.errors
    ]


@register.simple_tag
def page_range(page: Any) -> list[int | str]:
    """The page numbers worth a link, with "…" between distant ones."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))

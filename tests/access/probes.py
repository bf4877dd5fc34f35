"""What an answer should be, said by the declared needs and the table MAY alone, and what it was."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from core.access_check import Address
from projects.permissions import MAY, Perm, Role
from tests.access.samples import NARROWER, OF_A_PERSON, OF_A_PERSON_AND_OPERATORS, is_scoped, parts_of, path_of
from tests.helpers.worlds import Target

SAFE = ("GET", "HEAD")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Permissions over one's own tasks and activities: a service asks whose record it is, unless one of the second holds.
OWN = {Perm.WORK_ON_TASKS, Perm.COMPLETE_ACTIVITIES, Perm.VIEW_OWN_WORK}
ANY = {Perm.MANAGE_TASKS, Perm.EDIT_PLAN, Perm.VIEW_PROJECT}
OUTSIDERS = {"expired", "no_role", "superuser", "operator"}
# Who runs the installation: in a tenant's pages a stranger like any other.
OPERATORS = {"superuser", "operator"}
# The roles that people hold in the whole organization; all others hold theirs in one project.
IN_ORGANIZATION = {
    "consultant": Role.CONSULTANT,
    "firm_colleague": Role.CONSULTANT,
    "client_admin": Role.CLIENT_ADMIN,
    "founder": Role.CLIENT_ADMIN,
    "organization_manager": Role.PROJECT_MANAGER,
    "organization_management": Role.TOP_MANAGEMENT,
}


def needs_of(address: Address) -> tuple[Perm, ...]:
    holder = getattr(address.view, "view_class", address.view)
    needs = getattr(holder, "needs", None) or getattr(address.view, "needs", None)
    return needs if isinstance(needs, tuple) else (needs,)


def roles_at(who: str, place: str, address: Address) -> frozenset[Role] | None:
    """The roles `who` of our tenant holds where the address lies; None for a stranger. `place`: first, second, foreign."""
    if place == "foreign" or who in OUTSIDERS:
        return None
    in_organization = frozenset({IN_ORGANIZATION[who]} if who in IN_ORGANIZATION else ())
    if "project" not in parts_of(address.pattern):
        return in_organization  # a person of one of its projects is a member without a role here
    if in_organization:
        return in_organization
    home = "second" if who == "other_project" else "first"
    if home != place:
        return None
    return frozenset({Role.PROJECT_MANAGER if who == "other_project" else Role(who)})


def expected(who: str, place: str, address: Address) -> str:
    """One of door (sign in first), hidden (404), refused (403), own (404 but for the owner), narrow (open for own records), open."""
    if address.declares == "operators" and who not in ("anonymous", "disabled"):
        return "open" if who in OPERATORS else "hidden"
    if address.name in OF_A_PERSON_AND_OPERATORS and who in OPERATORS:
        return "open"
    if address.name in OF_A_PERSON and who not in ("anonymous", "disabled"):
        return "own"
    if address.declares == "public":
        return "own" if address.name in OF_A_PERSON else "open"
    if who in ("anonymous", "disabled"):
        return "door"
    if address.declares == "signed_in" or not is_scoped(address):
        return "narrow" if address.name in NARROWER else "open"
    roles = roles_at(who, place, address)
    if roles is None:
        return "hidden"
    held = frozenset().union(*(MAY[role] for role in roles))
    used = held & set(needs_of(address))
    if not used:
        return "refused"
    return "narrow" if address.name in NARROWER or (used & OWN and not held & (ANY & _writes(address))) else "open"


def _writes(address: Address) -> set[Perm]:
    """Which permissions lift the question whose record it is: reading suffices to read."""
    return ANY if set(needs_of(address)) & {Perm.VIEW_PROJECT} else ANY - {Perm.VIEW_PROJECT}


def agrees(address: Address, answer: HttpResponseBase, wanted: str, method: str) -> bool:
    """Whether an answer is what was expected. A method that an address does not have may be refused as such."""
    code = answer.status_code
    if code == 503 and address.name == "health:ready":
        return True  # says that no worker runs here
    if code >= 500:
        return False
    if wanted == "door":
        return code in (404, 405) or (code in (302, 303) and "login" in answer["Location"])
    if wanted == "hidden":
        return code in (404, 405)
    if wanted == "own":
        return code in (302, 404, 405)
    if wanted == "refused":
        return code in (403, 405)
    if wanted == "narrow":
        return True
    if method in SAFE:
        return code not in (403, 404)
    return code != 404  # a rule may refuse an empty form, and a service the person (403)


def probe(client: Client, address: Address, target: Target, method: str, **request: Any) -> HttpResponseBase:
    """One request; whatever it wrote is taken back."""
    path = path_of(address, target)
    cookies = dict(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, path, **request)
        if getattr(answer, "streaming", False):
            answer.content_read = b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    return answer


def text_of(answer: HttpResponseBase) -> str:
    """Everything an answer says: headers, body, and what is packed in a workbook."""
    body = getattr(answer, "content_read", None)
    if body is None:
        body = b"" if getattr(answer, "streaming", False) else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return f"{dict(answer.headers)}\n{answer.cookies.output()}\n{body.decode('utf-8', 'replace')}"

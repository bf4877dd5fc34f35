"""Signing in, with the demo's sign-ins in view where there is a demo."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView

from accounts.selectors import demo


class SignIn(LoginView):
    public = "the door: where anybody says who they are"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = demo.sign_ins()
        return super().get_context_data(**kwargs) | {
            "demo_groups": groups,
            "demo_password": demo.PASSWORD,
            "page_class": "wide entrance" if groups else "",
        }

"""Who signs in: allauth's backend, which a demo sign-in passes only where the demo is allowed."""

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings


class Backend(AuthenticationBackend):
    def user_can_authenticate(self, user) -> bool:
        """Asked at the sign-in, and again at every request of a session."""
        if user.is_demo and settings.PRODUCTION:
            return False
        return super().user_can_authenticate(user)

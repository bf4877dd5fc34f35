"""Who signs in: allauth's backend, which a demo sign-in passes only where the demo is allowed."""

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings


class Backend(AuthenticationBackend):
    def user_can_authenticate(self, user) -> bool:
        if user.is_demo and settings.PRODUCTION:
            return False
        return super().user_can_authenticate(user)

    def get_user(self, user_id):
        user = super().get_user(user_id)
        return None if user and user.is_demo and settings.PRODUCTION else user

"""Addresses of signing in (names of allauth, so that its own links find them) and of the person (`accounts:…`)."""

from allauth.account import views as allauth_views
from django.urls import include, path, re_path

from accounts.views import profile, sign_in

own = [
    path("", profile.start, name="start"),
    path("profile/", profile.Profile.as_view(), name="profile"),
    path("sessions/", profile.Sessions.as_view(), name="sessions"),
    path("language/", profile.language, name="language"),
    path("theme/", profile.theme, name="theme"),
]

# Chosen one by one: pages for signing up, several e-mail addresses and telephones have no place here.
signing_in = [
    path("login/", sign_in.SignIn.as_view(), name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("password/set/", allauth_views.password_set, name="account_set_password"),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    # allauth's mail to an unknown address asks for this name; the page says that people come by invitation.
    path("signup/", allauth_views.signup, name="account_signup"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    path("", include(signing_in)),
    path("2fa/", include("allauth.mfa.urls")),
]

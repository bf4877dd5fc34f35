"""Who may open the addresses of allauth: read by core.access_check through the setting ACCESS_TABLES."""

DOOR = "the door: signing in, or asking for a new password"
OWN = "everybody looks after their own sign-in; the library asks for the password again first"
HALF = "between the password and the second factor nobody is signed in yet; the session says who is coming"

ADDRESSES = {
    "account_login": ("public", DOOR),
    "account_logout": ("public", "leaving: a page that asks, and a POST that ends the session"),
    "account_inactive": ("public", "says that a sign-in is switched off; shows nothing of anybody"),
    "account_signup": ("public", "says that people come by invitation; nothing can be entered"),
    "account_reset_password": ("public", DOOR),
    "account_reset_password_done": ("public", DOOR),
    "account_reset_password_from_key": ("public", "opened from the mail; the key in the address is the proof"),
    "account_reset_password_from_key_done": ("public", DOOR),
    "account_reauthenticate": ("signed_in", OWN),
    "account_change_password": ("signed_in", OWN),
    "account_set_password": ("signed_in", OWN),
    "mfa_authenticate": ("public", HALF),
    "mfa_login_webauthn": ("public", DOOR),
    "mfa_index": ("signed_in", OWN),
    "mfa_reauthenticate": ("signed_in", OWN),
    "mfa_reauthenticate_webauthn": ("signed_in", OWN),
    "mfa_activate_totp": ("signed_in", OWN),
    "mfa_deactivate_totp": ("signed_in", OWN),
    "mfa_view_recovery_codes": ("signed_in", OWN),
    "mfa_generate_recovery_codes": ("signed_in", OWN),
    "mfa_download_recovery_codes": ("signed_in", OWN),
    "mfa_list_webauthn": ("signed_in", OWN),
    "mfa_add_webauthn": ("signed_in", OWN),
    "mfa_remove_webauthn": ("signed_in", OWN),
    "mfa_edit_webauthn": ("signed_in", OWN),
}

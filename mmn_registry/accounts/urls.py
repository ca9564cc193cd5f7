"""Every address of accounts: pages of our own, and those of the library that are wanted.

A page of the library that does not stand here does not exist: there is no sign-up, and addresses
do not change.
"""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as codes_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from allauth.socialaccount import views as single_sign_on_views
from allauth.socialaccount.providers.openid_connect import views as openid_views
from allauth.usersessions import views as session_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path

from .second_factor import second_factor_not_required
from .views import invitations, own, people, sign_in

sign_out = second_factor_not_required(account_views.logout)

account_pages = [
    path("sign-in/", account_views.login, name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("account/", own.overview, name="overview"),
    path(
        "account/session/",
        second_factor_not_required(login_not_required(sign_in.session)),
        name="session",
    ),
    path("account/tokens/", own.tokens, name="tokens"),
    path("account/tokens/new/", own.token_create, name="token_create"),
    path("account/tokens/<uuid:identifier>/revoke/", own.token_revoke, name="token_revoke"),
    path("account/invitation/", invitations.invitation, name="invitation"),
    path("account/invitation/<str:secret>/", invitations.invitation_link, name="invitation_link"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path(
        "people/invitations/<uuid:invitation_id>/send-again/",
        people.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "people/invitations/<uuid:invitation_id>/take-back/",
        people.invitation_cancel,
        name="invitation_cancel",
    ),
    path("people/roles/<uuid:membership_id>/end/", people.role_end, name="role_end"),
    path("people/<uuid:user_id>/close/", people.account_close, name="account_close"),
    path("people/<uuid:user_id>/open-again/", people.account_reopen, name="account_reopen"),
    path("centres/", people.centres, name="centres"),
    path("centres/open/", people.centre_open, name="centre_open"),
    path("centres/<uuid:centre_id>/rename/", people.centre_rename, name="centre_rename"),
]

password_pages = [
    path("", account_views.password_reset, name="account_reset_password"),
    path("sent/", account_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        login_not_required(sign_in.NewPassword.as_view()),
        name="account_reset_password_from_key",
    ),
    path(
        "done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

# Open before the second factor: what it is set up with, and proving the password for that.
second_factor_pages = [
    path("", second_factor_not_required(mfa_views.index), name="mfa_index"),
    path(
        "app/",
        second_factor_not_required(sign_in.ActivateApp.as_view()),
        name="mfa_activate_totp",
    ),
    path("app/remove/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("passkeys/", webauthn_views.list_webauthn, name="mfa_list_webauthn"),
    path(
        "passkeys/add/",
        second_factor_not_required(sign_in.AddPasskey.as_view()),
        name="mfa_add_webauthn",
    ),
    path("passkeys/<int:pk>/rename/", webauthn_views.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", sign_in.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("codes/", codes_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", codes_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]

# The library asks for its own pages by these names.
library_pages = [
    path("sign-in/", account_views.login, name="account_login"),
    path("sign-in/second-factor/", mfa_views.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", webauthn_views.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/closed/", account_views.account_inactive, name="account_inactive"),
    path("sign-out/", sign_out, name="account_logout"),
    path("password/", include(password_pages)),
    path("account/password/", account_views.password_change, name="account_change_password"),
    path("account/password/first/", account_views.password_set, name="account_set_password"),
    path(
        "account/confirm/",
        second_factor_not_required(account_views.reauthenticate),
        name="account_reauthenticate",
    ),
    path("account/confirm/code/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        sign_in.ConfirmWithPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/second-factor/", include(second_factor_pages)),
    path("account/sessions/", session_views.list_usersessions, name="usersessions_list"),
    path(
        "sign-in/cancelled/",
        single_sign_on_views.login_cancelled,
        name="socialaccount_login_cancelled",
    ),
    path("sign-in/with/<str:provider_id>/", openid_views.login, name="openid_connect_login"),
    path(
        "sign-in/with/<str:provider_id>/back/",
        openid_views.callback,
        name="openid_connect_callback",
    ),
]

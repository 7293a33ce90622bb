"""Every address of Pharos."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path

from config import health
from config.api_urls import urlpatterns as api

accounts = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-up/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    # A person's number holds no hyphen, a key does: only an expression tells them apart.
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("api/v1/", include((api, "api"))),  # first: scripts need not pass every page's address
    path("account/", include(accounts)),
    path("", include("portfolio.urls")),
    path("", include("assessments.urls")),
    path("", include("economics.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = "portfolio.doors.problems.bad_request"
handler404 = "portfolio.doors.problems.page_not_found"
handler500 = "portfolio.doors.problems.server_error"

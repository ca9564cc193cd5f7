"""Every address of the registry."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from outcomes.urls import cohort_pages, patient_pages

account_pages = [
    path(
        "sign-in/",
        LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True),
        name="sign_in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="patients:list"), name="home"),
    path("", include((account_pages, "accounts"))),
    path("patients/", include((patient_pages, "patients"))),
    path("cohort/", include((cohort_pages, "outcomes"))),
    path("api/v1/", include("mmn_registry.api")),
]

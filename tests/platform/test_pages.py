"""What every page carries, whoever made it."""

import logging
from io import BytesIO

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import ResolverMatch

from mmn_registry import uploads
from mmn_registry.accounts.actions import open_account
from mmn_registry.logs import NoValues
from mmn_registry.postgres.places import CHECKOUT

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def directives(policy: str) -> set[str]:
    return {directive.strip() for directive in policy.split(";")}


@pytest.fixture
def signed_in(client, db):
    client.force_login(open_account("anne@hospital.example", "Anne"))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/sign-in/", "/no-such-page/"])
def test_pages_may_load_only_from_here(client, address):
    answer = client.get(address)

    assert directives(answer.headers["Content-Security-Policy"]) == directives(POLICY)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_no_copy_is_kept_of_what_a_signed_in_person_saw(signed_in):
    answer = signed_in.get("/no-such-page/")

    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in(client):
    answer = client.get("/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in/?next=/"


def test_passwords_are_kept_as_argon2(db):
    user = open_account("anne@hospital.example", "Anne", password="a long enough one")

    assert user.password.startswith("argon2$argon2id$")


def test_signing_out_removes_the_session(signed_in):
    answer = signed_in.post("/sign-out/")

    assert answer.status_code == 302
    assert "_auth_user_id" not in signed_in.session


class TestLogLines:
    """A line says what happened and where; a value that leaks in is a breach."""

    def formatted(self, *, text="", arguments=(), problem=None, request=None, status=500):
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, text, arguments, problem
        )
        if request is not None:
            record.request, record.status_code = request, status
        return NoValues().format(record)

    def test_arguments_stay_out(self):
        line = self.formatted(text="Could not store %s", arguments=("N-001",))

        assert line.endswith("django.request Could not store %s")

    def test_a_request_is_named_by_its_route(self):
        request = RequestFactory().get("/patients/N-001/?q=secret")
        request.resolver_match = ResolverMatch(
            lambda: None, (), {"study_id": "N-001"}, route="patients/<study_id>/"
        )

        line = self.formatted(text="Not Found: /patients/N-001/", request=request, status=404)

        assert line.endswith("django.request GET patients/<study_id>/ 404")

    def test_an_exception_is_named_by_its_kind_and_place(self):
        try:
            raise Http404("Key (study_id)=(N-001) already exists.")
        except Http404 as problem:
            line = self.formatted(text="failed", problem=(Http404, problem, None))

        assert "Http404 at " in line
        assert "in test_an_exception_is_named_by_its_kind_and_place" in line
        assert "N-001" not in line


class TestWhatIsSent:
    """To the sign-in page: a stranger reaches it."""

    def test_may_be_so_much_typing_and_no_more(self, client, db):
        assert client.post("/sign-in/", {"login": "x" * 2_600_000}).status_code == 400

    def test_may_be_files_so_large_and_no_larger(self, client, db, monkeypatch):
        monkeypatch.setattr(uploads, "LARGEST_REQUEST_BYTES", 10_000)

        def sent(size):
            return client.post("/sign-in/", {"file": BytesIO(b"x" * size)}).status_code

        assert (sent(9_000), sent(11_000)) == (200, 400)

    def test_is_limited_alike_by_the_proxy(self):
        proxy = (CHECKOUT / "deploy/nginx.conf").read_text()

        assert f"client_max_body_size {uploads.LARGEST_REQUEST_BYTES // 1024**2}m;" in proxy

"""How the registry starts in its modes; each tried in a process of its own."""

import json
import os
import re
import subprocess
import sys

import pytest

from mmn_registry.postgres.places import CHECKOUT

IN_SERVICE = {
    "MMN_PRODUCTION": "1",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "MMN_IDENTITY_KEY": "i" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "registry.example",
    "DATABASE_URL": "postgres://mmn_app@127.0.0.1:1/mmn",
    "DATABASE_DERIVE_URL": "postgres://mmn_derive@127.0.0.1:1/mmn",
}


def test_the_readme_lists_every_setting():
    readme = (CHECKOUT / "README.md").read_text()
    code = (CHECKOUT / "mmn_registry/settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", code)) | {"MMN_DATA_DIR", "PG_BIN", "PORT"}
    for_tests_alone = {"MMN_STATIC_FROM_SOURCE"}

    assert {name for name in read - for_tests_alone if f"`{name}`" not in readme} == set()


def manage(*arguments, **variables):
    """Run manage.py in an environment without anything of ours but ``variables``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MMN_", "DATABASE_", "DJANGO_", "PG"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=kept | {"MMN_DATA_DIR": os.environ["MMN_DATA_DIR"]} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_registry_in_service_passes_djangos_own_review():
    said = manage("check", "--deploy", "--fail-level", "WARNING", **IN_SERVICE)

    assert (said.returncode, said.stderr) == (0, "")
    assert "no issues" in said.stdout


@pytest.mark.parametrize(
    "missing",
    ["SECRET_KEY", "MMN_IDENTITY_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "DATABASE_DERIVE_URL"],
)
def test_a_registry_in_service_does_not_start_without_its_own(missing):
    said = manage("check", **{k: v for k, v in IN_SERVICE.items() if k != missing})

    assert said.returncode == 1
    assert said.stderr.strip() == (
        f"{missing} is not set. A registry in service needs its own: see README, Settings."
    )


def test_an_unreachable_database_is_said_in_a_sentence_without_the_password():
    url = "postgres://mmn_app:canary@127.0.0.1:1/mmn"

    said = manage("migrate", DATABASE_URL=url)

    assert said.returncode == 1
    assert said.stderr.startswith("The database cannot be reached.")
    assert "canary" not in said.stderr
    assert "Traceback" not in said.stderr


def test_debugging_cannot_be_switched_on_in_service():
    show = "from django.conf import settings; print(settings.DEBUG)"

    said = manage("shell", "-v0", "-c", show, **IN_SERVICE, MMN_DEBUG="1")

    assert said.stdout.strip() == "False"


def test_in_service_browsers_come_by_tls_alone_and_their_cookies_are_nobody_elses():
    show = """
import json
from django.conf import settings
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory

ask = RequestFactory(headers={"host": "registry.example"}).get
answer = SecurityMiddleware(lambda request: HttpResponse())
by_tls = answer(ask("/", headers={"x-forwarded-proto": "https"}))
without = answer(ask("/account/"))
cookies = {
    settings.SESSION_COOKIE_NAME: settings.SESSION_COOKIE_SECURE,
    settings.CSRF_COOKIE_NAME: settings.CSRF_COOKIE_SECURE,
}
places = [settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN]
places += [settings.CSRF_COOKIE_PATH, settings.CSRF_COOKIE_DOMAIN]
hsts = by_tls["Strict-Transport-Security"]
print(json.dumps([hsts, without.status_code, without["Location"], cookies, places]))
"""

    said = manage("shell", "-v0", "-c", show, **IN_SERVICE)

    hsts, status, led_to, cookies, places = json.loads(said.stdout)
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert (status, led_to) == (301, "https://registry.example/account/")
    assert cookies == {"__Host-session": True, "__Host-csrf": True}
    assert places == ["/", None, "/", None]

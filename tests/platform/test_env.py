"""Settings from the environment: typed, loud, and silent about values."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from mmn_registry import env


def test_a_secret_may_be_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("SECRET_FILE", str(tmp_path / "key"))

    assert env.text("SECRET") == "from a file"
    assert env.is_set("SECRET")


def test_a_variable_comes_before_its_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET", "from the environment")
    monkeypatch.setenv("SECRET_FILE", str(tmp_path / "absent"))

    assert env.text("SECRET") == "from the environment"


def test_an_unreadable_file_is_a_problem_not_a_missing_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_FILE", str(tmp_path / "absent"))

    with pytest.raises(ImproperlyConfigured, match="SECRET_FILE cannot be read"):
        env.text("SECRET", "a default")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1", True), ("yes", True), ("On", True), ("0", False), ("no", False), ("", False)],
)
def test_yes_and_no_may_be_written_in_several_ways(monkeypatch, written, meant):
    monkeypatch.setenv("SWITCH", written)

    assert env.flag("SWITCH") is meant


@pytest.mark.parametrize(
    ("read", "written", "advice"),
    [
        (lambda: env.flag("IT"), "perhaps", "Write 1 or 0"),
        (lambda: env.whole_number("IT", 1), "1.5", "whole number"),
        (lambda: env.whole_number("IT", 1, lowest=3), "2", "3 or more"),
        (lambda: env.choice("IT", ("demo", "registry"), "demo"), "trial", "demo, registry"),
        (lambda: env.time_zone("IT", "UTC"), "Europe/Atlantis", "Europe/Paris"),
        (lambda: env.database("IT"), "mysql://secret@host/name", "postgres://user"),
        (lambda: env.database("IT"), "postgres://secret@host", "names no database"),
    ],
)
def test_what_cannot_be_used_is_refused_with_advice_and_without_its_value(
    monkeypatch, read, written, advice
):
    monkeypatch.setenv("IT", written)

    with pytest.raises(ImproperlyConfigured, match=advice) as refusal:
        read()

    assert "IT" in str(refusal.value)
    assert written not in str(refusal.value)


def test_what_must_be_set_is_asked_for_with_advice(monkeypatch):
    monkeypatch.delenv("IT", raising=False)

    with pytest.raises(ImproperlyConfigured, match=r"IT is not set\. Make one\."):
        env.text("IT", advice="Make one.")


def test_a_database_url_is_read_as_libpq_reads_it(monkeypatch):
    monkeypatch.setenv(
        "IT", "postgres://dr%40h:p%25w@db.example:6432/mmn?sslmode=require&connect_timeout=5"
    )

    assert env.database("IT") == {
        "NAME": "mmn",
        "USER": "dr@h",
        "PASSWORD": "p%w",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require", "connect_timeout": "5"},
    }


def test_a_databases_password_may_be_a_file_of_its_own(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("p%w\n")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://mmn_owner@db.example/mmn")
    monkeypatch.setenv("DATABASE_OWNER_PASSWORD_FILE", str(tmp_path / "password"))

    assert env.database("DATABASE_OWNER_URL")["PASSWORD"] == "p%w"


def test_a_database_url_may_name_a_sockets_folder(monkeypatch):
    monkeypatch.setenv("IT", "postgresql:///mmn?host=/run/postgresql")

    found = env.database("IT")

    assert (found["NAME"], found["HOST"], found["USER"]) == ("mmn", "/run/postgresql", "")

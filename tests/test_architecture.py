"""Rules of the house that no linter knows: where things live, and what never appears."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
APPS = ("mmn_registry", "patients", "infusions", "outcomes")
SOURCES = sorted(path for app in APPS for path in (CHECKOUT / app).rglob("*.py"))
WRITTEN = [path for path in SOURCES if "migrations" not in path.parts]
TEMPLATES = sorted((CHECKOUT / "templates").rglob("*.html"))
LOCKS = sorted((CHECKOUT / "requirements").glob("*.txt"))


def named(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_there_is_something_to_look_at():
    assert len(WRITTEN) > 50
    assert len(TEMPLATES) > 5
    assert len(LOCKS) == 4


def test_a_module_is_named_after_what_it_holds():
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "services", "base"}
    # Django asks for an engine's module to be called base.
    asked_for = {"mmn_registry/postgres/engine/base.py"}
    found = {named(path) for path in SOURCES if path.stem in vague or path.parent.name in vague}

    assert found == asked_for


@pytest.mark.parametrize("forbidden", ["django.dispatch", "django.db.models.signals"])
def test_nothing_happens_behind_a_signal(forbidden):
    users = [
        named(path) for path in SOURCES if any(i.startswith(forbidden) for i in imports_of(path))
    ]

    assert users == []


def test_there_is_no_django_admin():
    users = [
        named(path)
        for path in SOURCES
        if any(i.startswith("django.contrib.admin") for i in imports_of(path))
        or "django.contrib.admin" in path.read_text(encoding="utf-8")
    ]

    assert users == []


def classes_of(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]


def test_saving_is_never_overridden():
    overridden = [
        f"{named(path)}: {one.name}.{method.name}"
        for path in WRITTEN
        for one in classes_of(path)
        for method in one.body
        if isinstance(method, ast.FunctionDef) and method.name in {"save", "delete"}
    ]

    assert overridden == []


def test_clinical_values_have_columns_of_their_own():
    shapeless = re.compile(r"\b(JSONField|GenericForeignKey|HStoreField)\b")
    models = [path for path in WRITTEN if "models" in {path.stem, path.parent.name}]

    assert models
    assert [named(path) for path in models if shapeless.search(path.read_text())] == []


def test_no_flag_pretends_that_a_record_was_deleted():
    flag = re.compile(r"\b(is_deleted|deleted_at|deleted|is_active|is_removed)\b *=")
    models = [path for path in WRITTEN if "models" in {path.stem, path.parent.name}]
    # A person who left cannot sign in any more; their name stays on what they recorded.
    people = CHECKOUT / "mmn_registry/accounts/models/people.py"

    assert [named(p) for p in models if p != people and flag.search(p.read_text())] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=named)
def test_a_page_carries_no_inline_script_or_style_and_fetches_nothing_from_elsewhere(template):
    text = template.read_text(encoding="utf-8")

    assert re.findall(r"<style\b|<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']", text) == []
    assert re.findall(r"\b(?:src|srcset|action|poster)\s*=\s*[\"']\s*(?:https?:)?//", text) == []
    assert re.findall(r"<link[^>]*href\s*=\s*[\"']\s*(?:https?:)?//", text) == []
    assert "javascript:" not in text


@pytest.mark.parametrize("lock", LOCKS, ids=named)
def test_a_lock_pins_every_package_by_hash_and_names_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    pinned = re.findall(r"^[A-Za-z0-9][^\s=]*==\S+.*$", text, re.MULTILINE)

    assert pinned
    assert len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) == len(pinned)
    assert all(line.endswith("\\") for line in pinned)  # a hash follows
    assert re.findall(r"://|--index|--extra|--find|--trusted", text) == []


def versions_in(lock: str) -> dict[str, str]:
    text = (CHECKOUT / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[.*?\])?==(\S+)", text, re.MULTILINE))


def test_tests_run_what_the_registry_runs():
    runtime, dev = versions_in("runtime.txt"), versions_in("dev.txt")

    assert runtime.items() <= dev.items()


def test_derivations_are_not_left_without_their_source():
    """The public functions of derivation say where their numbers come from, or what they return."""
    silent = [
        f"{named(path)}: {node.name}"
        for path in (CHECKOUT / "outcomes" / "derivation").glob("*.py")
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_nothing_reads_the_shared_folder_at_run_time():
    reading = re.compile(r"\.\./shared|\bshared/(data|design)")

    assert [named(path) for path in SOURCES if reading.search(path.read_text())] == []


def test_migrations_are_named_after_what_they_do():
    automatic = re.compile(r"^\d{4}_(auto_\d|alter_\w+_and_more|.*_and_more)")
    names = [path.stem for path in SOURCES if path.parent.name == "migrations"]

    assert [name for name in names if automatic.match(name)] == []


def test_what_is_made_here_is_not_committed():
    patterns = (CHECKOUT / ".gitignore").read_text().split()

    assert {".data/", ".venv/", "__pycache__/"} <= set(patterns)


def test_the_ci_script_is_one_that_bash_can_run():
    script = CHECKOUT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    assert "set -euo pipefail" in script.read_text()
    subprocess.run(["bash", "-n", script], check=True)

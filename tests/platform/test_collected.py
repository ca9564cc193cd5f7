"""Static files are collected when they changed, under names that carry their content."""

import json

import pytest

from mmn_registry.collected import STAMP, collect_static_files


@pytest.fixture
def sources(settings, tmp_path):
    """A folder of static files, collected as in service."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "page.css").write_text("p { color: red }")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "collected")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    return folder


def names_in(root):
    return json.loads((root / "staticfiles.json").read_text())["paths"]


def test_a_name_changes_with_its_content_and_old_ones_go(sources, tmp_path):
    root = tmp_path / "collected"
    collect_static_files(root)
    first = names_in(root)["page.css"]
    assert (root / first).exists()

    (sources / "page.css").write_text("p { color: blue }")
    collect_static_files(root)

    second = names_in(root)["page.css"]
    assert second != first
    assert not (root / first).exists()


def test_unchanged_files_are_not_collected_again(sources, tmp_path):
    root = tmp_path / "collected"
    collect_static_files(root)
    (root / "staticfiles.json").unlink()

    collect_static_files(root)

    assert not (root / "staticfiles.json").exists()
    assert (root / STAMP).exists()

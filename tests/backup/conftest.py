from tests.postgres.conftest import kept_folder  # noqa: F401 — a folder that the server reaches

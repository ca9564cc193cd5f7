from datetime import timedelta

from django.db import connection

from mmn_registry.chores import Chore

# Each with a policy that lets the registry itself delete what is old, and read nothing at all:
# hence no condition here (patients/migrations, forgotten_drafts).
FORGOTTEN = ("patients_draft", "patients_submission")


def remove_forgotten_drafts() -> None:
    with connection.cursor() as cursor:
        for table in FORGOTTEN:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


CHORES = [Chore("remove forgotten drafts", timedelta(hours=1), remove_forgotten_drafts)]

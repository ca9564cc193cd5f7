"""What this database was born as, and who asks."""

from functools import cache

from django.conf import settings
from django.db import connections
from django.http import HttpRequest

from mmn_registry.models import Birth


def record_birth() -> None:
    """Write the one row, as the owner, if there is none yet."""
    Birth.objects.using("owner").get_or_create(only=True, defaults={"kind": settings.BORN})


def is_recorded() -> bool:
    """Whether the database has its row; False too before the table exists."""
    with connections["owner"].cursor() as cursor:
        tables = connections["owner"].introspection.table_names(cursor)
    return Birth._meta.db_table in tables and Birth.objects.using("owner").exists()


@cache
def born_as() -> str:
    """``demo`` or ``registry``; asked of the database once, since it can never change."""
    return Birth.objects.get().kind


def demonstration(_request: HttpRequest) -> dict[str, bool]:
    """For templates: every page of a demonstration says so."""
    return {"demonstration": born_as() == Birth.Kind.DEMO}

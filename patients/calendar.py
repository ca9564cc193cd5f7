"""Today, as the registry counts days: one time zone, in Python and in PostgreSQL."""

import re
from datetime import date

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django.utils.dateformat import format as format_date


def registry_today() -> date:
    """The calendar day in the registry's time zone, whatever a session has activated."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_text(day: date) -> str:
    """12 Jan 2024, the months in the reader's language."""
    return format_date(day, "j M Y")


def partial_date_text(day: date, precision: str) -> str:
    """A partial date stays partial: 2003, Oct 2003 or 5 Oct 2003."""
    return format_date(day, {"year": "Y", "month": "M Y"}.get(precision, "j M Y"))


def settle_time_zone(using: str = "owner") -> None:
    """Let the database's own ``registry_today()`` count days as the settings do.

    For migrations, and for the owner whenever the setting has changed. The zone stands in a
    function because such a setting travels with dumps and clones, unlike one of the server.
    """
    if not re.fullmatch(r"[A-Za-z0-9/_+-]+", settings.TIME_ZONE):
        raise ValueError(f"TIME_ZONE {settings.TIME_ZONE!r} is not the name of a time zone.")
    with connections[using].cursor() as cursor:
        # The body of a function takes no parameters, hence the check above.
        cursor.execute(
            "CREATE OR REPLACE FUNCTION registry_time_zone() RETURNS text "
            f"LANGUAGE sql STABLE PARALLEL SAFE RETURN '{settings.TIME_ZONE}'"
        )

"""What still says who was signed in, or who failed to, goes when it is worth nothing any more."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from mmn_registry.chores import Chore

CACHE = settings.CACHES["default"]["LOCATION"]


def remove_sessions() -> None:
    """With the lists that people see of theirs: those hold addresses and browsers."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    living = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=living).delete()


def remove_counts() -> None:
    """Of failed sign-ins, by person and address."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {CACHE} WHERE expires < clock_timestamp()")  # noqa: S608


CHORES = [
    Chore("remove expired sessions", timedelta(hours=1), remove_sessions),
    Chore("remove expired counts of failures", timedelta(hours=1), remove_counts),
]

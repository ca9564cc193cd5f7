"""How often one may ask: a fixed number of requests a minute, counted for all processes alike."""

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60
SAFE = ("GET", "HEAD", "OPTIONS")

# One statement; the row of a minute that is over begins again. The table is not logged: counting
# waits for no disk.
COUNT = f"""
INSERT INTO accounts_requestcount AS counted (who, since, requests)
VALUES (%s, statement_timestamp(), 1)
ON CONFLICT (who) DO UPDATE SET
    since = CASE WHEN counted.since > statement_timestamp() - interval '{WINDOW_SECONDS} seconds'
        THEN counted.since ELSE statement_timestamp() END,
    requests = CASE WHEN counted.since > statement_timestamp() - interval '{WINDOW_SECONDS} seconds'
        THEN counted.requests + 1 ELSE 1 END
RETURNING requests, ceil({WINDOW_SECONDS} - extract(epoch FROM statement_timestamp() - since))
"""  # noqa: S608 — numbers of ours


class TooOften(Throttled):
    default_code = "too_many_requests"
    default_detail = _("This is too often.")
    extra_detail_singular = extra_detail_plural = _("Ask again in {wait} seconds.")


class PerMinute(BaseThrottle):
    """Of one token, or of one person without a token; reading and writing apart."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view) -> bool:
        is_writing = request.method not in SAFE
        most = settings.API_WRITES_PER_MINUTE if is_writing else settings.API_READS_PER_MINUTE
        who = str(request.auth.identifier if request.auth else request.user.pk)
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [f"{'writes' if is_writing else 'reads'} {who}"])
            requests, seconds = cursor.fetchone()
        self._wait = float(seconds)
        return requests <= most

    def wait(self) -> float | None:
        return self._wait

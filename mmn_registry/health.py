"""What a proxy or a watchman asks: does this process live, and should it be sent requests?

Both are answered before anything else is looked at, a session, a name of the host or the trail
included, and say yes or no and nothing that would tell one installation from another.
"""

import shutil
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from mmn_registry import principal
from mmn_registry.audit.anchors import Anchor

DATABASE_SECONDS = 1.0
FREE_SHARE = 0.1
CLOCK_SECONDS = 2.0
ARCHIVE_LAG = timedelta(minutes=5)
SEAL_LAG = timedelta(minutes=2)
ANCHOR_LAG = timedelta(minutes=30)

Found = dict[str, bool | None]  # None: does not apply here
DATABASE = ("database", "migrations", "clock", "archive", "seal", "anchor")

# Finished segments that wait, and since when nothing was archived. An idle server finishes none.
ARCHIVER = """
SELECT current_setting('archive_mode') <> 'off' AND NOT pg_is_in_recovery(),
    coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL),
    clock_timestamp() - coalesce(last_archived_time, stats_reset, pg_postmaster_start_time()),
    last_archived_wal,
    CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_walfile_name(pg_current_wal_lsn()) END
FROM pg_stat_archiver
"""
# The oldest entry that no seal names yet.
UNSEALED = """
WITH last AS (SELECT coalesce(max(settled), 0) AS settled FROM audit_seal), sealed AS (
    SELECT coalesce(range_agg(entries::int8multirange), '{}') AS entries
    FROM audit_seal, last WHERE last_seq > last.settled
)
SELECT clock_timestamp() - min(at) FROM audit_entry, last, sealed
WHERE seq > last.settled AND NOT seq <@ sealed.entries
"""
UNANCHORED = "SELECT clock_timestamp() - min(sealed_at) FROM audit_seal WHERE batch > %s"
# Reads when something was written down in the trail, and nothing of what.
WATCHMAN = principal.Principal(
    principal.Kind.WORKER,
    name="readyz",
    reach={principal.Right.TRAIL: principal.EVERYWHERE},
)


def probes(get_response: Callable[[HttpRequest], HttpResponse]):
    """A probe knows no host name and no TLS, and must not wait for what it asks about."""
    views = {"/healthz": healthz, "/readyz": readyz}

    def answer(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        return view(request) if view else get_response(request)

    return answer


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return _told({"alive": True})


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """It can do its work: every answer that applies here is yes."""
    _migrations()  # read once, outside of the time that the database has
    found = {"disk": _has_room()} | _asked.within(DATABASE_SECONDS)
    ready = False not in found.values()
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return _told({"ready": ready, **found}, status)


def _told(found: Found, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return JsonResponse(found, status=status, headers={"Cache-Control": "no-store"})


def _has_room() -> bool:
    disk = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/")
    return disk.free > FREE_SHARE * disk.total


class _Asked:
    """Asks the database in a thread, since nothing else ends the wait for a frozen server.

    One at a time: while one still waits, the answer to everybody is no.
    """

    def __init__(self) -> None:
        self._one = threading.Lock()

    def within(self, seconds: float) -> Found:
        found: Found = dict.fromkeys(DATABASE, None) | {"database": False}
        if not self._one.acquire(timeout=seconds):
            return found
        answered: Found = {}
        thread = threading.Thread(target=self._ask, args=(answered,), daemon=True)
        thread.start()
        thread.join(seconds)
        return answered.copy() if "database" in answered else found

    def _ask(self, answered: Found) -> None:
        try:
            found = _ask_database()
        except Exception:  # noqa: BLE001 — whatever it is, the database is not ready
            return
        else:
            answered.update(found)
        finally:
            connections.close_all()  # this thread's own
            self._one.release()


_asked = _Asked()


def _ask_database() -> Found:
    connection = connections["default"]
    connection.ensure_connection()  # as a person: waits for seconds at most
    with principal.in_force(WATCHMAN), connection.cursor() as cursor:
        (now,) = cursor.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
        ours = time.time()
        return {
            "migrations": not (
                _migrations() - set(MigrationRecorder(connection).applied_migrations())
            ),
            "clock": abs(ours - float(now)) < CLOCK_SECONDS,
            "archive": _is_archived(*cursor.execute(ARCHIVER).fetchone()),
            "seal": _is_recent(cursor.execute(UNSEALED).fetchone()[0], SEAL_LAG),
            "anchor": _is_anchored(cursor),
            "database": True,
        }


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Those of this release; they change with the code alone."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _is_archived(
    is_archiving: bool, has_failed: bool, lag: timedelta, archived: str | None, current: str
) -> bool | None:
    """A failed attempt is repeated, and bad once it lasts."""
    if not is_archiving:
        return None
    if lag < ARCHIVE_LAG:
        return True
    waits = archived is None or _segment(current) - _segment(archived) > 1
    return not (has_failed or waits)


def _segment(name: str) -> int:
    """The number of a WAL file of 16 MB; a history file or a backup's label begins like one."""
    return int(name[8:16], 16) * 256 + int(name[16:24], 16)


def _is_recent(lag: timedelta | None, most: timedelta) -> bool | None:
    """Sealing is the work of a registry in service; None waits for it: nothing lags."""
    if not settings.PRODUCTION:
        return None
    return lag is None or lag < most


def _is_anchored(cursor) -> bool | None:
    """Every seal older than this stands in the file, too."""
    if not settings.PRODUCTION:
        return None
    try:
        lines = settings.ANCHOR_FILE.read_text(encoding="ascii").splitlines()
        batch = Anchor.read(lines[-1]).batch if lines else 0
    except FileNotFoundError:
        batch = 0
    except (OSError, ValueError):
        return False
    return _is_recent(cursor.execute(UNANCHORED, [batch]).fetchone()[0], ANCHOR_LAG)

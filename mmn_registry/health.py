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
from typing import Generic, TypeVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from mmn_registry import principal
from mmn_registry.audit.anchors import Anchor
from mmn_registry.backup.repository import age, read_status

Answer = TypeVar("Answer")
DATABASE_SECONDS = 1.0
FREE_SHARE = 0.1
CLOCK_SECONDS = 2.0
ARCHIVE_LAG = timedelta(minutes=5)
SEAL_LAG = timedelta(minutes=2)
ANCHOR_LAG = timedelta(minutes=30)

BACKUP_AGE = timedelta(hours=26)  # of the last one that was verified: made every night

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
STALE = "SELECT count(*) FROM outcomes_stalemark"
# Reads when something was written down in the trail, and nothing of what.
WATCHMAN = principal.Principal(
    principal.Kind.WORKER,
    name="readyz",
    reach={principal.Right.TRAIL: principal.EVERYWHERE},
)
DERIVER = principal.Principal(principal.Kind.WORKER, name="freshness")


def probes(get_response: Callable[[HttpRequest], HttpResponse]):
    """A probe knows no host name and no TLS, and must not wait for what it asks about."""
    from mmn_registry.metrics import metrics  # noqa: PLC0415 — which asks here what lags

    views = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}

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
    found = {"disk": free_share() > FREE_SHARE, "backup": _is_backed_up()}
    found |= _asked.within(DATABASE_SECONDS)
    if settings.PRODUCTION and settings.BACKUP_STATUS and found["archive"]:
        found["archive"] = _is_kept()
    ready = False not in found.values()
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return _told({"ready": ready, **found}, status)


def _told(found: Found, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return JsonResponse(found, status=status, headers={"Cache-Control": "no-store"})


def free_share() -> float:
    disk = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/")
    return disk.free / disk.total


def _is_backed_up() -> bool | None:
    """Somebody looks after backups here, and the last that was restored is of last night."""
    if not (settings.PRODUCTION and settings.BACKUP_STATUS):
        return None
    since = age(read_status(settings.BACKUP_STATUS), "verified_at")
    return since is not None and since < BACKUP_AGE


def _is_kept() -> bool:
    """What the server has archived was taken over to where the backups are."""
    since = age(read_status(settings.BACKUP_STATUS), "wal_kept_at")
    return since is not None and since < ARCHIVE_LAG


class _Asked(Generic[Answer]):
    """Asks the database in a thread, since nothing else ends the wait for a frozen server.

    One at a time: while one still waits, nobody else is answered.
    """

    def __init__(self, ask: Callable[[], dict[str, Answer]], otherwise: dict[str, Answer]) -> None:
        self._one = threading.Lock()
        self._question, self._otherwise = ask, otherwise

    def within(self, seconds: float) -> dict[str, Answer]:
        if not self._one.acquire(timeout=seconds):
            return self._otherwise.copy()
        answered: list[dict[str, Answer]] = []
        thread = threading.Thread(target=self._ask, args=(answered,), daemon=True)
        thread.start()
        thread.join(seconds)
        return (answered[0] if answered else self._otherwise).copy()

    def _ask(self, answered: list[dict[str, Answer]]) -> None:
        try:
            found = self._question()
        except Exception:  # noqa: BLE001 — whatever it is, the database is not ready
            return
        else:
            answered.append(found)
        finally:
            connections.close_all()  # this thread's own
            self._one.release()


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


_asked = _Asked(_ask_database, dict.fromkeys(DATABASE, None) | {"database": False})


def measured() -> dict[str, float | None]:
    """What lags, by how many seconds, and how much waits; empty while the database is away."""
    return _measuring.within(DATABASE_SECONDS)


def _measure() -> dict[str, float | None]:
    connection = connections["default"]
    connection.ensure_connection()
    with principal.in_force(WATCHMAN), connection.cursor() as cursor:
        is_archiving, _failed, archive_lag, *_names = cursor.execute(ARCHIVER).fetchone()
        (seal_lag,) = cursor.execute(UNSEALED).fetchone()
    # As who keeps outcomes up to date: others count only those whom they may see.
    with principal.in_force(DERIVER), connections["derive"].cursor() as cursor:
        (stale,) = cursor.execute(STALE).fetchone()
    return {
        "seal": seal_lag.total_seconds() if seal_lag else 0.0,
        "archive": archive_lag.total_seconds() if is_archiving else None,
        "stale": float(stale),
    }


_measuring = _Asked(_measure, {})


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

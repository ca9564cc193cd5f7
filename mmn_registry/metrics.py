"""Figures for a monitoring system: how long pages took, what failed, what lags.

Labels are names of routes, methods, statuses and kinds of faults: nothing that is anybody's.
They are shown to whoever sends MMN_METRICS_TOKEN; where none is set, to programs on this machine
that came without a proxy. Everybody else is told that there is no such page.
"""

import os
import secrets
from collections.abc import Iterator
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from mmn_registry import health
from mmn_registry.backup.repository import age, read_status

HERE = {"127.0.0.1", "::1"}


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_see(request):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    lags = CollectorRegistry()
    lags.register(_Lags())
    answer = HttpResponse(
        generate_latest(_of_all_processes()) + generate_latest(lags),
        content_type=CONTENT_TYPE_LATEST,
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _may_see(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "")
        return secrets.compare_digest(sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in HERE and not forwarded


def _of_all_processes() -> CollectorRegistry:
    """Of this one, where there is one; else what all of them left in files."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


class _Lags(Collector):
    """Asked when somebody looks. What is not known or does not apply has no line."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (told, value) in self._values().items():
            if value is not None:
                yield GaugeMetricFamily(f"mmn_{name}", told, value=value)

    def _values(self) -> dict[str, tuple[str, float | None]]:
        found = health.measured()
        backups = read_status(settings.BACKUP_STATUS) if settings.BACKUP_STATUS else {}

        def seconds_since(what: str) -> float | None:
            since = age(backups, what)
            return since.total_seconds() if since else None

        return {
            "database_up": ("Whether the database answers.", float(bool(found))),
            "seal_lag_seconds": (
                "Age of the oldest entry of the trail that no seal names yet.",
                found.get("seal"),
            ),
            "archive_lag_seconds": (
                "Since when no WAL was archived, on a server that archives.",
                found.get("archive"),
            ),
            "stale_patients": (
                "Patients whose outcomes are derived anew when they are next read.",
                found.get("stale"),
            ),
            "backup_age_seconds": ("Since the last backup.", seconds_since("backup_at")),
            "backup_verified_age_seconds": (
                "Since a backup was last restored and compared.",
                seconds_since("verified_at"),
            ),
            "wal_kept_age_seconds": (
                "Since finished WAL was last taken over into the backups.",
                seconds_since("wal_kept_at"),
            ),
            "disk_free_share": ("Of the disk of MMN_DATA_DIR.", health.free_share()),
        }

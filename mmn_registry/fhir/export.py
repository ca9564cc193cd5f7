"""$export: the pattern of Bulk Data without a job behind it.

Asking gives an address, and that a list of files; each file is written while it is fetched. Nothing
is computed ahead and nothing is kept: whoever fetches a file is asked again who they are.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework.response import Response

from mmn_registry.accounts.models import AccessToken, Scope
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from mmn_registry.audit.notes import noted_export
from mmn_registry.rest.cursors import Cursor, Side

from .elements import Element
from .rendering import NDJSON, FhirRenderer, LinesRenderer, PlainJsonRenderer, lines_response
from .search import Asked, Span
from .server import EXPORT
from .sources import everything
from .views import FhirView

LASTS = timedelta(hours=24)
ROWS_AT_A_TIME = 2_000
WHAT = "fhir:export"


class ExportView(FhirView):
    """For a token that was made to export: in a browser, exports have pages of their own."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            self._check_may_export(request)

    def _check_may_export(self, request) -> None:
        token = request.auth
        may = isinstance(token, AccessToken) and Scope(token.scope).permissions
        if not may or Permission.EXPORT_RECORDS not in may:
            raise PermissionDenied(_("This needs a token that was made to export. Make one."))
        check_can(request.user, Permission.EXPORT_RECORDS)

    def job(self, written: str) -> Asked:
        """What was asked for, by this very person and not long ago; else nothing is found."""
        try:
            what, asker, begun, since, types = Cursor.read(written).key
            then = datetime.fromisoformat(begun)
        except ValueError:
            raise Http404(_("There is no such export. Ask for a new one.")) from None
        is_over = timezone.now() - then > LASTS
        if what != WHAT or asker != str(self.request.user.pk) or is_over:
            raise Http404(_("There is no such export. Ask for a new one."))
        spans = [Span("lt", then, then)]
        if since:
            moment = datetime.fromisoformat(since)
            spans.append(Span("ge", moment, moment))
        return Asked(types=types.split(","), changed=spans)


class Export(ExportView):
    """Where the list of files stands."""

    def get(self, request):
        asked = self.asked(EXPORT, types=self.server.names)
        since = asked.changed[0].low.isoformat() if asked.changed else ""
        types = ",".join(asked.types or self.server.names)
        now = timezone.now().astimezone(UTC)
        key = (WHAT, str(request.user.pk), now.isoformat(), since, types)
        where = self.address(f"$export/{Cursor(Side.AFTER, key)}")
        return Response(status=HTTPStatus.ACCEPTED, headers={"Content-Location": where})


class ExportStatus(ExportView):
    """The list of files: always ready."""

    def get(self, request, job):
        self.asked({})
        asked = self.job(job)
        then = asked.changed[0].high
        here = self.address(f"$export/{job}")
        manifest = {
            "transactionTime": then.isoformat().replace("+00:00", "Z"),
            "request": self.address("$export"),
            "requiresAccessToken": True,
            "output": [{"type": one, "url": f"{here}/{one}.ndjson"} for one in asked.types],
            "error": [],
        }
        expires = http_date((then + LASTS).timestamp())
        return Response(manifest, headers={"Expires": expires}, content_type="application/json")


class ExportFile(ExportView):
    """All resources of a type, one a line, as they are when they are fetched."""

    renderer_classes = (LinesRenderer, FhirRenderer, PlainJsonRenderer)

    def get(self, request, job, file):
        self.asked({})
        asked = self.job(job)
        type_ = file.removesuffix(".ndjson")
        if type_ not in asked.types or file == type_:
            raise Http404(_("There is no such file of this export. Its list names all there are."))
        resources = self._resources(type_, asked)
        if request.method == "HEAD":
            return Response(content_type=NDJSON)
        route = request.resolver_match.view_name
        return lines_response(noted_export(resources, route=route))

    def _resources(self, type_: str, asked: Asked) -> Iterator[Element]:
        user = self.request.user
        permitted = visible_centres(user, Permission.EXPORT_RECORDS)
        for source in self.server.by_name[type_].sources:
            # What follows from many records has no time of its own: it is there each time.
            changed = asked.changed if source.changed else ()
            wanted = Asked(changed=changed, permitted=permitted)
            for found, row in everything([source], user, wanted, at_a_time=ROWS_AT_A_TIME):
                yield found.to_resource(row)

"""Read-only views over rows: declared once by a serializer, read without an object per row."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import (
    ErrorDetail,
    MethodNotAllowed,
    NotAuthenticated,
    ValidationError,
)
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer, Serializer
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from mmn_registry import principal
from mmn_registry.accounts.authentication import PasswordSignIn, TokenSignIn
from mmn_registry.accounts.models import Scope
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import principal_for, visible_centres
from mmn_registry.audit.notes import note_rows, noted_export
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.disclosure import pseudonymised_somewhere, withheld_count
from mmn_registry.months import first_day, last_day

from .coarse import ShownAs, coarsening
from .cursors import Cursor
from .filters import INCLUDE, DayFilter, ListFilter, SizeField, read_filter, shown
from .limits import PerMinute, TooOften
from .paging import Links, PageQuery, in_order, read_page
from .parts import Parts
from .problems import problem_response
from .rendering import (
    CsvRenderer,
    JsonRenderer,
    Negotiation,
    WrittenJson,
    csv_response,
    csv_text,
)

SIGN_IN = gettext_lazy(
    "Sign in: with a token (“Authorization: Bearer mmn_…”, made on the page of your account), "
    "or in a browser."
)


class RuleSet(NamedTuple):
    """Which rules an answer's derived results follow."""

    name: str
    version: str
    criteria: str

    @property
    def rule_id(self) -> str:
        return f"{self.name}/{self.version}"


class RegistryView(APIView):
    """What every address has in common: who may ask, in which form, how a refusal reads."""

    # Tokens first: their answer to a stranger is 401 with a way in, not 403.
    authentication_classes = (TokenSignIn, PasswordSignIn, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = Negotiation
    renderer_classes = (JsonRenderer, CsvRenderer)
    throttle_classes = (PerMinute,)
    # What a token must have been made for; what its owner may is asked where it matters.
    needs = Permission.READ_RECORDS

    def dispatch(self, request, *args, **kwargs):
        with ExitStack() as self._acting:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        """PostgreSQL learns who asks as soon as we know it ourselves."""
        super().initial(request, *args, **kwargs)
        if request.auth and self.needs not in Scope(request.auth.scope).permissions:
            raise PermissionDenied(_("This token was not made for that. Make another one."))
        if request.user.is_authenticated and not self._is_known(request):
            asking = principal_for(request.user, request.auth)
            self._acting.enter_context(principal.in_force(asking))

    def _is_known(self, request) -> bool:
        """Whether the session has told who asks already; a token reaches less than its owner."""
        known = principal.current()
        return request.auth is None and known is not None and known.actor_id == request.user.pk

    def get_exception_handler(self):
        return problem_response

    def permission_denied(self, request, message=None, code=None):
        if not request.successful_authenticator:
            raise NotAuthenticated(SIGN_IN)
        super().permission_denied(request, message, code)

    def throttled(self, request, wait):
        raise TooOften(wait)

    def http_method_not_allowed(self, request, *args, **kwargs):
        message = _("%(method)s is not possible here. What is possible stands in `Allow`.")
        if request.method == "DELETE":
            message = _("%(method)s is not possible: a record is voided, with a reason.")
        raise MethodNotAllowed(request.method, message % {"method": shown(request.method)})

    def options(self, request, *args, **kwargs):
        """What is possible here stands in the header `Allow`."""
        return Response(status=204)


class NothingHere(RegistryView):
    """An address that is none of ours, answered as the others are."""

    schema = None

    def get(self, request, *args, **kwargs):
        raise Http404(_("There is nothing at this address. The reference names all there are."))


@cache
def sources(serializer_class: type[Serializer]) -> Mapping[str, str]:
    """The path in the query of every column of a serializer; parts of a row are no column."""
    fields = serializer_class().fields.items()
    return {
        name: (field.source or name).replace(".", "__")
        for name, field in fields
        if not isinstance(field, ListSerializer)
    }


def plain(value: Any) -> Any:
    """A stored value as JSON has it: exact decimals are numbers, texts not recorded are null."""
    if isinstance(value, Decimal):
        return float(value)
    return None if value == "" else value


class AnswerView(RegistryView):
    """An answer says as of which day and by which rules it was given."""

    serializer_class: type[Serializer]
    filter_form: type[DayFilter] = DayFilter
    rules = RuleSet("", "", "")  # injected where the addresses are wired
    # Of columns that are in no table: the field they are made of, or their class.
    shown_as: ShownAs = {}
    name = ""  # of the saved file and, after a verb, of the operation in the schema
    verb = "get"
    answered = "The record as it stands."  # what is said of an answer that is no table
    is_of_one = False  # whether it is one record, which has a version
    derived = False  # whether its rows follow from the records by rules
    not_found = ""  # what is said where it may be that there is nothing to answer with

    def asked(self) -> dict[str, Any]:
        """The cleaned filter of this request."""
        asked = read_filter(self.filter_form, self.request.query_params)
        if asked.get("centre"):
            self._refuse_foreign(asked["centre"])
        if pseudonymised_somewhere():
            self._refuse_days_within_months(asked)
        return asked

    def _refuse_days_within_months(self, asked: dict[str, Any]) -> None:
        """Day after day asked for in turn would tell on which one something happened."""
        ends = {
            "as_of": (last_day, "last"),
            "since": (first_day, "first"),
            "updated_since": (first_day, "first"),
        }
        for name, (end, word) in ends.items():
            day = asked.get(name) if name in self.request.query_params else None
            if isinstance(day, datetime):
                continue  # a moment is looked at where it is asked for
            if day and day not in (end(day), timezone.localdate()):
                message = _("You read by months: ask for the %(end)s day of one, like %(day)s.")
                params = {"end": word, "day": end(day).isoformat()}
                raise ValidationError({name: [ErrorDetail(message % params, "within_month")]})

    def _refuse_foreign(self, code: str) -> None:
        """Another's centre and one that does not exist are refused by the same words."""
        centres = visible_centres(self.request.user, Permission.READ_RECORDS)
        codes = list(centres.values_list("code", flat=True))
        if code not in codes:
            message = _("There is no centre “%(centre)s” among yours. You have: %(codes)s.")
            params = {"centre": shown(code), "codes": ", ".join(codes) or _("none")}
            raise ValidationError({"centre": [ErrorDetail(message % params, "unknown_centre")]})

    def wants_csv(self) -> bool:
        return self.request.accepted_renderer.format == CsvRenderer.format

    def as_json(self, asked: dict, **content) -> Response:
        rows = len(content.get("results", ("one answer",)))
        note_rows(EntryKind.READ, **self._subject(asked), rows=rows)
        day = asked["as_of"].isoformat()
        answer = {"as_of": day, "rules": self.rules._asdict(), **self._privacy(asked), **content}
        return Response(answer, headers=self._headers(asked))

    def as_csv(self, asked: dict, rows: Iterable[Sequence]) -> StreamingHttpResponse:
        """The whole table, as a file that is named after its day."""
        day = asked["as_of"].isoformat()
        disposition = f'attachment; filename="{self.name}_as-of-{day}.csv"'
        headers = self._headers(asked) | {"Content-Disposition": disposition}
        is_sent = self.request.method != "HEAD"
        rows = noted_export(rows, **self._subject(asked)) if is_sent else ()
        if self.derived:
            rows = ((*row, day, self.rules.rule_id) for row in rows)
        return csv_response(self.csv_columns(), rows, headers)

    def _subject(self, asked: dict) -> dict[str, str]:
        """What the trail says was read: which answer, and of whom if it was of one patient."""
        study_id = self.kwargs.get("study_id") or asked.get("patient") or ""
        return {"route": self.request.resolver_match.view_name, "study_id": study_id}

    def csv_columns(self) -> list[str]:
        """A saved file has no headers: derived rows carry their day and their rules."""
        return [*self.columns(), *(("as_of", "rules") if self.derived else ())]

    def columns(self) -> list[str]:
        """The names of a row's values, in order."""
        return list(sources(self.serializer_class))

    def _headers(self, asked: dict) -> dict[str, str]:
        privacy = {
            f"MMN-{name.title()}": csv_text(value) for name, value in self._privacy(asked).items()
        }
        day = asked["as_of"].isoformat()
        return {"MMN-As-Of": day, "MMN-Rules": self.rules.rule_id, **privacy}

    def _privacy(self, asked: dict) -> dict[str, Any]:
        """Said where it is so: that some are shown pseudonymised, and how many are left out."""
        if not pseudonymised_somewhere():
            return {}
        told: dict[str, Any] = {"pseudonymised": True}
        if "centre" in asked and "withheld" not in asked:
            codes = [asked["centre"]] if asked["centre"] else None
            asked["withheld"] = withheld_count(asked["as_of"], codes)
        if asked.get("withheld"):
            told["withheld"] = asked["withheld"]
        return told


class ListView(AnswerView):
    """A list: in pages as JSON, whole as CSV."""

    filter_form: type[ListFilter] = ListFilter
    verb = "list"

    def asked(self):
        asked = super().asked()
        paged = [name for name in ("page_size", "cursor") if asked[name] is not None]
        if paged and self.wants_csv():
            message = _("CSV is the whole list in one answer, without pages. Leave this out.")
            raise ValidationError({name: [ErrorDetail(message, "no_pages")] for name in paged})
        if asked.get(INCLUDE) and self.wants_csv():
            message = _("CSV has one table. Ask for it as a list of its own, or for JSON.")
            raise ValidationError({INCLUDE: [ErrorDetail(message, "no_parts")]})
        asked["page_size"] = asked["page_size"] or SizeField.usual
        return asked

    def page(self, asked: dict, rows: list[dict], ways: Links) -> Response:
        """Rows with the addresses of the pages beside them."""
        return self.as_json(
            asked,
            next=self._address(asked, ways.next),
            previous=self._address(asked, ways.previous),
            results=rows,
        )

    def _address(self, asked: dict, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        # With its day: a walk that begins before midnight ends in the same list.
        here = self.request.build_absolute_uri()
        if self._may_be_asked_tomorrow(asked["as_of"]):
            here = replace_query_param(here, "as_of", asked["as_of"].isoformat())
        return replace_query_param(here, "cursor", str(cursor))

    def _may_be_asked_tomorrow(self, as_of: date) -> bool:
        return as_of == last_day(as_of) or not pseudonymised_somewhere()


class RowListView(ListView):
    """A list of recorded rows."""

    model: type[Model]
    ordering: tuple[str, ...] = ()
    # What a record hangs on, the patient last; where its day is; which filters are its columns.
    parents: tuple[str, ...] = ("patient",)
    dated_by = ""
    equal_to: tuple[str, ...] = ()
    # What may be asked for inside a row, by the name of its list there.
    parts: Mapping[str, Parts] = {}

    def asked(self):
        asked = super().asked()
        since = asked["updated_since"]
        if since is not None and pseudonymised_somewhere():
            self._refuse_days_within_months({"updated_since": timezone.localdate(since)})
        return asked

    @staticmethod
    def written_since(asked: dict) -> dict[str, Any]:
        """What was written a while ago is left out where that was asked."""
        since = asked["updated_since"]
        return {} if since is None else {"recorded_at__gte": since}

    def rows(self, asked: dict) -> QuerySet:
        """The filtered records that this user may see, dated on or before the asked day.

        A patient who was not yet included that day has no records then.
        """
        patient = self.parents[-1]
        # Nobody can void the parent of a standing record; saying so opens the indexes, which
        # hold standing records only.
        wanted = {f"{parent}__voided_at": None for parent in self.parents}
        days = (self.dated_by, f"{patient}__included_on")
        wanted |= {f"{path}__lte": asked["as_of"] for path in days}
        if asked["since"]:
            wanted[f"{self.dated_by}__gte"] = asked["since"]
        if asked["patient"]:
            wanted[f"{patient}__study_id"] = asked["patient"]
        if asked["centre"]:
            wanted[f"{patient}__centre__code"] = asked["centre"]
        wanted |= {name: asked[name] for name in self.equal_to if asked[name]}
        wanted |= self.written_since(asked)
        return self.model.objects.visible_to(self.request.user).filter(**wanted)

    def get(self, request):
        asked = self.asked()
        paths = list(sources(self.serializer_class).values())
        coarse = coarsening(self.model, paths, self.shown_as)
        centre = [f"{self.model.centre_path}_id"] if coarse else []
        if self.wants_csv():
            ordered = in_order(self.rows(asked), self.ordering)
            whole = ordered.values_list(*paths, *centre).iterator()
            shown_rows = coarse.rows_with_centre(whole) if coarse else whole
            return self.as_csv(asked, (map(plain, row) for row in shown_rows))
        included = {name: self.parts[name] for name in [asked.get(INCLUDE)] if name}

        def compose():
            parts = (part.expression() for part in included.values())
            return self.rows(asked), [*paths, *parts, *centre]

        found, ways = read_page(
            PageQuery(self._composed_by(asked, *centre), compose),
            self.ordering,
            asked["cursor"],
            asked["page_size"],
        )
        if coarse:
            coarse = coarse.also([part.coarsened() for part in included.values()])
            found = coarse.rows_with_centre(found)
        names = [*self.columns(), *included]
        named = [dict(zip(names, map(plain, row), strict=True)) for row in found]
        for row in named if included else ():
            row |= {name: WrittenJson(row[name]) for name in included}
        return self.page(asked, named, ways)

    def _composed_by(self, asked: dict, *more: str) -> Hashable:
        """The filter, and who sees what today; whose it is, PostgreSQL decides besides."""
        filters = [(name, value) for name, value in asked.items() if name != "cursor"]
        who = self.request.user.pk, timezone.localdate()
        return type(self), *who, *more, *filters


class RowDetailView(AnswerView):
    """One recorded row by its key; not yours is not found."""

    model: type[Model]

    def row(self, asked: dict) -> QuerySet:
        """A queryset that holds the asked row or nothing."""
        raise NotImplementedError(f"{type(self).__name__} does not say which row it shows.")

    def get(self, request, **key):
        asked = self.asked()
        paths = list(sources(self.serializer_class).values())
        coarse = coarsening(self.model, paths, self.shown_as)
        read = [*paths, f"{self.model.centre_path}_id"] if coarse else paths
        found = self.row(asked).values_list(*read).first()
        if found is None:
            raise Http404(self.not_found)
        if coarse:
            [found] = coarse.rows_with_centre([found])
        values = list(map(plain, found))
        if self.wants_csv():
            return self.as_csv(asked, [values])
        return self.as_json(asked, result=dict(zip(self.columns(), values, strict=True)))

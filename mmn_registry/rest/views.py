"""Read-only views over rows: declared once by a serializer, read without an object per row."""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres

from .filters import ListFilter, read_filter
from .paging import RowCursorPagination
from .rendering import Table


class RuleSet(NamedTuple):
    """Which rules an answer's derived results follow."""

    name: str
    version: str


def sources(serializer_class) -> dict[str, str]:
    """The path in the query of every field of a serializer."""
    fields = serializer_class().fields.items()
    return {name: (field.source or name).replace(".", "__") for name, field in fields}


def as_row(values: dict, paths: dict[str, str]) -> dict:
    """A row of the query under its published names; exact decimals leave as JSON numbers."""
    row = {name: values[path] for name, path in paths.items()}
    return {k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()}


class AnswerMixin:
    """Every answer says as of which day and by which rules it was given."""

    filter_form = ListFilter
    rules: RuleSet = RuleSet("", "")  # injected where the URLs are wired
    file_name = "rows"

    def asked(self) -> dict:
        """The cleaned filter of this request; a centre that is not yours is refused by name."""
        asked = read_filter(self.filter_form, self.request.query_params)
        if asked["centre"]:
            centres = visible_centres(self.request.user, Permission.READ_RECORDS)
            codes = list(centres.values_list("code", flat=True))
            if asked["centre"] not in codes:
                message = _("There is no centre %(centre)s among yours: %(codes)s.")
                params = {"centre": asked["centre"], "codes": ", ".join(codes)}
                raise ValidationError({"centre": [message % params]})
        return asked

    def envelope(self, asked: dict, **content) -> Response:
        """Content with its day and rules, for people in the body, for CSV in the headers."""
        as_of = asked["as_of"].isoformat()
        headers = {"MMN-As-Of": as_of, "MMN-Rules": f"{self.rules.name}/{self.rules.version}"}
        if table := content.pop("table", None):
            name = f"{self.file_name}_as-of-{as_of}.csv"
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return Response(table, headers=headers)
        return Response({"as_of": as_of, "rules": self.rules._asdict(), **content}, headers=headers)

    def wants_csv(self) -> bool:
        return self.request.accepted_renderer.format == "csv"


class RowListView(AnswerMixin, ListAPIView):
    """A list in pages as JSON, or whole as CSV."""

    pagination_class = RowCursorPagination
    model: type[Model]
    ordering: tuple[str, ...] = ()
    # Where a row finds its patient and its day, and which filters name a column of its own.
    patient_path = "patient"
    dated_by = ""
    equal_to: tuple[str, ...] = ()

    def rows(self, asked: dict) -> QuerySet:
        """The filtered records that this user may see, dated on or before the asked day.

        A patient who was not yet included that day has no records then.
        """
        at_most = (self.dated_by, f"{self.patient_path}__included_on")
        wanted = {f"{path}__lte": asked["as_of"] for path in at_most}
        if asked["since"]:
            wanted[f"{self.dated_by}__gte"] = asked["since"]
        if asked["patient"]:
            wanted[f"{self.patient_path}__study_id"] = asked["patient"]
        if asked["centre"]:
            wanted[f"{self.patient_path}__centre__code"] = asked["centre"]
        wanted |= {name: asked[name] for name in self.equal_to if asked[name]}
        return self.model.objects.visible_to(self.request.user).filter(**wanted)

    def list(self, request, *args, **kwargs):
        """One page with the way to the next, or the whole table."""
        asked = self.asked()
        paths = sources(self.serializer_class)
        rows = self.rows(asked).values(*paths.values())
        if self.wants_csv():
            ordered = rows.order_by(*self.ordering).iterator()
            return self.envelope(
                asked, table=Table(list(paths), (as_row(row, paths) for row in ordered))
            )
        page = self.paginator.paginate_queryset(rows, request, view=self)
        return self.envelope(
            asked,
            next=self.paginator.get_next_link(),
            previous=self.paginator.get_previous_link(),
            results=[as_row(row, paths) for row in page],
        )


class RowDetailView(AnswerMixin, RetrieveAPIView):
    """One row by its key; not yours is not found."""

    def row(self, asked: dict) -> QuerySet:
        """A queryset that holds the asked row or nothing."""
        raise NotImplementedError(f"{type(self).__name__} does not say which row it shows.")

    def retrieve(self, request, *args, **kwargs):
        asked = self.asked()
        paths = sources(self.serializer_class)
        found = self.row(asked).values(*paths.values()).first()
        if found is None:
            raise Http404
        row = as_row(found, paths)
        if self.wants_csv():
            return self.envelope(asked, table=Table(list(row), [row]))
        return self.envelope(asked, result=row)

"""Lists of tables whose columns are those of the bundle, and nothing more."""

from django.db import models
from django.utils.text import capfirst

from mmn_registry.interchange import Table
from mmn_registry.rest.filters import CodeField, DatedFilter
from mmn_registry.rest.views import RowListView

from .columns import row_serializer


class LimitFilter(DatedFilter):
    patient = None  # limits are a centre's


class TableList(RowListView):
    """Rows of a table, by its key; may be asked for by any of its codes that are keys."""

    table: Table

    def rows(self, asked):
        if self.parents:
            return super().rows(asked)
        wanted = {f"{self.dated_by}__lte": asked["as_of"]}
        if asked["since"]:
            wanted[f"{self.dated_by}__gte"] = asked["since"]
        if asked["centre"]:
            wanted["centre__code"] = asked["centre"]
        wanted |= {name: asked[name] for name in self.equal_to if asked[name]}
        wanted |= self.written_since(asked)
        return self.model.objects.visible_to(self.request.user).filter(**wanted)


def list_of(table: Table, *, name: str = "") -> type[TableList]:
    """The list of a table."""
    model, own = table.model, [column for column in table.own if column.key]
    codes = {column.name: table.field(column) for column in own if table.field(column).choices}
    day = next(c for c in table.keys if isinstance(table.field(c), models.DateField))
    fields = {
        code: CodeField([word for word, _label in field.choices], f"Only this {code}.")
        for code, field in codes.items()
    }
    parents = _parents(table)
    base = DatedFilter if parents else LimitFilter
    several = capfirst(str(model._meta.verbose_name_plural))
    said_by = ", ".join(column.name for column in table.keys)
    about = {
        "__doc__": f"{several}, as recorded.\n\nIn the order of {said_by}.",
        "table": table,
        "serializer_class": row_serializer(table),
        "filter_form": type(f"{model.__name__}Filter", (base,), fields),
        "model": model,
        "ordering": tuple(column.path for column in table.keys),
        "name": name or table.name,
        "parents": parents,
        "dated_by": day.path,
        "equal_to": tuple(codes),
    }
    return type(f"{model.__name__}List", (TableList,), about)


def _parents(table: Table) -> tuple[str, ...]:
    """What a row hangs on, the patient last."""
    paths = [c.path.removesuffix("__study_id") for c in table.keys if c.name == "study_id"]
    steps = paths[0].split("__") if paths else []
    return tuple("__".join(steps[: n + 1]) for n in range(len(steps)))

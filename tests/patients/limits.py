"""How the tests say where a limit lies: values just inside, values just outside, and the code."""

from dataclasses import dataclass

from django.db import models, transaction

from .examples import error_codes, refusal

FIT_NAMES = ("Kiovig", "5 (w:v)", "a=b-c+d@e", "é", "O'Hara; x")
UNFIT_NAMES = ("=1+1", "+1", "-1", "@a", "\ta", "a\r", "a\nb", "a\x01", "a\x85", " a", "a ")
UNREADABLE = ("a\x01", "a\x0b", "a\x7f", "a\x9f")


@dataclass(frozen=True)
class Limit:
    """A CHECK constraint with changes to a plausible record that keep it, and that break it."""

    model: type[models.Model]
    constraint: str
    code: str
    field: str
    inside: tuple[dict, ...]
    outside: tuple[dict, ...]

    def __str__(self):
        return self.constraint


def limit(model, rule, code, field, *, inside, outside):
    name = f"{model._meta.model_name}_{rule}"
    return Limit(model, name, code, field, tuple(inside), tuple(outside))


def between(model, field, code, *, inside, outside):
    """A range: each value alone in its field; nothing at all, where that is allowed."""
    nothing = [{field: None}] if model._meta.get_field(field).null else []
    return limit(
        model,
        f"{field}_plausible",
        code,
        field,
        inside=[{field: value} for value in inside] + nothing,
        outside=[{field: value} for value in outside],
    )


def words(model, field):
    """A vocabulary: each of its words, and one of no vocabulary."""
    column = model._meta.get_field(field)
    inside = [{field: word} for word, _label in column.choices]
    if column.blank:
        inside.append({field: ""})
    outside = [{field: "perhaps"}]
    return limit(model, f"{field}_known", "invalid_choice", field, inside=inside, outside=outside)


def name(model, field):
    blank = [{field: ""}] if model._meta.get_field(field).blank else []
    return limit(
        model,
        f"{field}_fit",
        "unfit_name",
        field,
        inside=[{field: fit} for fit in ("Kiovig", "5 (w:v)", "a=b-c+d@e", "é", "O'Hara; x")]
        + blank,
        outside=[{field: unfit} for unfit in UNFIT_NAMES],
    )


def text(model, field, *, lines=False):
    inside = ["", "=1+1", "- as before", "µmol/L"] + (["two\r\nlines\tand a tab"] if lines else [])
    outside = UNREADABLE if lines else (*UNREADABLE, "two\nlines", "a\ttab")
    return limit(
        model,
        f"{field}_readable",
        "unreadable_character",
        field,
        inside=[{field: value} for value in inside],
        outside=[{field: value} for value in outside],
    )


def day(model, field, **needed):
    """No day before 1900; needed are changes without which such an early day breaks other rules."""
    return limit(
        model,
        f"{field}_plausible",
        "implausible_date",
        field,
        inside=[{field: "1900-01-01", **needed}],
        outside=[{field: "1899-12-31", **needed}, {field: "0203-04-05", **needed}],
    )


def assert_kept(example, limit):
    """Just inside: clean for the form, and stored."""
    for changes in limit.inside:
        record = example(**changes)
        assert error_codes(record) == {}, changes
        with transaction.atomic():
            limit.model.objects.bulk_create([record])
            transaction.set_rollback(True)


def assert_refused(example, limit):
    """Just outside: refused by the form beside its field, and by the database; by one code."""
    for changes in limit.outside:
        record = example(**changes)
        assert error_codes(record) == {limit.field: [limit.code]}, changes
        assert refusal(limit.model.objects.bulk_create, [record]) == (limit.code, sentence(limit))


def sentence(limit):
    (rule,) = (r for r in limit.model._meta.constraints if r.name == limit.constraint)
    return str(rule.violation_error_message)


def unspecified(limits, recorded):
    """CHECK constraints of these models that no limit speaks of, but for those of all records."""
    shared = ("_void_has_reason", "_reasons_readable")
    checks = {
        rule.name
        for model in recorded
        for rule in model._meta.constraints
        if isinstance(rule, models.CheckConstraint) and not rule.name.endswith(shared)
    }
    return checks - {limit.constraint for limit in limits}

"""What if: other numbers of the rules, asked for in the address, never mistaken for the rule's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outcomes.derivation.rules import RULES
from outcomes.derivation.what_if import (
    BLOCK_CRITERIA,
    GAINS_THIRDS,
    MOST_MUSCLES,
    WINDOW_LIMITS,
    WhatIf,
    other_rules,
)
from outcomes.numbers import percent, points_text

# Before the name of each parameter, so that an address tells from afar that it is no rule's.
PREFIX = "if_"
# So many are derived while somebody waits; more would take longer than a page may.
MOST_PATIENTS = 10_000


def _points(thirds: int) -> str:
    return points_text(thirds / 3) if thirds >= 3 else {1: "⅓", 2: "⅔"}[thirds]


class WhatIfForm(forms.Form):
    """Each field empty: the registry's own number."""

    gain = forms.TypedChoiceField(
        label=gettext_lazy("Gain that counts"), required=False, coerce=int, empty_value=None
    )
    muscles = forms.IntegerField(
        label=gettext_lazy("Muscles that must gain"),
        required=False,
        min_value=1,
        max_value=MOST_MUSCLES,
    )
    window_from = forms.IntegerField(
        label=gettext_lazy("Month 6 from day"),
        required=False,
        min_value=WINDOW_LIMITS[0],
        max_value=RULES.month_6_target_day,
    )
    window_to = forms.IntegerField(
        label=gettext_lazy("Month 6 to day"),
        required=False,
        min_value=RULES.month_6_target_day,
        max_value=WINDOW_LIMITS[1],
    )
    criteria = forms.ChoiceField(label=gettext_lazy("Criteria of block"), required=False)
    reference = forms.FloatField(
        label=gettext_lazy("Reference proportion, %"), required=False, min_value=1, max_value=99
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix=None, **kwargs)
        own = _("as the rule: %(value)s")
        self.fields["gain"].choices = [
            ("", own % {"value": _("1 point")}),
            *((n, _("%(n)s points") % {"n": _points(n)}) for n in GAINS_THIRDS),
        ]
        self.fields["criteria"].choices = [
            ("", own % {"value": RULES.criteria}),
            *((name, name) for name in BLOCK_CRITERIA),
        ]
        first, last = RULES.month_6_days
        usual = {
            "muscles": RULES.muscles_needed,
            "window_from": first,
            "window_to": last,
            "reference": percent(RULES.reference_proportion),
        }
        for name, value in usual.items():
            self.fields[name].widget = forms.TextInput(
                attrs={"inputmode": "numeric", "placeholder": own % {"value": value}}
            )
        for name, field in self.fields.items():
            is_list = isinstance(field, forms.ChoiceField)
            kind = "form-select" if is_list else "form-control"
            field.widget.attrs |= {"class": kind, "aria-describedby": f"note-{PREFIX}{name}"}

    def add_prefix(self, field_name):
        return f"{PREFIX}{field_name}"


@dataclass(frozen=True)
class ReadWhatIf:
    """What can be asked, without what is the registry's own number; and notes on what cannot."""

    what_if: WhatIf
    notes: Mapping[str, str]
    form: WhatIfForm


def read_what_if(query: Mapping[str, str]) -> ReadWhatIf:
    """What an address asks beside the rule; a number that cannot be is left out, and said so."""
    form = WhatIfForm({name: query.get(name, "") for name in _PARAMETERS})
    form.is_valid()
    own = _own_numbers()
    taken = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    if "reference" in taken:
        taken["reference"] = round(taken["reference"] / 100, 6)
    differs = {name: value for name, value in taken.items() if value != own[name]}
    notes = {f"{PREFIX}{name}": str(errors[0]) for name, errors in form.errors.items()}
    return ReadWhatIf(WhatIf(**differs), notes, form)


def _own_numbers() -> dict[str, object]:
    return {
        "gain": RULES.point_thirds,
        "muscles": RULES.muscles_needed,
        "window_from": RULES.month_6_days[0],
        "window_to": RULES.month_6_days[1],
        "criteria": RULES.criteria,
        "reference": RULES.reference_proportion,
    }


_PARAMETERS = tuple(f"{PREFIX}{field.name}" for field in fields(WhatIf))


def what_if_pairs(what_if: WhatIf) -> list[tuple[str, str]]:
    """Pairs of name and value for an address, in one order."""
    return [
        (f"{PREFIX}{field.name}", _code(field.name, value))
        for field in fields(WhatIf)
        if (value := getattr(what_if, field.name)) is not None
    ]


def _code(name: str, value: object) -> str:
    if name == "reference" and isinstance(value, float):
        return f"{value * 100:.6g}"
    return str(value)


def what_if_words(what_if: WhatIf) -> str:
    """What if 3 muscles had to gain, and blocks were graded by Utrecht."""
    return "; ".join(_said(what_if))


def _said(what_if: WhatIf) -> Iterator[str]:
    rules = other_rules(what_if)
    if what_if.gain is not None:
        yield _("a gain counts from %(points)s points") % {"points": _points(what_if.gain)}
    if what_if.muscles is not None:
        yield _("%(n)s muscles have to gain") % {"n": what_if.muscles}
    if what_if.window_from is not None or what_if.window_to is not None:
        first, last = rules.month_6_days
        yield _("month 6 is days %(first)s to %(last)s") % {"first": first, "last": last}
    if what_if.criteria is not None:
        yield _("blocks by %(criteria)s") % {"criteria": what_if.criteria}
    if what_if.reference is not None:
        yield _("tested against %(percent)s %%") % {
            "percent": _code("reference", what_if.reference)
        }

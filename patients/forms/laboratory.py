"""A laboratory result as it is typed, beside what was measured of the same test before."""

from collections.abc import Iterable

from django.utils.text import capfirst

from patients import labels
from patients.models import LaboratoryResult
from patients.unusual import Unusual, plain
from patients.unusual_laboratory import unusual_result

from .record import RecordForm

EARLIER_SHOWN = 5
# What is mostly as it was the last time: the same laboratory, the same kit.
AS_LAST_TIME = ("unit", "method", "cutoff")


class LaboratoryResultForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = LaboratoryResult
        fields = ("taken_on", "test", "value", "unit", "interpretation", "method", "cutoff")

    def __init__(self, typed=None, *, results: Iterable[LaboratoryResult] = (), **about):
        """``results`` are all of the patient, the first one first."""
        super().__init__(typed, **about)
        test = str(self.shown.get("test", ""))
        self.earlier = [r for r in results if r.test == test and r.pk != self.instance.pk][::-1]

    def add_fields(self) -> None:
        for name, words in (
            ("test", labels.LABORATORY_TEST),
            ("interpretation", labels.INTERPRETATION),
        ):
            self.fields[name].choices = [
                ("", "–"),
                *((code, capfirst(str(word))) for code, word in words.items()),
            ]

    @property
    def earlier_values(self) -> list[tuple[LaboratoryResult, str]]:
        """The latest of them, each with its value in words."""
        return [(result, _value_words(result)) for result in self.earlier[:EARLIER_SHOWN]]

    @property
    def suggestions(self) -> list[tuple[str, str, str]]:
        """Name, label and last value of what is still empty."""
        last = self.earlier[0] if self.earlier else None
        return [
            (name, str(self.fields[name].label), getattr(last, name))
            for name in AS_LAST_TIME
            if last and getattr(last, name) and not self.shown.get(name)
        ]

    def fill_as_last_time(self) -> None:
        for name, _label, value in self.suggestions:
            self.initial[name] = value

    def unusual(self) -> list[Unusual]:
        typed = self.cleaned_data
        return [*unusual_result(test=typed["test"], value=typed["value"], unit=typed["unit"])]


def _value_words(result: LaboratoryResult) -> str:
    number = f"{plain(result.value)} {result.unit}".strip() if result.value is not None else ""
    words = str(labels.INTERPRETATION.get(result.interpretation, ""))
    return ", ".join(filter(None, (number, words))) or "–"

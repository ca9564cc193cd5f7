"""What a centre examines and judges by, as it is typed."""

from collections.abc import Iterable, Iterator, Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients import labels
from patients.models import LowerLimit, ProtocolSegment
from patients.unusual import Unusual
from patients.unusual_conduction import unusual_limit
from patients.vocabulary import USUAL_PROTOCOL, MotorNerve, ProtocolSides, StimulationSite

from .record import typed_field

NERVES = [(n.value, capfirst(str(labels.NERVE[n]))) for n in MotorNerve]
SITES = [(site.value, labels.SITE[site]) for site in StimulationSite]
SIDES = [(sides.value, labels.SIDES[sides]) for sides in ProtocolSides]
EMPTY_LINES = 3


class LimitForm(forms.ModelForm):
    """A lower limit of normal; a value that is seldom right is asked about once."""

    is_right = forms.BooleanField(required=False, label=gettext_lazy("It is right"))
    reason = forms.CharField(
        label=gettext_lazy("Why is it changed?"),
        max_length=400,
        error_messages={"required": _("Say why, in a few words: a slip, a value added later.")},
    )

    class Meta:
        model = LowerLimit
        fields = ("nerve", "distal_amplitude_lln_mv", "valid_from")
        formfield_callback = typed_field
        labels = {
            "distal_amplitude_lln_mv": gettext_lazy("Lower limit of the distal amplitude, mV"),
            "valid_from": gettext_lazy("Valid from"),
        }

    def __init__(self, *args, **options):
        super().__init__(*args, use_required_attribute=False, **options)
        self.fields["nerve"].choices = [("", "–"), *NERVES]
        if self.instance._state.adding:
            del self.fields["reason"]
        for one in self.fields.values():
            if not isinstance(one, forms.BooleanField):
                kind = "form-select" if isinstance(one, forms.ChoiceField) else "form-control"
                one.widget.attrs |= {"class": kind, "autocomplete": "off"}

    @property
    def changes(self) -> dict[str, object]:
        return {name: getattr(self.instance, name) for name in self._meta.fields}

    @property
    def asks(self) -> list[Unusual]:
        """Questions that wait for an answer."""
        if not self.is_valid() or self.cleaned_data["is_right"]:
            return []
        return [*unusual_limit(self.cleaned_data["distal_amplitude_lln_mv"])]

    @property
    def is_ready(self) -> bool:
        return self.is_valid() and not self.asks


class ProtocolLine:
    """One line of the protocol: a select for each of its codes."""

    def __init__(self, place: int, values: Mapping[str, str]):
        self.place = place
        self.values = {name: values.get(name, "") for name in ProtocolSegment.told_apart_by}
        self.error = ""

    @property
    def is_filled(self) -> bool:
        """A nerve makes a line; without one it is left out."""
        return bool(self.values["nerve"])

    @property
    def cells(self) -> Iterator[tuple[str, str, str, list]]:
        """Name, label, value and choices of each select."""
        words = {
            "nerve": (_("nerve"), NERVES),
            "sides": (_("sides"), SIDES),
            "distal_site": (_("from"), SITES),
            "proximal_site": (_("to"), SITES),
        }
        for name, (label, choices) in words.items():
            said = _("Line %(n)s, %(what)s") % {"n": self.place, "what": label}
            yield f"{name}-{self.place}", said, self.values[name], [("", "–"), *choices]

    def clean(self) -> ProtocolSegment | None:
        segment = ProtocolSegment(place=self.place, **self.values)
        try:
            segment.full_clean(exclude=["centre"])
        except ValidationError as refused:
            said = [
                _("Choose nerve, sides and both sites.") if not self.values.get(name) else text
                for name, texts in refused.message_dict.items()
                for text in texts
            ]
            self.error = " ".join(dict.fromkeys(said))
            return None
        return segment


class ProtocolForm:
    """All lines of a protocol, saved together; empty lines follow for what is added."""

    def __init__(
        self, stored: Iterable[ProtocolSegment] = (), typed: Mapping[str, str] | None = None
    ):
        lines = _typed_lines(typed) if typed is not None else _stored_lines(stored)
        empty = [{}] * EMPTY_LINES
        self.lines = [ProtocolLine(n, line) for n, line in enumerate([*lines, *empty], 1)]
        self.segments: list[ProtocolSegment] = []

    def is_valid(self) -> bool:
        self.segments, seen = [], set()
        for line in self.lines:
            if not line.is_filled:
                continue
            segment = line.clean()
            key = tuple(line.values.values())
            if segment and key in seen:
                line.error = _("The protocol has this segment already. Keep one.")
            elif segment:
                self.segments.append(segment)
            seen.add(key)
        return not any(line.error for line in self.lines)


def _stored_lines(stored: Iterable[ProtocolSegment]) -> list[dict[str, str]]:
    lines = [{name: getattr(s, name) for name in s.told_apart_by} for s in stored]
    return lines or [
        {
            "nerve": nerve.value,
            "sides": ProtocolSides.BOTH.value,
            "distal_site": distal.value,
            "proximal_site": proximal.value,
        }
        for nerve, distal, proximal in USUAL_PROTOCOL
    ]


def _typed_lines(typed: Mapping[str, str]) -> list[dict[str, str]]:
    """Lines in the order of their numbers; those without a nerve are left out."""
    places = sorted(
        int(name.removeprefix("nerve-"))
        for name in typed
        if name.startswith("nerve-") and name.removeprefix("nerve-").isdecimal()
    )
    lines = [
        (_position(typed.get(f"place-{place}", ""), place), place, line)
        for place in places
        if (line := {n: typed.get(f"{n}-{place}", "") for n in ProtocolSegment.told_apart_by})[
            "nerve"
        ]
    ]
    return [line for _position_, _place, line in sorted(lines, key=lambda one: one[:2])]


def _position(typed: str, place: int) -> int:
    return int(typed) if typed.isdecimal() and len(typed) <= 3 else place

"""What the page of a centre's activity can be asked."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.models import Membership, User
from mmn_registry.audit.reading.activity import Question
from mmn_registry.audit.vocabulary import DATABASE_ACTOR
from mmn_registry.principal import Kind

from .words import KINDS, centre_name

NO_CENTRE = "-"
USUAL_DAYS = 30
ANYBODY = ("", _("anybody"))
NOT_PEOPLE = (
    (Kind.OPERATOR.value, _("operators' commands")),
    (Kind.WORKER.value, _("the registry itself")),
    (DATABASE_ACTOR, _("database sessions, and strangers")),
)


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is not a date. Write it like 2024-03-31.")},
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )


class ActivityForm(forms.Form):
    """Whose, who, what, when; what cannot be is said beside its field and left out."""

    centre = forms.ChoiceField(label=_("Centre"), required=False)
    who = forms.ChoiceField(label=_("Who"), required=False)
    what = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", _("anything")), *((kind.value, words) for kind, words in KINDS.items())],
    )
    since = _day(_("From"))
    until = _day(_("To"))

    def __init__(self, *args, centres, everywhere: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.centres = {centre.code: centre for centre in centres}
        choices = [(centre.code, centre_name(centre)) for centre in centres]
        if everywhere:
            choices.append((NO_CENTRE, _("of no centre: people and sign-ins")))
        self.fields["centre"].choices = choices
        self.fields["who"].choices = [ANYBODY, *self._people(everywhere), *NOT_PEOPLE]
        for name in ("centre", "who", "what"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def _people(self, everywhere: bool):
        """Of the centres that the reader may ask for: whoever has or had a role there."""
        people = User.objects.order_by("full_name")
        if not everywhere:
            there = Membership.objects.filter(centre__in=self.centres.values())
            people = people.filter(pk__in=there.values("user_id"))
        return [(str(person.pk), person.full_name) for person in people]

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This lies before the first day. Correct one of the days."))
        return cleaned

    def question(self, now: datetime) -> Question:
        """From what was asked and can be; else the last days of the first centre."""
        asked = self.cleaned_data if self.is_valid() else self._what_is_clean()
        until, since = asked.get("until"), asked.get("since")
        before = _start(until + timedelta(days=1)) if until else now
        usual = before - timedelta(days=USUAL_DAYS)
        who = asked.get("who") or ""
        is_person = who not in {"", *(kind for kind, _words in NOT_PEOPLE)}
        return Question(
            centre_id=self._centre_id(asked.get("centre")),
            since=_start(since) if since else usual,
            before=before,
            actor_id=UUID(who) if is_person else None,
            actor_kind="" if is_person else who,
            kind=asked.get("what") or "",
        )

    def _what_is_clean(self) -> dict:
        return {name: v for name, v in self.cleaned_data.items() if name not in self.errors}

    def _centre_id(self, code: str | None):
        if code == NO_CENTRE:
            return None
        chosen = self.centres.get(code) or next(iter(self.centres.values()), None)
        return chosen.pk if chosen else None


def _start(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

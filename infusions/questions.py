"""Open questions about treatment: what contradicts itself or lacks, as `patients.questions`."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, F, Min, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext as _

from patients.calendar import day_text
from patients.models import Patient
from patients.questions import Ask, Question
from patients.unusual import Unusual, UnusualCode
from patients.vocabulary import YesNoUnknown

from .models import AdverseReaction, DoseAttempt, Infusion
from .vocabulary import DoseAttemptKind, DoseAttemptOutcome

# Twice the longest interval that is usual; a pause of that length is hardly a late infusion.
GAP_DAYS = 120
# Given so soon after a stop that was tolerated, it was none, or another day is meant.
SOON_AFTER_STOP_DAYS = 60
# Haemolysis and thrombosis may come a fortnight after; a rash or headache within days.
REACTION_WITHIN_DAYS = 14


def naive_but_treated(patients: QuerySet[Patient]) -> Iterator[Question]:
    """Nobody is untreated before inclusion and has had an infusion before it."""
    earlier = Infusion.objects.filter(
        patient=OuterRef("pk"), given_on__lt=OuterRef("included_on")
    ).order_by("given_on")
    naive = patients.filter(prior_immunoglobulin=YesNoUnknown.NO)
    for patient in naive.annotate(first=Subquery(earlier.values("given_on")[:1])).filter(
        first__isnull=False
    ):
        sentence = _(
            "No immunoglobulin before inclusion, it says, but an infusion was given on %(day)s. "
            "Which is right?"
        )
        asked = Unusual(
            UnusualCode.NAIVE_BUT_TREATED,
            "prior_immunoglobulin",
            patient.first.isoformat(),
            sentence % {"day": day_text(patient.first)},
        )
        yield Question(patient.study_id, patient, asked)


def gaps_in_infusions(patients: QuerySet[Patient]) -> Iterator[Question]:
    """A pause that nobody recorded as an attempt to stop: was there one, or do infusions lack?"""
    given = _of(Infusion, patients).annotate(
        before=Window(Lag("given_on"), partition_by=["patient"], order_by=["given_on", "pk"])
    )
    late = given.filter(given_on__gt=F("before") + timedelta(days=GAP_DAYS))
    gaps = [(one, one.before) for one in late]
    stops = _stops_of({one.patient_id for one, _before in gaps})
    for one, before in gaps:
        if any(
            before - timedelta(days=1) <= stop <= one.given_on
            for stop in stops.get(one.patient_id, ())
        ):
            continue
        sentence = _(
            "No infusion is recorded from %(before)s until this one, %(days)s days, and no attempt "
            "to stop. Do infusions lack?"
        )
        params = {"before": day_text(before), "days": (one.given_on - before).days}
        code, value = UnusualCode.GAP_IN_INFUSIONS, before.isoformat()
        yield Question(
            one.patient.study_id, one, Unusual(code, "given_on", value, sentence % params)
        )


def _stops_of(patient_ids: set) -> dict:
    stops: dict = {}
    attempts = DoseAttempt.objects.filter(patient__in=patient_ids, kind=DoseAttemptKind.STOP)
    for patient_id, day in attempts.values_list("patient_id", "attempted_on"):
        stops.setdefault(patient_id, []).append(day)
    return stops


def given_after_stop(patients: QuerySet[Patient]) -> Iterator[Question]:
    """A stop is said to be tolerated, and infusions go on."""
    after = Infusion.objects.filter(
        patient=OuterRef("patient"),
        given_on__gt=OuterRef("attempted_on"),
        given_on__lte=OuterRef("attempted_on") + timedelta(days=SOON_AFTER_STOP_DAYS),
    )
    next_on = after.order_by().values("patient").annotate(day=Min("given_on")).values("day")
    stops = _of(DoseAttempt, patients).filter(
        kind=DoseAttemptKind.STOP, outcome=DoseAttemptOutcome.TOLERATED
    )
    for stop in stops.annotate(next_on=Subquery(next_on)).filter(next_on__isnull=False):
        sentence = _(
            "The stop is recorded as tolerated, but an infusion was given on %(day)s. "
            "Which is right?"
        )
        asked = Unusual(
            UnusualCode.GIVEN_AFTER_STOP,
            "outcome",
            stop.next_on.isoformat(),
            sentence % {"day": day_text(stop.next_on)},
        )
        yield Question(stop.patient.study_id, stop, asked)


def reactions_without_infusion(patients: QuerySet[Patient]) -> Iterator[Question]:
    before = Infusion.objects.filter(
        patient=OuterRef("patient"),
        given_on__lte=OuterRef("occurred_on"),
        given_on__gte=OuterRef("occurred_on") - timedelta(days=REACTION_WITHIN_DAYS),
    )
    sentence = _(
        "No infusion is recorded in the %(days)s days before this reaction. Does one lack?"
    )
    asked = Unusual(
        UnusualCode.REACTION_WITHOUT_INFUSION,
        "occurred_on",
        "",
        sentence % {"days": REACTION_WITHIN_DAYS},
    )
    for reaction in _of(AdverseReaction, patients).exclude(Exists(before)):
        yield Question(reaction.patient.study_id, reaction, asked)


def _of(model, patients: QuerySet[Patient]) -> QuerySet:
    return model.objects.filter(patient__in=patients.order_by()).select_related("patient")


ASKS: tuple[Ask, ...] = (
    naive_but_treated,
    gaps_in_infusions,
    given_after_stop,
    reactions_without_infusion,
)

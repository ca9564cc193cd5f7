"""Rows of what follows from the records, for its FHIR resources."""

import json
from functools import partial
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from mmn_registry.fhir.search import Moments, Token
from mmn_registry.fhir.sources import Part, Rows, Source, columns
from mmn_registry.rest.parts import JsonObject, JsonRows
from outcomes import fhir
from outcomes.cohorts import load_cohort
from outcomes.derivation.diagnosis import DiagnosisCategory
from outcomes.fhir import MMN
from patients.api import SHOWN_AS, with_what_is_known
from patients.fhir import OBSERVATION, SUM_SCORES
from patients.fhir_sources import code_of
from patients.models import MuscleScore, Patient, Visit
from patients.vocabulary import MUSCLE_SETS, MuscleSet, Side

SCORE_COLUMNS = ("id", "version", "muscle", "side", "mrc_thirds")


def _with_categories(rows: Rows, user: Any) -> None:
    """As of today, of all of them at once."""
    ids = [row["id"] for row in rows]
    patients = Patient.objects.visible_to(user).filter(pk__in=ids)
    cohort = load_cohort(patients, timezone.localdate(), ["diagnosis_category"])
    known = cohort.rows["diagnosis_category"].to_dict()
    for row in rows:
        row["diagnosis_category"] = (
            known.get(row["study_id"]) or DiagnosisCategory.NOT_EVALUABLE.value
        )


CONDITIONS = Source(
    resource_type="Condition",
    model=Patient,
    patient="",
    columns=columns("onset_text", "diagnosed_text"),
    to_resource=fhir.condition,
    shaped=with_what_is_known,
    shown_as=SHOWN_AS,
    codes=tuple((Token(code["system"], code["code"]), Q()) for code in MMN),
    changed="",
    completes=_with_categories,
    can_be_voided=False,
)


def _graded(muscle_set: MuscleSet) -> QuerySet[MuscleScore]:
    """The grades of a visit that a set's sum is made of."""
    muscles = [muscle.value for muscle in muscle_set.muscles]
    return MuscleScore.objects.filter(
        visit=OuterRef("pk"), muscle__in=muscles, mrc_thirds__isnull=False
    )


def _complete(visits: QuerySet[Visit], muscle_set: MuscleSet) -> QuerySet[Visit]:
    """Visits with a grade of each muscle of the set: an incomplete one has no sum."""
    one_row = _graded(muscle_set).order_by().values("visit")
    needed = len(muscle_set.muscles) * len(Side)
    last_graded = Subquery(one_row.annotate(last=Max("recorded_at")).values("last"))
    return (
        visits.alias(
            graded=Subquery(one_row.annotate(number=Count("pk")).values("number")),
        )
        .annotate(
            changed_at=Greatest("recorded_at", Coalesce(last_graded, F("recorded_at"))),
        )
        .filter(graded__gte=needed)  # never more, and PostgreSQL expects some
    )


def _changed_at_least(moments: Moments) -> Q:
    """Of a visit that counts as changed from a moment on, it or a grade of it was recorded then."""
    wanted = Q()
    for span in moments:
        if span.prefix in ("eq", "ge", "gt", "sa"):
            since = {"recorded_at__gte": span.low}
            graded_since = MuscleScore.objects.filter(**since).values("visit")
            wanted &= Q(**since) | Q(pk__in=graded_since)
    return wanted


def _scores(muscle_set: MuscleSet) -> JsonRows:
    named = [part for name in SCORE_COLUMNS for part in (Value(name), F(name))]
    rows = _graded(muscle_set).order_by("muscle", "side")
    return JsonRows(rows.values_list(JsonObject(*named)))


def _sum_scores(name: str, muscle_set: MuscleSet) -> Source:
    return Source(
        resource_type="Observation",
        model=Visit,
        prefix=f"{fhir.sum_key(name)}-",
        columns=columns("visited_on"),
        parts={"scores": Part(partial(_scores, muscle_set), json.loads, json.loads)},
        to_resource=partial(fhir.sum_score, muscle_set=name),
        dated_by="visited_on",
        codes=code_of(OBSERVATION, SUM_SCORES[name]),
        shaped=partial(_complete, muscle_set=muscle_set),
        changed="changed_at",
        changed_at_least=_changed_at_least,
        can_be_voided=False,
    )


OBSERVATIONS = tuple(_sum_scores(name, one) for name, one in MUSCLE_SETS.items())

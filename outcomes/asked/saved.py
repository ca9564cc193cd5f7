"""Cohorts that somebody keeps by name: saved, changed, deleted, and read back."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.models import Centre
from outcomes.asked.form import read
from outcomes.asked.sentence import sentence
from outcomes.models import SavedCohort


def save_cohort(cohort: SavedCohort, *, by) -> SavedCohort:
    """Keep a clean, unsaved question under its name."""
    with acting(by, "saved a cohort"):
        cohort.save(force_insert=True)
    return cohort


def change_cohort(cohort: SavedCohort, *, by) -> None:
    """Rename it, or share it with another centre or nobody."""
    with acting(by, "changed a saved cohort"):
        found = SavedCohort.objects.filter(pk=cohort.pk, owner=by).update(
            name=cohort.name, shared_with=cohort.shared_with
        )
        if not found:
            raise ValidationError(_("This cohort was deleted meanwhile."), "stale_record")


def delete_cohort(cohort: SavedCohort, *, by) -> None:
    with acting(by, "deleted a saved cohort"):
        SavedCohort.objects.filter(pk=cohort.pk, owner=by).delete()


def list_cohorts() -> QuerySet[SavedCohort]:
    """One's own and those shared with one's centres, by name; the database knows which."""
    return SavedCohort.objects.select_related("owner", "shared_with").order_by("name", "pk")


def saved_sentence(cohort: SavedCohort, centres: Sequence[Centre], as_of: date) -> str:
    """What it asks, in words; as of its own day if it names one."""
    query = QueryDict(cohort.query)
    found = read(query, centres, months_only=False)
    day = date.fromisoformat(query["as_of"]) if "as_of" in query else as_of
    codes = [centre.code for centre in centres]
    return sentence(found.criteria, day, centre=found.centre, centres=codes)

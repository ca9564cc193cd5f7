"""No date after today, no observation after death or before birth: for forms and for raw SQL."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.test import override_settings

from infusions.models import PlannedInfusion
from patients.calendar import registry_today, settle_time_zone
from patients.models import Patient, Visit
from patients.models.record import PatientRecord
from tests.infusions import examples as given

from . import examples as observed
from .examples import error_codes, patient, refusal, saved, visit

EXAMPLES = observed.EXAMPLES | given.EXAMPLES
del EXAMPLES[PlannedInfusion]  # what is only planned lies ahead
DATED = {model: example for model, example in EXAMPLES.items() if issubclass(model, PatientRecord)}
DATE_COLUMNS = [
    (model, field.name)
    for model in EXAMPLES
    for field in model._meta.concrete_fields
    if field.name.endswith("_on") or field.name == "valid_from"
]


def by_name(value):
    return value.__name__ if isinstance(value, type) else str(value)


def dated(model, field, day):
    """A plausible record with one date set."""
    with_it = {"onset_precision": "day"} if field == "onset_on" else {}
    with_it |= {"diagnosed_precision": "day"} if field == "diagnosed_on" else {}
    return EXAMPLES[model](**{field: day}, **with_it)


def sentence_of(record, field):
    with pytest.raises(ValidationError) as refused:
        record.full_clean()
    return refused.value.message_dict[field]


def rewrite(record, **values):
    """An update as raw SQL makes it: no ``full_clean()``, the version raised."""
    type(record).objects.filter(pk=record.pk).update(version=record.version + 1, **values)


def test_the_dates_below_are_all_there_are():
    assert len(DATE_COLUMNS) == 19
    assert {by_name(model) for model in DATED} == {
        "Visit",
        "NerveConductionStudy",
        "LaboratoryResult",
        "DiagnosisOverride",
        "Finding",
        "Infusion",
        "Regimen",
        "DoseAttempt",
        "Immunosuppressant",
        "AdverseReaction",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), DATE_COLUMNS, ids=by_name)
def test_today_is_not_after_today(model, field):
    record = dated(model, field, registry_today())

    assert error_codes(record) == {}
    saved(record)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), DATE_COLUMNS, ids=by_name)
def test_no_date_lies_after_today(model, field):
    tomorrow = registry_today() + timedelta(days=1)
    record = dated(model, field, tomorrow)
    code, sentence = refusal(model.objects.bulk_create, [record])

    assert code == "date_after_today"
    assert error_codes(record) == {field: ["date_after_today"]}
    assert sentence_of(record, field) == [sentence]
    assert str(tomorrow) in sentence


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), DATE_COLUMNS, ids=by_name)
def test_no_date_moves_past_today(model, field):
    record = saved(dated(model, field, observed.DAY))
    tomorrow = registry_today() + timedelta(days=1)

    assert refusal(rewrite, record, **{field: tomorrow})[0] == "date_after_today"


@pytest.mark.django_db
def test_one_row_after_today_refuses_a_thousand():
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(1000)]
    seen = saved(patient())
    visits = [visit(patient=seen, visited_on=day) for day in [*days, date(2200, 1, 1)]]

    assert refusal(Visit.objects.bulk_create, visits)[0] == "date_after_today"
    assert Visit.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("model", DATED, ids=by_name)
def test_nothing_is_observed_after_death(model):
    dead = saved(patient(deceased_on=date(2015, 6, 1)))
    last = DATED[model](patient=dead, **{model.dated_by: date(2015, 6, 1)})
    after = DATED[model](patient=dead, **{model.dated_by: date(2015, 6, 2)})
    code, sentence = refusal(model.objects.bulk_create, [after])

    assert error_codes(last) == {}
    assert code == "after_death"
    assert error_codes(after) == {model.dated_by: ["after_death"]}
    assert sentence_of(after, model.dated_by) == [sentence]
    rewritten = saved(last)
    assert refusal(rewrite, rewritten, **{model.dated_by: date(2015, 6, 2)})[0] == "after_death"


@pytest.mark.django_db
@pytest.mark.parametrize("model", DATED, ids=by_name)
def test_nobody_dies_before_a_record(model):
    alive = saved(patient())
    saved(DATED[model](patient=alive, **{model.dated_by: date(2015, 6, 2)}))
    code, sentence = refusal(rewrite, alive, deceased_on=date(2015, 6, 1))
    alive.deceased_on = date(2015, 6, 1)

    assert code == "after_death"
    assert error_codes(alive) == {"deceased_on": ["after_death"]}
    assert sentence_of(alive, "deceased_on") == [sentence]
    alive.deceased_on = date(2015, 6, 2)
    assert error_codes(alive) == {}
    rewrite(alive, deceased_on=date(2015, 6, 2))


@pytest.mark.django_db
@pytest.mark.parametrize("model", DATED, ids=by_name)
def test_nothing_is_observed_before_the_year_of_birth(model):
    child = saved(patient(birth_year=1990))
    first = DATED[model](patient=child, **{model.dated_by: date(1990, 1, 1)})
    before = DATED[model](patient=child, **{model.dated_by: date(1989, 12, 31)})
    code, sentence = refusal(model.objects.bulk_create, [before])

    assert error_codes(first) == {}
    assert code == "before_birth"
    assert error_codes(before) == {model.dated_by: ["before_birth"]}
    assert sentence_of(before, model.dated_by) == [sentence]


@pytest.mark.django_db
@pytest.mark.parametrize("model", DATED, ids=by_name)
def test_nobody_is_born_after_a_record(model):
    born = saved(patient(birth_year=None))
    saved(DATED[model](patient=born, **{model.dated_by: date(2005, 6, 2)}))
    code, sentence = refusal(rewrite, born, birth_year=2006)
    born.birth_year = 2006

    assert code == "before_birth"
    assert error_codes(born) == {"birth_year": ["before_birth"]}
    assert sentence_of(born, "birth_year") == [sentence]


@pytest.mark.django_db
def test_what_was_voided_does_not_keep_a_patient_alive():
    alive = saved(patient())
    wrong = saved(visit(patient=alive, visited_on=date(2015, 6, 2)))
    rewrite(wrong, voided_at="2020-01-01T00:00Z", void_reason="Another patient's.")

    alive.deceased_on = date(2015, 6, 1)

    assert error_codes(alive) == {}
    rewrite(alive, deceased_on=date(2015, 6, 1))


@pytest.mark.django_db
def test_a_consent_may_be_given_for_someone_who_died():
    dead = saved(patient(deceased_on=date(2015, 6, 1)))
    consent = observed.consent(patient=dead, given_on=date(2016, 1, 1))

    assert error_codes(consent) == {}
    saved(consent)


@pytest.mark.django_db
def test_patients_do_not_borrow_each_others_deaths():
    dead = saved(patient(deceased_on=date(2015, 6, 1)))
    alive = saved(patient(study_id="SYN-002"))

    Visit.objects.bulk_create(
        [
            visit(patient=dead, visited_on=date(2015, 5, 1)),
            visit(patient=alive, visited_on=date(2016, 5, 1)),
        ]
    )

    assert Visit.objects.count() == 2


# Of these two zones one is always in another day than the other.
@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_database_counts_days_in_the_registrys_time_zone(zone):
    with override_settings(TIME_ZONE=zone), transaction.atomic("owner"):
        settle_time_zone()
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT registry_today()")
            counted = cursor.fetchone()[0]
        assert counted == registry_today()
        transaction.set_rollback(True, using="owner")


@pytest.mark.django_db
def test_the_migrations_told_the_database_the_time_zone(settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_time_zone(), registry_today()")
        assert cursor.fetchone() == (settings.TIME_ZONE, registry_today())


def test_a_time_zone_cannot_be_sql(monkeypatch):
    hostile = SimpleNamespace(TIME_ZONE="x'; DROP TABLE patients_patient; '")
    monkeypatch.setattr("patients.calendar.settings", hostile)

    with pytest.raises(ValueError, match="not the name of a time zone"):
        settle_time_zone()


def test_a_patient_is_asked_about_all_records_in_one_query(django_assert_num_queries, db):
    known = saved(patient(deceased_on=date(2022, 1, 1)))
    for example in DATED.values():
        saved(example(patient=known))
    known = Patient.objects.get()

    with django_assert_num_queries(1):
        known.clean()

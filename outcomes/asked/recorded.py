"""What criteria ask that stands in no outcome: onset, products, antibodies. One query each."""

from datetime import date

import pandas as pd
from django.db.models import QuerySet

from infusions.models import Infusion, Regimen
from mmn_registry.snapshot import one_snapshot
from outcomes.derivation import criteria as asked
from outcomes.derivation.columns import Words
from outcomes.derivation.criteria import Antibody, Criteria
from outcomes.derivation.timeline import dates, middle_days
from outcomes.packed import PackedColumns
from patients.models import LaboratoryResult, Patient
from patients.vocabulary import LaboratoryInterpretation, LaboratoryTest

READ_AS = {
    LaboratoryInterpretation.POSITIVE: Antibody.POSITIVE,
    LaboratoryInterpretation.HIGH: Antibody.POSITIVE,
    LaboratoryInterpretation.NEGATIVE: Antibody.NEGATIVE,
    LaboratoryInterpretation.BORDERLINE: Antibody.BORDERLINE,
}


def with_recorded(
    rows: pd.DataFrame, patients: QuerySet[Patient], criteria: Criteria, as_of: date
) -> pd.DataFrame:
    """The rows with what these criteria ask besides, of records dated on or before the day."""
    found: dict[str, pd.Series] = {}
    if criteria.onset_from or criteria.onset_to:
        found[asked.ONSET] = _onset(patients)
    if criteria.product:
        found |= _products(patients, criteria.product, as_of)
    if criteria.antibody:
        found[asked.ANTIBODY] = _antibodies(patients, as_of)
    return rows.assign(**{name: values.reindex(rows.index) for name, values in found.items()})


def _onset(patients: QuerySet[Patient]) -> pd.Series:
    """The day that the onset counts as: a partial date counts as its middle."""
    packed = PackedColumns(Patient, {c: c for c in ("study_id", "onset_on", "onset_precision")})
    with one_snapshot(patients.db):
        columns = packed.read(Patient.objects.filter(pk__in=patients.values("pk")))
    precision = Words(columns["onset_precision"], packed.words["onset_precision"])
    middle = dates(middle_days(columns["onset_on"], precision))
    return pd.Series(middle, index=columns["study_id"])


def _products(patients: QuerySet[Patient], product: str, as_of: date) -> dict[str, pd.Series]:
    """Who ever had a product, and who had any: given, or prescribed, since nobody records all."""
    given = Infusion.objects.filter(patient__in=patients.values("pk"), given_on__lte=as_of)
    prescribed = Regimen.objects.filter(
        patient__in=patients.values("pk"), started_on__lte=as_of
    ).exclude(product="")
    known = {*_study_ids(given), *_study_ids(prescribed)}
    those = {*_study_ids(given, product), *_study_ids(prescribed, product)}
    everybody = pd.Index(sorted(known))
    return {
        asked.PRODUCT_KNOWN: pd.Series(True, index=everybody),
        asked.PRODUCT_GIVEN: pd.Series(everybody.isin(list(those)), index=everybody),
    }


def _study_ids(records: QuerySet, product: str = "") -> list[str]:
    if product:
        records = records.filter(product__iexact=product)
    return list(records.order_by().values_list("patient__study_id", flat=True).distinct())


def _antibodies(patients: QuerySet[Patient], as_of: date) -> pd.Series:
    """The latest anti-GM1 IgM that was interpreted (rules, section 8)."""
    latest = (
        LaboratoryResult.objects.filter(
            patient__in=patients.values("pk"),
            test=LaboratoryTest.ANTI_GM1_IGM.value,
            taken_on__lte=as_of,
        )
        .exclude(interpretation="")
        .order_by("patient_id", "-taken_on")
        .distinct("patient_id")
        .values_list("patient__study_id", "interpretation")
    )
    found = {study_id: READ_AS[LaboratoryInterpretation(word)].value for study_id, word in latest}
    return pd.Series(found, dtype=object)


def products_of(patients: QuerySet[Patient]) -> list[str]:
    """Products to choose from: those that these patients were ever prescribed."""
    prescribed = Regimen.objects.filter(patient__in=patients.values("pk")).exclude(product="")
    names = prescribed.order_by().values_list("product", flat=True).distinct()
    return sorted(names, key=str.casefold)

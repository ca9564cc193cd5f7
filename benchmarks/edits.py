"""Random edits through every door that writes records: actions, import, and SQL of the application.

The same seed is the same work. What a rule of the registry refuses is refused here too, and counts
as tried: the figure is how many were stored.
"""

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from infusions.actions import (
    end_regimen,
    record_dose_attempt,
    record_immunosuppressant,
    record_infusion,
    record_reaction,
    record_regimen,
)
from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    Regimen,
)
from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import BundleRefusedError, load_bundle
from patients import actions
from patients.models import (
    Consent,
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from patients.models.record import Record
from patients.vocabulary import FindingKind, Muscle, Side

FIRST_DAY = date(2015, 1, 1)
DAYS = 3_000
GRADES = ("0", "2", "3-", "3", "4-", "4", "4+", "5", "NT")
MODELS = (
    *(Consent, Finding, GripStrength, LaboratoryResult, LowerLimit, MuscleScore),
    *(NerveConductionStudy, NerveSegment, Patient, Visit),
    *(AdverseReaction, DoseAttempt, Immunosuppressant, Infusion, InfusionLot, Regimen),
)


class Editor:
    """Somebody who edits at random; an operator, so that every centre is open."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311
        self.number = 0
        self.edits: dict[Callable[[], object], int] = {
            self.register: 3,
            self.visit: 12,
            self.infusion: 15,
            self.regimen: 3,
            self.stop_regimen: 2,
            self.attempt: 2,
            self.drug: 2,
            self.reaction: 1,
            self.study: 4,
            self.sample: 3,
            self.finding: 3,
            self.consent: 1,
            self.limit: 1,
            self.amend_infusion: 6,
            self.amend_visit: 5,
            self.amend_patient: 5,
            self.void: 8,
            self.regrade_by_sql: 8,
            self.void_by_sql: 3,
            self.load: 1,
        }

    def edit(self) -> bool:
        """Do one thing; whether it was stored."""
        self.number += 1
        (what,) = self.random.choices(list(self.edits), list(self.edits.values()))
        try:
            return what() is not None
        except (ValidationError, BundleRefusedError):
            return False

    # ── What it draws ──

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.random.randrange(DAYS))

    def patient(self) -> Patient:
        return self.one_of(Patient)

    def one_of(self, model: type[Record]) -> Record | None:
        rows = model.objects.order_by("pk")
        count = rows.count()
        return rows[self.random.randrange(count)] if count else None

    def centre(self) -> Centre:
        code = self.random.choice(["C1", "C2"])
        return Centre.objects.get_or_create(code=code)[0]

    def cleaned(self, record: Record, *, without: tuple[str, ...] = ()) -> Record:
        record.full_clean(exclude=without)
        return record

    # ── Actions ──

    def register(self):
        new = Patient(
            study_id=f"E-{self.number}",
            centre=self.centre(),
            sex=self.random.choice(["female", "male"]),
            birth_year=1960,
            onset_on=date(2010, 1, 1),
            onset_precision="year",
            included_on=self.day(),
            prior_immunoglobulin=self.random.choice(["no", "no", "yes", "unknown"]),
        )
        return actions.register_patient(self.cleaned(new), by=None)

    def visit(self):
        visit = Visit(
            patient=self.patient(),
            visited_on=self.day(),
            weight_kg=self.random.choice([None, Decimal(70), Decimal("81.5")]),
        )
        chosen = self.random.sample([(m, s) for m in list(Muscle)[:8] for s in Side], 10)
        scores = [
            MuscleScore(muscle=muscle, side=side, mrc_grade=self.random.choice(GRADES))
            for muscle, side in chosen
        ]
        grip = GripStrength(
            side=self.random.choice(list(Side)),
            device="vigorimeter_kpa",
            value=Decimal(self.random.randrange(20, 90)),
        )
        parts = {"muscle_scores": scores, "grip_strengths": [grip]}
        return actions.record_visit(self.cleaned(visit), **parts, by=None)

    def infusion(self):
        given = Infusion(
            patient=self.patient(),
            given_on=self.day(),
            route=self.random.choice(["IV", "IV", "SC"]),
            product="Kiovig",
            dose_g=Decimal(self.random.randrange(10, 140)),
        )
        lots = [InfusionLot(lot_number=f"L{self.number}", dose_g=Decimal(5))]
        return record_infusion(self.cleaned(given), lots=lots, by=None)

    def regimen(self):
        planned = Regimen(
            patient=self.patient(),
            started_on=self.day(),
            route=self.random.choice(["IV", "SC"]),
            product="Kiovig",
            planned_dose_g=Decimal(40),
            planned_interval_days=self.random.choice([7, 21, 28]),
        )
        return record_regimen(self.cleaned(planned), by=None)

    def stop_regimen(self):
        running = Regimen.objects.filter(ended_on=None).order_by("pk").first()
        if running is None:
            return None
        ended_on = running.started_on + timedelta(days=self.random.randrange(1, 400))
        reason = self.random.choice(["inefficacy", "remission", "other"])
        return end_regimen(running, ended_on=ended_on, end_reason=reason, by=None)

    def attempt(self):
        tried = DoseAttempt(
            patient=self.patient(),
            attempted_on=self.day(),
            kind="reduction",
            outcome=self.random.choice(["failed", "tolerated"]),
        )
        return record_dose_attempt(self.cleaned(tried), by=None)

    def drug(self):
        taken = Immunosuppressant(
            patient=self.patient(), drug="mycophenolate", started_on=self.day()
        )
        return record_immunosuppressant(self.cleaned(taken), by=None)

    def reaction(self):
        felt = AdverseReaction(
            patient=self.patient(),
            occurred_on=self.day(),
            reaction="headache",
            severity="mild",
            serious=False,
        )
        return record_reaction(self.cleaned(felt), by=None)

    def study(self):
        segment = NerveSegment(
            nerve="median",
            side=self.random.choice(list(Side)),
            distal_site="wrist",
            proximal_site="elbow",
            distal_amplitude_mv=Decimal(self.random.choice([2, 6])),
            distal_area_mv_ms=Decimal(20),
            proximal_area_mv_ms=Decimal(self.random.choice([5, 18])),
            distal_duration_ms=Decimal(6),
            proximal_duration_ms=Decimal(self.random.choice([6, 9])),
        )
        study = NerveConductionStudy(patient=self.patient(), studied_on=self.day())
        return actions.record_study(self.cleaned(study), segments=[segment], by=None)

    def sample(self):
        taken = LaboratoryResult(
            patient=self.patient(),
            taken_on=self.day(),
            test="ck",
            value=Decimal(self.random.randrange(100, 900)),
            unit="U/L",
        )
        return actions.record_laboratory_result(self.cleaned(taken), by=None)

    def finding(self):
        seen = Finding(
            patient=self.patient(),
            observed_on=self.day(),
            finding=self.random.choice(list(FindingKind)),
            state=self.random.choice(["present", "absent", "not_examined"]),
        )
        return actions.record_finding(self.cleaned(seen), by=None)

    def consent(self):
        given = Consent(
            patient=self.patient(), scope="research", form_version="1", given_on=self.day()
        )
        return actions.record_consent(self.cleaned(given), by=None)

    def limit(self):
        limit = LowerLimit(
            centre=self.centre(),
            nerve="median",
            valid_from=self.day(),
            distal_amplitude_lln_mv=Decimal(self.random.choice([4, 15])),
        )
        return actions.record_lower_limit(self.cleaned(limit), by=None)

    def amend_infusion(self):
        return self._amend(Infusion, {"dose_g": Decimal(self.random.randrange(10, 140))})

    def amend_visit(self):
        day = {"visited_on": self.day()}
        return self._amend(Visit, self.random.choice([day, {"weight_kg": Decimal(66)}]))

    def amend_patient(self):
        changes = (
            {"centre": self.centre()},
            {"prior_immunoglobulin": self.random.choice(["no", "yes"])},
            {"clinician_response": self.random.choice(["", "yes", "no"])},
            {"deceased_on": self.random.choice([None, date(2026, 1, 1)])},
            {"included_on": self.day()},
        )
        return self._amend(Patient, self.random.choice(changes))

    def _amend(self, model: type[Record], changes: dict[str, object]):
        record = self.one_of(model)
        return record and actions.amend(record, changes, by=None, reason="Typed wrongly.")

    def void(self):
        model = self.random.choice(MODELS)
        if model is Patient and self.random.random() < 0.8:
            return None  # with everything of theirs: seldom
        record = self.one_of(model)
        return record and actions.void(record, by=None, reason="Another patient's.")

    # ── Raw SQL of the application's role ──

    def regrade_by_sql(self):
        score = self.one_of(MuscleScore)
        return score and self._by_sql("mrc_grade = %s", [self.random.choice(GRADES), score.pk])

    def void_by_sql(self):
        score = self.one_of(MuscleScore)
        return score and self._by_sql("voided_at = now(), void_reason = %s", ["SQL.", score.pk])

    def _by_sql(self, change: str, parameters: list[object]) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE patients_musclescore SET {change}, not_tested_reason = '', "  # noqa: S608
                "version = version + 1 WHERE id = %s",
                parameters,
            )
            return cursor.rowcount

    # ── Import ──

    def load(self):
        patient, day = self.patient(), self.day()
        with tempfile.TemporaryDirectory() as folder:
            visits = Path(folder) / "visits.csv"
            visits.write_text(f"study_id,visited_on,weight_kg\n{patient.study_id},{day},77\n")
            scores = Path(folder) / "muscle_scores.csv"
            grade = self.random.choice(GRADES)
            scores.write_text(
                "study_id,visited_on,muscle,side,mrc_grade\n"
                f"{patient.study_id},{day},wrist_extension,left,{grade}\n"
            )
            return load_bundle(folder)

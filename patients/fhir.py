"""What was observed, as FHIR resources: a row in, a resource out, no Django and no database.

A row has the columns of its record by name, and ``patient_id``, ``study_id``, ``pseudonymised``.
Days are dates, or texts like 2008-12 for who reads by months; what is not shown is None.
"""

from collections.abc import Iterable

from mmn_registry.fhir.elements import (
    CENTRE,
    LOINC,
    SNOMED,
    STUDY_ID,
    Element,
    Row,
    absent,
    coding,
    concept,
    day,
    extension,
    meta,
    quantity,
    reference,
    subject,
    told,
    words,
)
from mmn_registry.fhir.terminology import Vocabulary, hl7, vocabulary
from patients.vocabulary import (
    MRC_THIRDS,
    MUSCLE_SETS,
    AgeBand,
    BlockGrade,
    ConsentScope,
    FindingKind,
    FindingState,
    GradeOrigin,
    GripDevice,
    LaboratoryInterpretation,
    LaboratoryTest,
    MotorNerve,
    MrcGrade,
    Muscle,
    NotTestedReason,
    SegmentExclusion,
    Side,
    StimulationSite,
    YesNoUnknown,
)

# ── Codes ────────────────────────────────────────────────────────────────────────────────────

SIDES = {
    Side.RIGHT: coding(SNOMED, "24028007", "Right"),
    Side.LEFT: coding(SNOMED, "7771000", "Left"),
}
HAND = "hand"
_SITED = [*((m.value, "muscle") for m in Muscle), *((n.value, "nerve") for n in MotorNerve)]
BODY_SITE = Vocabulary(
    "body-site",
    "Muscles, motor nerves and hands of one side",
    {
        f"{side.value}_{site}": words(f"{side.value}_{site}")
        + (" nerve" if kind == "nerve" else "")
        for site, kind in [*_SITED, (HAND, "hand")]
        for side in Side
    },
    {
        f"{side.value}_{site}": {kind: site, "side": SIDES[side]}
        for site, kind in [*_SITED, (HAND, "hand")]
        for side in Side
    },
)
MRC_GRADE = Vocabulary(
    "mrc-grade",
    "Grades of the Medical Research Council scale, with the refinements in use",
    {grade.value: f"MRC grade {grade.value}" for grade in MRC_THIRDS},
)
MUSCLE_GRADE, GRIP, ONLS, INCAT, MMN_RODS, SEGMENT = (
    *("mrc_grade", "grip_strength", "onls", "incat", "mmn_rods"),
    "nerve_segment",
)
SUM_SCORES = {name: name.lower().replace("-", "_") + "_sum" for name in MUSCLE_SETS}
OBSERVATION = Vocabulary(
    "observation",
    "What is observed of a patient, and its parts",
    {
        MUSCLE_GRADE: "strength of a muscle on the MRC scale",
        "mrc_value": "the same grade as a number of points, 4- being 3 2/3",
        "not_due_to_mmn": "weak for another reason than MMN",
        "origin": "how a grade came to be on the form",
        **{code: f"sum score {name}, both sides" for name, code in SUM_SCORES.items()},
        GRIP: "grip strength of a hand",
        ONLS: "Overall Neuropathy Limitations Scale, arms and legs",
        "onls_arm": "ONLS, arms, 0 to 5",
        "onls_leg": "ONLS, legs, 0 to 7",
        INCAT: "INCAT disability scale, arms and legs",
        "incat_arm": "INCAT, arms, 0 to 5",
        "incat_leg": "INCAT, legs, 0 to 5",
        MMN_RODS: "MMN-RODS, raw total, 0 to 50",
        SEGMENT: "motor response of a nerve stimulated at two sites",
        "distal_site": "distal site of stimulation",
        "proximal_site": "proximal site of stimulation",
        "distal_amplitude_mv": "amplitude of the distal response",
        "proximal_amplitude_mv": "amplitude of the proximal response",
        "distal_area_mv_ms": "area of the distal response",
        "proximal_area_mv_ms": "area of the proximal response",
        "distal_duration_ms": "duration of the distal response",
        "proximal_duration_ms": "duration of the proximal response",
        "distal_amplitude_lln_mv": "lower limit of normal of the distal amplitude",
        "distance_mm": "length of the segment",
        "excluded": "why a segment is not assessed",
        "reported_block": "conduction block as the laboratory reported it",
        "cutoff": "cut-off of a laboratory test",
    },
)
LABORATORY = vocabulary(
    "laboratory-test",
    "Laboratory tests",
    LaboratoryTest,
    anti_gm1_igm="anti-GM1 IgM",
    csf_protein="protein in cerebrospinal fluid",
    ck="creatine kinase",
    igg_pre="IgG before an infusion",
    igg_post="IgG after an infusion",
    iga="IgA",
)
INTERPRETATION = vocabulary(
    "laboratory-interpretation", "How a laboratory result is read", LaboratoryInterpretation
)
FINDING = vocabulary("finding", "Findings that the diagnostic criteria ask for", FindingKind)
FINDING_STATE = vocabulary("finding-state", "Answers to a finding", FindingState)
NOT_TESTED = vocabulary("not-tested-reason", "Why a muscle was not tested", NotTestedReason)
ORIGIN = vocabulary("grade-origin", "How a grade came to be on the form", GradeOrigin)
DEVICE = vocabulary(
    "grip-device",
    "Dynamometers",
    GripDevice,
    vigorimeter_kpa="Martin vigorimeter, kPa",
    jamar_kg="Jamar dynamometer, kg",
)
SITE = vocabulary("stimulation-site", "Sites where a nerve is stimulated", StimulationSite)
EXCLUSION = vocabulary("segment-exclusion", "Why a nerve segment is not assessed", SegmentExclusion)
BLOCK = vocabulary("reported-block", "Conduction block as reported", BlockGrade)
CONSENT = vocabulary("consent-scope", "What a patient agreed to", ConsentScope)
VISIT, STUDY = "visit", "nerve_conduction_study"
ENCOUNTER = Vocabulary(
    "encounter-type", "Why a patient was seen", {code: words(code) for code in (VISIT, STUDY)}
)
YES_NO = vocabulary("yes-no-unknown", "Yes, no, or asked and not known", YesNoUnknown)
AGE_BAND = vocabulary("age-band", "Age at inclusion in tens of years", AgeBand)
VOCABULARIES = (
    *(BODY_SITE, MRC_GRADE, OBSERVATION, LABORATORY, INTERPRETATION, FINDING, FINDING_STATE),
    *(NOT_TESTED, ORIGIN, DEVICE, SITE, EXCLUSION, BLOCK, CONSENT, ENCOUNTER, YES_NO, AGE_BAND),
)

WEIGHT = coding(LOINC, "29463-7", "Body weight")
# UCUM codes of the units that results are compared in. Titres and other texts have none.
UCUM_OF_UNITS = {
    **{unit: unit for unit in ("g/L", "mg/L", "mg/dL", "g/dL", "U/L", "mmol/L")},
    **{f"{mu}mol/L": "umol/L" for mu in ("µ", "μ", "u")},
    **{f"{mu}kat/L": "ukat/L" for mu in ("µ", "μ", "u")},
}
_MASS = ("g/L", "mg/L", "mg/dL", "g/dL")
_PROTEIN_CSF = coding(LOINC, "2880-3", "Protein [Mass/volume] in Cerebral spinal fluid")
_CK = coding(LOINC, "2157-6", "Creatine kinase [Enzymatic activity/volume] in Serum or Plasma")
_IGG = coding(LOINC, "2465-3", "IgG [Mass/volume] in Serum or Plasma")
_IGA = coding(LOINC, "2458-8", "IgA [Mass/volume] in Serum or Plasma")
_HAEMOGLOBIN = coding(LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood")
_CREATININE = coding(LOINC, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma")
_CREATININE_MOLES = coding(LOINC, "14682-9", "Creatinine [Moles/volume] in Serum or Plasma")
# A LOINC code names what is measured by its dimension too: which one it is, the unit says. There is
# none here for anti-GM1, whose codes tell apart methods that are free texts with us.
LOINC_OF_TESTS: dict[str, list[tuple[Element, tuple[str, ...]]]] = {
    LaboratoryTest.CSF_PROTEIN: [(_PROTEIN_CSF, _MASS)],
    LaboratoryTest.CK: [(_CK, ("U/L",))],
    LaboratoryTest.IGG_PRE: [(_IGG, _MASS)],
    LaboratoryTest.IGG_POST: [(_IGG, _MASS)],
    LaboratoryTest.IGA: [(_IGA, _MASS)],
    LaboratoryTest.HAEMOGLOBIN: [(_HAEMOGLOBIN, _MASS)],
    LaboratoryTest.CREATININE: [
        (_CREATININE, _MASS),
        (_CREATININE_MOLES, tuple(u for u, code in UCUM_OF_UNITS.items() if code == "umol/L")),
    ],
}
_INTERPRETATION_HL7 = {
    LaboratoryInterpretation.NEGATIVE: ("NEG", "Negative"),
    LaboratoryInterpretation.POSITIVE: ("POS", "Positive"),
    LaboratoryInterpretation.HIGH: ("H", "High"),
}
VOIDED = "entered-in-error"

# ── Patient, consent, encounters ─────────────────────────────────────────────────────────────


def patient(row: Row) -> Element:
    return told(
        resourceType="Patient",
        id=str(row["id"]),
        meta=meta(row),
        extension=[
            *extension("included-on", valueDate=day(row["included_on"])),
            *extension("age-band", valueCode=row["age_band"]),
            *extension("prior-immunoglobulin", valueCode=row["prior_immunoglobulin"]),
            *extension("clinician-response", valueCode=row["clinician_response"]),
            *extension("atrophy-at-baseline", valueCode=row["atrophy_at_baseline"]),
        ],
        identifier=[{"system": STUDY_ID, "value": row["study_id"]}],
        gender=row["sex"],
        birthDate=None if row["birth_year"] is None else str(row["birth_year"]),
        deceasedDateTime=day(row["deceased_on"]),
        managingOrganization={"identifier": {"system": CENTRE, "value": row["centre__code"]}},
    )


def consent(row: Row) -> Element:
    """A form that was signed; a withdrawn one is inactive, and says from when on."""
    research = row["scope"] == ConsentScope.RESEARCH
    scope = "research" if research else "patient-privacy"
    withdrawn = day(row["withdrawn_on"])
    return told(
        resourceType="Consent",
        id=str(row["id"]),
        meta=meta(row),
        status=_status(row, "inactive" if withdrawn else "active"),
        scope=concept(hl7("consentscope", scope)),
        category=[CONSENT.concept(row["scope"])],
        patient=subject(row),
        dateTime=day(row["given_on"]),
        policyRule=concept(text=f"Form {row['form_version']}"),
        provision=told(type="permit", period=told(start=day(row["given_on"]), end=withdrawn)),
    )


def visit(row: Row) -> Element:
    return _encounter(row, VISIT, row["visited_on"])


def nerve_conduction_study(row: Row) -> Element:
    return _encounter(row, STUDY, row["studied_on"])


def _encounter(row: Row, kind: str, on: object) -> Element:
    """Whether somebody came or stayed in hospital is not recorded."""
    return told(
        resourceType="Encounter",
        id=encounter_key(kind, row["id"]),
        meta=meta(row),
        status=_status(row, "finished"),
        class_=hl7("v3-NullFlavor", "UNK", "unknown"),
        type=[ENCOUNTER.concept(kind)],
        subject=subject(row),
        period={"start": day(on), "end": day(on)},
    )


def encounter_key(kind: str, record_id: object) -> str:
    return f"{'study' if kind == STUDY else kind}-{record_id}"


def _status(row: Row, standing: str) -> str:
    return VOIDED if row["voided"] else standing


# ── Observations ─────────────────────────────────────────────────────────────────────────────


def observation(
    row: Row,
    *,
    key: str,
    category: str,
    code: Element,
    on: object,
    parts: Iterable[Row] = (),
    **more: object,
) -> Element:
    """An observation of a day; where there is no value ``more`` says why, or has components."""
    return told(
        resourceType="Observation",
        id=f"{key}-{row['id']}",
        meta=meta(row, parts),
        status=_status(row, "final"),
        category=[concept(hl7("observation-category", category))],
        code=code,
        subject=subject(row),
        effectiveDateTime=day(on),
        **more,
    )


def component(code: str, **value: object) -> list[Element]:
    """A part of an observation; none without a value."""
    [(kind, what)] = value.items()
    return [] if what is None else [{"code": OBSERVATION.concept(code), kind: what}]


def at_visit(row: Row) -> Element:
    return reference("Encounter", encounter_key(VISIT, row["visit_id"]))


def site(side: str, name: str) -> Element:
    return concept(BODY_SITE.coding(f"{side}_{name}"))


def muscle_score(row: Row) -> Element:
    grade = row["mrc_grade"]
    reason = [NOT_TESTED.coding(row["not_tested_reason"])] if row["not_tested_reason"] else []
    value: dict[str, object] = (
        {"dataAbsentReason": absent("not-performed", *reason)}
        if grade == MrcGrade.NOT_TESTED
        else {"valueCodeableConcept": MRC_GRADE.concept(grade, text=grade)}
    )
    thirds = MRC_THIRDS.get(grade)
    points = None if thirds is None else round(thirds / 3, 4)
    return observation(
        row,
        key="muscle",
        category="exam",
        code=OBSERVATION.concept(MUSCLE_GRADE),
        on=row["visit__visited_on"],
        encounter=at_visit(row),
        bodySite=site(row["side"], row["muscle"]),
        component=[
            *component("mrc_value", valueQuantity=quantity(points, "points", "1")),
            *component("not_due_to_mmn", valueBoolean=row["not_due_to_mmn"]),
            *component("origin", valueCodeableConcept=ORIGIN.concept(row["origin"])),
        ],
        **value,
    )


def grip_strength(row: Row) -> Element:
    unit = {GripDevice.VIGORIMETER_KPA: "kPa", GripDevice.JAMAR_KG: "kg"}[row["device"]]
    return observation(
        row,
        key="grip",
        category="exam",
        code=OBSERVATION.concept(GRIP),
        on=row["visit__visited_on"],
        encounter=at_visit(row),
        valueQuantity=quantity(row["value"], unit, unit),
        bodySite=site(row["side"], HAND),
        method=DEVICE.concept(row["device"]),
    )


def weight(row: Row) -> Element:
    return observation(
        row,
        key="weight",
        category="vital-signs",
        code=concept(WEIGHT),
        on=row["visited_on"],
        encounter=reference("Encounter", encounter_key(VISIT, row["id"])),
        valueQuantity=quantity(row["weight_kg"], "kg", "kg"),
    )


def onls(row: Row) -> Element:
    return _arms_and_legs(row, ONLS)


def incat(row: Row) -> Element:
    return _arms_and_legs(row, INCAT)


def _arms_and_legs(row: Row, scale: str) -> Element:
    """Both scores, and their sum if there are both."""
    names = (f"{scale}_arm", f"{scale}_leg")
    scores = [row[name] for name in names]
    return _scale(
        row,
        scale,
        valueInteger=None if None in scores else sum(scores),
        component=[
            part
            for name, score in zip(names, scores, strict=True)
            for part in component(name, valueInteger=score)
        ],
    )


def mmn_rods(row: Row) -> Element:
    return _scale(row, MMN_RODS, valueInteger=row["mmn_rods"])


def _scale(row: Row, code: str, **value: object) -> Element:
    return observation(
        row,
        key=code.replace("_", "-"),
        category="survey",
        code=OBSERVATION.concept(code),
        on=row["visited_on"],
        encounter=reference("Encounter", encounter_key(VISIT, row["id"])),
        **value,
    )


_UNITS_OF_MEASURES = {
    "distal_amplitude_mv": ("mV", "mV"),
    "proximal_amplitude_mv": ("mV", "mV"),
    "distal_area_mv_ms": ("mV·ms", "mV.ms"),
    "proximal_area_mv_ms": ("mV·ms", "mV.ms"),
    "distal_duration_ms": ("ms", "ms"),
    "proximal_duration_ms": ("ms", "ms"),
    "distal_amplitude_lln_mv": ("mV", "mV"),
    "distance_mm": ("mm", "mm"),
}
SEGMENT_COLUMNS = (
    *("nerve", "side", "distal_site", "proximal_site", "excluded", "reported_block"),
    *_UNITS_OF_MEASURES,
)


def nerve_segment(row: Row) -> Element:
    """Each number is a component; whether there is a block, the registry's rules say elsewhere."""
    measures = (
        part
        for name, units in _UNITS_OF_MEASURES.items()
        for part in component(name, valueQuantity=quantity(row[name], *units))
    )
    coded = {
        "distal_site": SITE,
        "proximal_site": SITE,
        "excluded": EXCLUSION,
        "reported_block": BLOCK,
    }
    return observation(
        row,
        key="segment",
        category="procedure",
        code=OBSERVATION.concept(SEGMENT),
        on=row["study__studied_on"],
        encounter=reference("Encounter", encounter_key(STUDY, row["nerve_study_id"])),
        bodySite=site(row["side"], row["nerve"]),
        component=[
            *(
                part
                for name, known in coded.items()
                for part in component(name, valueCodeableConcept=known.concept(row[name]))
            ),
            *measures,
        ],
    )


def laboratory_result(row: Row) -> Element:
    """One result; a value without a reading, a reading without a value, or neither."""
    value, read_as = row["value"], row["interpretation"]
    standard = _INTERPRETATION_HL7.get(read_as)
    more = [hl7("v3-ObservationInterpretation", *standard)] if standard else []
    interpretation = INTERPRETATION.concept(read_as, *more)
    return observation(
        row,
        key="laboratory",
        category="laboratory",
        code=laboratory_code(row["test"], row["unit"]),
        on=row["taken_on"],
        valueQuantity=quantity(value, row["unit"], UCUM_OF_UNITS.get(row["unit"], "")),
        dataAbsentReason=absent("unknown") if value is None and not read_as else None,
        interpretation=[interpretation] if interpretation else None,
        method=concept(text=row["method"]) or None,
        component=component("cutoff", valueString=row["cutoff"] or None),
    )


def laboratory_code(test: str, unit: str) -> Element:
    standard = [code for code, units in LOINC_OF_TESTS.get(test, ()) if unit in units]
    return concept(LABORATORY.coding(test), *standard)


def finding(row: Row) -> Element:
    state = row["state"]
    value: dict[str, object] = (
        {"dataAbsentReason": absent("not-performed", FINDING_STATE.coding(state))}
        if state == FindingState.NOT_EXAMINED
        else {"valueCodeableConcept": FINDING_STATE.concept(state)}
    )
    return observation(
        row,
        key="finding",
        category="exam",
        code=concept(FINDING.coding(row["finding"])),
        on=row["observed_on"],
        **value,
    )


# ── What a record is told as, for its Provenance ─────────────────────────────────────────────


def targets_of_visit(row: Row) -> list[Element]:
    """The encounter, and what was measured with it."""
    measured = {
        "weight": row["weight_kg"] is not None,
        ONLS: row["onls_arm"] is not None or row["onls_leg"] is not None,
        INCAT: row["incat_arm"] is not None or row["incat_leg"] is not None,
        "mmn-rods": row["mmn_rods"] is not None,
    }
    return [
        reference("Encounter", encounter_key(VISIT, row["id"])),
        *(
            reference("Observation", f"{key}-{row['id']}")
            for key, there in measured.items()
            if there
        ),
    ]

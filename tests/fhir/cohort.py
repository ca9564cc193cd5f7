"""A cohort with a record of every kind, and values that are easily lost on the way."""

from mmn_registry.bundle import load_bundle
from patients.vocabulary import MUSCLE_SETS, MrcGrade, Side
from tests.bundles import bundle

GRADES = [grade.value for grade in MrcGrade if grade != MrcGrade.NOT_TESTED]
ALL_28 = [(muscle, side) for muscle in MUSCLE_SETS["MRC-140"].muscles for side in Side]


def store_cohort(folder, *names):
    """These patients of North, each with every kind of record, and one of South."""
    people = [*names, "S-1"]

    def table(columns, *rows):
        lines = [f"{one} | {row}" for one in people for row in rows]
        return "\n".join([f"study_id | {columns}", *lines])

    load_bundle(
        bundle(
            folder,
            patients="\n".join(
                [
                    "study_id | centre | sex | birth_year | onset_on | diagnosed_on | included_on"
                    " | prior_immunoglobulin | clinician_response | deceased_on",
                    *(
                        f"{one} | {'South' if one == 'S-1' else 'North'} | female | 1961 | 1999"
                        " | 2003-05 | 2004-01-15 | no | yes | 2020-06-01"
                        for one in people
                    ),
                ]
            ),
            consents=table(
                "scope | version | given_on | withdrawn_on",
                "registry | 1.0 | 2004-01-15 |",
                "contact | 1.0 | 2004-01-15 | 2005-02-03",
            ),
            visits=table(
                "visited_on | weight_kg | onls_arm | onls_leg | incat_arm | incat_leg | mmn_rods",
                "2004-01-10 | 62.5 | 2 | 0 | 3 | | 38",
                "2004-07-11 | | | | | |",
            ),
            muscle_scores=table(
                "visited_on | muscle | side | mrc_grade | not_tested_reason | not_due_to_mmn"
                " | origin",
                *(
                    f"2004-01-10 | {muscle} | {side} | {GRADES[place % len(GRADES)]} | | no"
                    " | graded"
                    for place, (muscle, side) in enumerate(ALL_28)
                ),
                "2004-07-11 | wrist_extension | left | NT | pain | |",
                "2004-07-11 | wrist_extension | right | 4- | | yes | carried_forward",
            ),
            grip_strengths=table(
                "visited_on | side | device | value",
                "2004-01-10 | left | jamar_kg | 0",
                "2004-01-10 | left | vigorimeter_kpa | 48.3",
            ),
            infusions=table(
                "given_on | route | product | dose_g",
                "2004-01-15 | IV | Privigen | 0.0001",
                "2004-01-16 | SC | Hizentra | 30",
                "2004-01-17 | FSC | HyQvia | 12.3456",
            ),
            infusion_lots=table(
                "given_on | route | product | lot_number | dose_g",
                "2004-01-15 | IV | Privigen | LOT-A |",
                "2004-01-16 | SC | Hizentra | LOT-B | 10",
                "2004-01-16 | SC | Hizentra | LOT-C | 20",
            ),
            adverse_reactions=table(
                "occurred_on | reaction | severity | serious | route | product | lot_number"
                " | onset_hours | action | outcome",
                "2004-01-15 | headache | mild | no | IV | Privigen | LOT-A | 4.5 | slower | gone",
                "2004-01-17 | thromboembolism | severe | yes | | | | | |",
            ),
            nerve_segments=table(
                "studied_on | nerve | side | distal_site | proximal_site | distal_amplitude_mv"
                " | proximal_amplitude_mv | distal_area_mv_ms | proximal_area_mv_ms"
                " | distal_duration_ms | proximal_duration_ms | distal_amplitude_lln_mv"
                " | distance_mm | excluded | reported_block",
                "2004-01-12 | median | left | wrist | elbow | 6.2 | 5.08 | 19.44 | 0 | 5.7 | 6.7"
                " | 4.1 | 230 | | definite",
                "2004-01-12 | ulnar | right | axilla | erb | 6 | | 20 | | | | | | cold |",
            ),
            laboratory=table(
                "taken_on | test | value | unit | interpretation | method | cutoff",
                "2004-01-10 | anti_gm1_igm | 1280 | titre | high | ELISA | > 1:640",
                "2004-01-10 | ck | 188 | U/L | | |",
                "2004-01-10 | creatinine | 71 | µmol/L | negative | |",
                "2004-01-10 | csf_protein | 0.4 | g/L | | |",
                "2004-01-10 | iga | | | borderline | |",
                "2004-01-10 | igg_pre | 12 | g/dL | | |",
                "2004-01-10 | haemoglobin | | | | |",
            ),
            findings=table(
                "observed_on | finding | state",
                "2004-01-10 | sensory_loss_beyond_vibration | absent",
                "2004-01-10 | weakness_in_2_nerves | present",
                "2004-01-10 | plexus_mri_t2 | not_examined",
            ),
        )
    )

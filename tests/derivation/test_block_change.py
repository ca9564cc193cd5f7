"""Change in conduction block between two studies (rules, section 5)."""

import pandas as pd

from outcomes.derivation.block_change import block_change, compared_studies
from tests.derivation.drawn import DAY_0, days_of, on, text_frame

# What a letter of a drawing stands for.
GRADES = {
    "D": ("definite", ""),
    "P": ("probable", ""),
    "-": ("none", ""),
    "small": ("not_assessable", "DISTAL_RESPONSE_TOO_SMALL"),
    "missing": ("not_assessable", "MISSING_VALUES"),
    "excluded": ("not_assessable", "EXCLUDED"),
    "trapped": ("not_assessable", "ENTRAPMENT_SITE"),
}
SEGMENTS = {
    "median L": ("median", "left", "wrist", "elbow"),
    "median L high": ("median", "left", "elbow", "axilla"),
    "median R": ("median", "right", "wrist", "elbow"),
    "ulnar L": ("ulnar", "left", "wrist", "below_elbow"),
}


def studies_of(drawing, study_id="P1"):
    """Graded segments of one patient, drawn as segments by study days; empty = not studied."""
    wide = text_frame(drawing)
    rows = [
        (study_id, pd.Timestamp(on(int(day))), *SEGMENTS[name], *GRADES[cell])
        for day in wide.columns[1:]
        for name, cell in zip(wide.iloc[:, 0], wide[day], strict=True)
        if cell
    ]
    columns = "study_id studied_on nerve side distal_site proximal_site grade grade_reason"
    drawn = pd.DataFrame(rows, columns=columns.split())
    return drawn.astype({"studied_on": "datetime64[s]"})


def index_on(day, study_id="P1"):
    return pd.Series(
        [pd.NaT if day is None else pd.Timestamp(on(day))], [study_id], dtype="datetime64[s]"
    )


def change(drawing, index=0):
    patients, _ = block_change(studies_of(drawing), index_on(index))
    return patients.iloc[0]


def compared(days, index):
    head = " | ".join(["segment", *map(str, days)])
    row = " | ".join(["median L", *("D" for _ in days)])
    studies = compared_studies(studies_of(f"{head}\n-\n{row}"), index_on(index))
    return (*days_of(studies["study_first_on"]), *days_of(studies["study_last_on"]))


def test_the_first_study_is_the_last_until_30_days_after_the_index():
    assert compared([-200, -10, 30, 400], index=0) == (30, 400)
    assert compared([-200, -10, 31, 400], index=0) == (-10, 400)


def test_without_an_early_study_or_an_infusion_the_first_is_the_earliest():
    assert compared([31, 200, 400], index=0) == (31, 400)
    assert compared([-200, -10, 400], index=None) == (-200, 400)


def test_first_and_last_study_must_differ():
    assert compared([-200, 30], index=0) == (30, None)
    assert compared([100], index=0) == (100, None)
    assert compared([], index=0) == (None, None)


def test_every_segment_of_the_two_studies_has_a_change():
    table = """
        segment       | 0        | 100     | 300      | change
        --------------+----------+---------+----------+--------------------
        median R      | -        |         | D        | new
        median L      | D        | -       | P        | persistent
        median L high | P        |         | -        | resolved
        ulnar L       | -        |         | -        | no_block
    """
    drawn = text_frame(table)
    studies = studies_of("\n".join(line.rsplit("|", 1)[0] for line in table.strip().splitlines()))

    _, changes = block_change(studies, index_on(0))

    assert changes["change"].tolist() == drawn["change"].tolist()
    assert changes["grade_first"].tolist() == ["none", "definite", "probable", "none"]
    assert changes["grade_last"].tolist() == ["definite", "probable", "none", "none"]
    assert days_of(changes["first_on"]) == [0] * 4
    assert days_of(changes["last_on"]) == [300] * 4


def segment_change(first, last):
    # A second segment keeps both studies there when the first one is absent from one of them.
    drawing = f"""
        segment  | 0       | 300
        ---------+---------+-------
        median L | {first} | {last}
        ulnar L  | -       | -
    """
    _, changes = block_change(studies_of(drawing), index_on(0))
    medians = changes[changes["nerve"] == "median"]
    return medians["change"].tolist()


def test_a_block_whose_distal_response_is_gone_is_lost_and_not_resolved():
    assert segment_change("D", "small") == ["lost_to_axonal_loss"]
    assert segment_change("P", "small") == ["lost_to_axonal_loss"]


def test_a_block_that_was_not_or_not_well_tested_again_is_not_retested():
    assert segment_change("D", "") == ["not_retested"]
    assert segment_change("P", "missing") == ["not_retested"]
    assert segment_change("D", "excluded") == ["not_retested"]


def test_a_segment_not_assessable_at_first_is_first_seen():
    assert segment_change("small", "D") == ["first_seen"]
    assert segment_change("missing", "-") == ["first_seen"]
    assert segment_change("", "D") == ["first_seen"]
    assert segment_change("trapped", "trapped") == ["first_seen"]


def test_a_segment_without_block_and_not_assessable_at_last_is_not_compared():
    assert segment_change("-", "small") == ["not_compared"]
    assert segment_change("-", "") == ["not_compared"]


def test_blocks_are_counted_over_segments_assessable_in_both_studies():
    patient = change("""
        segment       | 0 | 300
        --------------+---+--------
        median L      | D | P
        median L high | P | -
        median R      | D | missing
        ulnar L       |   | D
    """)

    assert (patient["blocks_first"], patient["blocks_last"]) == (2, 1)
    assert (patient["block_change"], patient["block_change_reason"]) == ("decreased", "")


def test_nerves_with_block_are_counted_beside_segments_left_and_right_apart():
    patient = change("""
        segment       | 0 | 300
        --------------+---+----
        median L      | D | P
        median L high | P | -
        median R      | - | D
        ulnar L       | P | D
    """)

    assert (patient["blocks_first"], patient["blocks_last"]) == (3, 3)
    assert (patient["nerves_blocked_first"], patient["nerves_blocked_last"]) == (2, 3)


def category(first, last):
    lines = zip(("median L", "median R", "ulnar L"), first, last, strict=True)
    rows = "\n".join(" | ".join(line) for line in lines)
    return change(f"segment | 0 | 300\n-\n{rows}")["block_change"]


def test_the_category_compares_the_number_of_blocks():
    assert category("DD-", "P--") == "decreased"
    assert category("DD-", "-PP") == "unchanged"
    assert category("---", "---") == "unchanged"
    assert category("D--", "DD-") == "increased"


def test_a_change_needs_two_studies():
    counted = ["blocks_first", "blocks_last", "nerves_blocked_first", "nerves_blocked_last"]
    none = change("segment | 0\n-\nmedian L | ")
    one = change("segment | 0\n-\nmedian L | D")

    assert (none["block_change"], none["block_change_reason"]) == ("not_evaluable", "NO_STUDY")
    assert (one["block_change"], one["block_change_reason"]) == (
        "not_evaluable",
        "FEWER_THAN_2_STUDIES",
    )
    assert none[[*counted, "blocks_lost_to_axonal_loss"]].isna().all()
    assert one[[*counted, "blocks_lost_to_axonal_loss"]].isna().all()


def test_a_single_block_lost_to_axonal_loss_leaves_the_change_not_evaluable():
    patient = change("""
        segment  | 0 | 300
        ---------+---+------
        median L | D | small
        median R | D | -
    """)

    assert patient["block_change_reason"] == "AXONAL_LOSS"
    assert patient["blocks_lost_to_axonal_loss"] == 1
    # The counts stay: they say what could be compared, whatever the category.
    assert (patient["blocks_first"], patient["blocks_last"]) == (1, 0)


def test_axonal_loss_is_named_before_the_lack_of_a_common_segment():
    lost = change("segment | 0 | 300\n-\nmedian L | D | small")
    nothing_common = change("segment | 0 | 300\n-\nmedian L | D | missing\nulnar L | | D")

    assert lost["block_change_reason"] == "AXONAL_LOSS"
    assert pd.isna(lost["blocks_first"])
    assert nothing_common["block_change_reason"] == "NO_COMMON_SEGMENT"
    assert pd.isna(nothing_common["blocks_last"])
    assert nothing_common["blocks_lost_to_axonal_loss"] == 0


def test_a_segment_is_known_by_nerve_side_and_both_sites():
    patient = change("""
        segment       | 0 | 300
        --------------+---+----
        median L      | D |
        median L high |   | D
    """)

    assert patient["block_change_reason"] == "NO_COMMON_SEGMENT"


def test_patients_do_not_borrow_each_others_studies():
    together = pd.concat(
        [
            studies_of("segment | 0 | 300\n-\nmedian L | D | -", "P1"),
            studies_of("segment | 100 | 300\n-\nmedian L | - | D", "P2"),
            studies_of("segment | 0 | 300\n-\nmedian L | D | D", "not in the cohort"),
        ],
        ignore_index=True,
    )
    index = pd.concat([index_on(0, "P1"), index_on(150, "P2"), index_on(None, "P3")])

    patients, changes = block_change(together, index)

    assert patients["block_change"].to_dict() == {
        "P1": "decreased",
        "P2": "increased",
        "P3": "not_evaluable",
    }
    assert changes["study_id"].tolist() == ["P1", "P2"]
    assert patients.loc["P2", "study_first_on"].date() == on(100)
    assert on(0) == DAY_0

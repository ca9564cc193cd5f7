"""Published results: what the file prints, and nothing beside it."""

import csv
from pathlib import Path

import pytest

from outcomes.derivation.inference import clopper_pearson
from outcomes.figures.cohort.literature import (
    OTHER_MEASURES,
    RESPONSES,
    literature_panel,
    short_note,
)
from outcomes.figures.cohort.response import response_panel
from outcomes.literature import FILE, published_results
from tests.outcomes.test_cohort_figures import NOBODY, dashboard

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared" / "data" / "published" / "published_cohorts.csv"


def rows_of_the_file():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def share(*numbers):
    return dict(zip(("n", "proportion", "ci_low", "ci_high"), numbers, strict=True))


def with_literature():
    given = dashboard(
        long_term={
            "classified": 37,
            "remission": share(8, 0.2, 0.1, 0.4),
            "dependent": {"without_response": 2, **share(25, 0.7, 0.5, 0.8)},
        },
        block_change={"naive": {"decreased_or_unchanged": NOBODY}},
    )
    given.literature = published_results()
    return given


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared data are not beside the repository")
def test_the_file_is_the_one_handed_over():
    assert FILE.read_bytes() == SHARED.read_bytes()


def test_every_row_of_the_file_is_a_result_and_only_the_interval_is_ours():
    rows, results = rows_of_the_file(), published_results()

    assert len(results) == len(rows) == 19
    for row, result in zip(rows, results, strict=True):
        assert (result.study, result.year, result.measure) == (
            row["study"],
            row["year"],
            row["measure"],
        )
        assert (result.printed, result.ci_printed, result.p_printed) == (
            row["printed"],
            row["ci_printed"],
            row["p_printed"],
        )
        assert (result.counted.n, result.counted.of) == (
            int(row["numerator"]),
            int(row["denominator"]),
        )
        low, high = clopper_pearson(result.counted.n, result.counted.of)
        assert (result.counted.ci_low, result.counted.ci_high) == (low, high)


def test_a_result_that_prints_a_percentage_alone_has_no_interval(tmp_path, monkeypatch):
    file = tmp_path / "published.csv"
    head = "study,year,reference,measure,numerator,denominator,printed,ci_printed,p_printed,note"
    file.write_text(f"# a remark\n{head}\nSomebody,2001,A Journal,remission,,,22%,,,a note\n")
    monkeypatch.setattr("outcomes.literature.FILE", file)

    (result,) = published_results.__wrapped__()

    assert result.counted is None
    assert (result.name, result.printed, result.note) == ("Somebody 2001", "22%", "a note")


def test_every_measure_of_the_file_has_its_words():
    measures = {row["measure"] for row in rows_of_the_file()}

    assert measures == {*RESPONSES, *OTHER_MEASURES}
    assert not {*RESPONSES} & {*OTHER_MEASURES}


def test_the_forest_shows_each_published_response_once_the_same_rule_first():
    rows = response_panel(with_literature()).rows

    expected = {
        (f"{row['study']} {row['year']}".strip(), f"{row['numerator']}/{row['denominator']}")
        for row in rows_of_the_file()
        if row["measure"] in RESPONSES
    }
    assert {(row.name, row.counts) for row in rows[1:]} == expected
    assert len(rows) == 1 + len(expected) == 12
    assert rows[0].is_own
    assert rows[1].definition == "the same rule, month 6"
    assert [row.is_own for row in rows[1:]] == [False] * 11


def test_a_poor_response_is_not_counted_among_responses():
    names = [row.name for row in response_panel(with_literature()).rows]

    assert "Posa 2026" not in names
    as_printed = {row.name: row.measure for row in literature_panel(with_literature()).results}
    assert as_printed["Posa 2026"] == "poor or absent response"


def test_the_registry_stands_first_among_published_long_term_results():
    remission, treated, blocks = literature_panel(with_literature()).comparisons

    assert [(row.name, row.counts) for row in remission.rows] == [
        ("This registry", "8/37"),
        ("Léger 2008", "8/37"),
        ("Rev Neurol 17 patients 2007", "6/17"),
        ("Azulay 1997", "2/18"),
    ]
    assert [row.counts for row in treated.rows] == ["25/37", "25/37", "6/17", "84/90"]
    assert [row.counts for row in blocks.rows] == ["0/0", "12/14"]


def test_an_inferred_denominator_is_said_to_be():
    remission, *_ = literature_panel(with_literature()).comparisons

    assert remission.rows[1].definition == "denominator inferred"
    assert short_note("denominator inferred: 37 is the only one; yes") == "denominator inferred"
    assert short_note("mean 9.4 years; mean dose") == "mean 9.4 years"
    assert short_note("") == ""

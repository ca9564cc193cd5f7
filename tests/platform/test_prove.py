"""The report of figures says what held, what did not, and what broke."""

import json

import pytest

from benchmarks import prove
from benchmarks.figures import Figure, measured


def test_a_figure_holds_up_to_its_limit():
    assert Figure("page", 3.0, "s", limit=3.0).held is True
    assert Figure("page", 3.1, "s", limit=3.0).held is False


def test_a_figure_without_value_or_limit_neither_holds_nor_fails():
    assert Figure("page", 3.0, "s").held is None
    assert Figure("page", None, "s", limit=3.0).held is None


def test_a_drill_that_breaks_off_is_a_failed_figure_and_not_the_end():
    def a_drill():
        yield Figure("before", 1, "s", limit=2)
        raise RuntimeError("no page came")

    before, broken = measured(a_drill)

    assert before.held
    assert broken.held is False
    assert (broken.name, broken.note) == ("a drill", "RuntimeError: no page came")


@pytest.fixture
def report(monkeypatch, tmp_path):
    """A run of one pretended benchmark; its exit message and its two files."""

    class Pretended:
        DRILLS = (
            lambda: iter([Figure("page", 1, "s", limit=3), Figure("rows lost", 2, "rows", 0)]),
        )

    monkeypatch.setattr(prove, "BENCHMARKS", ("pretended",))
    monkeypatch.setattr(prove, "DOCS", tmp_path)
    monkeypatch.setattr(prove, "import_module", lambda _name: Pretended)
    monkeypatch.setattr("sys.argv", ["prove"])
    with pytest.raises(SystemExit) as end:
        prove.main()
    return end.value.code, tmp_path


def test_the_run_fails_by_naming_what_did_not_hold(report):
    said, _folder = report

    assert said == "Not held: rows lost."


def test_the_report_is_kept_for_people_and_for_programs(report):
    _said, folder = report
    figures = json.loads((folder / "prove.json").read_text())["figures"]["pretended"]

    assert [(f["name"], f["value"], f["held"]) for f in figures] == [
        ("page", 1, True),
        ("rows lost", 2, False),
    ]
    text = (folder / "prove.md").read_text()
    assert "| page | 1 s | 3 s | held |" in text
    assert "| rows lost | 2 rows | 0 rows | **not held** |" in text

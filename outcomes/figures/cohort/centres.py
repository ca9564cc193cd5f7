"""Completeness, centre by centre."""

from django.utils.translation import gettext as _

from outcomes.charts.cohort_drawings import HeatRow, heat_map
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.completeness import NAMES
from outcomes.figures.cohort.sheets import (
    Column,
    Panel,
    Part,
    n_of,
    named,
    number,
    sheet,
    whole,
    words,
)
from outcomes.numbers import percent

MOST_DRAWN = 10
SHADES = (0.5, 0.8, 0.95)  # from where on a share has the next lighter shade


def centres_panel(tables: list[Table]) -> Panel:
    title = _("Completeness by centre")
    return Panel(
        "centres",
        title,
        (_part(title, tables),) if tables else (),
        how=_(
            "The same questions as in “Completeness”, asked for each centre. Change in blocks: of "
            "naive patients; short-term response: of the primary table; weight: of visits; the "
            "others of all patients. Few patients make a share jump: read n/N in the table."
        ),
        empty=_("There is no patient to ask about."),
    )


def _part(title: str, tables: list[Table]) -> Part:
    fields = list(tables[0]["fields"])
    drawn = tables[:MOST_DRAWN]
    rows = [
        (
            words(table["centre"]),
            whole(table["patients"]),
            *(n_of(*table["fields"][field]) for field in fields),
        )
        for table in tables
    ]
    heads = (
        named(_("Centre"), "centre"),
        number(_("Patients"), "patients"),
        *(Column(str(NAMES[field]), (f"{field}_n", f"{field}_of")) for field in fields),
    )
    figure = heat_map(
        [
            HeatRow(str(NAMES[field]), (tuple(_cell(*t["fields"][field]) for t in drawn),))
            for field in fields
        ],
        [table["centre"] for table in drawn],
        [""],
        _("Share with an answer by field and centre; the numbers are in the table"),
    )
    note = _("Printed: % with an answer; the darker, the more is missing.")
    if len(tables) > MOST_DRAWN:
        note = f"{note} " + _("Drawn: the first %(n)s of %(of)s centres; all are in the table.") % {
            "n": MOST_DRAWN,
            "of": len(tables),
        }
    return Part("fields", title, sheet(title, heads, rows), figure, note, is_wide=True)


def _cell(n: int, of: int) -> tuple[str, str]:
    if not of:
        return "–", "d-none"
    shade = sum(n / of >= bound for bound in SHADES)
    return percent(n / of), f"d-shade-{shade}"

"""The strength map in words."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.charts.strength_map import Grade, StrengthMap, strength_map
from outcomes.dashboards.patient import PatientDashboard, Score

COPIED = frozenset({"carried_forward", "rest_normal"})


def strength_figure(dashboard: PatientDashboard) -> StrengthMap | None:
    """Every muscle at every examination; None where nothing was ever graded."""
    if not dashboard.scores:
        return None
    return strength_map(
        [_grade(score) for score in dashboard.scores],
        dashboard.outcome["baseline_on"],
        dashboard.outcome["month6_on"],
        {muscle: capfirst(words) for muscle, words in labels.MUSCLE.items()},
    )


def _grade(score: Score) -> Grade:
    return Grade(
        on=score.visited_on,
        muscle=score.muscle,
        side=score.side,
        text=score.mrc_grade,
        thirds=score.mrc_thirds,
        note=_note(score),
        is_copied=score.origin in COPIED,
        not_due_to_mmn=score.not_due_to_mmn == "yes",
    )


def _note(score: Score) -> str:
    if score.mrc_thirds is None:
        why = labels.NOT_TESTED_REASON.get(score.not_tested_reason, "")
        return _("not tested: %s") % why if why else _("not tested")
    if score.not_due_to_mmn == "yes":
        return _("not due to MMN, not counted")
    return _("copied or filled, not graded") if score.origin in COPIED else ""

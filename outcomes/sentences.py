"""Why a result is what it is, in one sentence or two that a clinician can check.

Results are stored as codes with parameters; their sentences are written on reading, in the
reader's language. Each function takes the derived row of one patient and the records it used.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from django.utils.dateformat import format as format_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels
from outcomes.derivation.rules import RULES, Rules
from outcomes.numbers import grade_text, rounded

Outcome = Mapping[str, Any]

# More segments than these are counted, not named.
MOST_SEGMENTS_NAMED = 2


class MuscleChange(Protocol):
    """A muscle graded at baseline; grades in thirds of a point."""

    @property
    def muscle(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def baseline_thirds(self) -> float: ...
    @property
    def month6_thirds(self) -> float | None: ...
    @property
    def improvable(self) -> bool: ...
    @property
    def change(self) -> str: ...


class Fall(Protocol):
    """What fell in a relapse: a muscle [thirds of a point] or a grip [kPa]."""

    @property
    def visited_on(self) -> date: ...
    @property
    def kind(self) -> str: ...
    @property
    def muscle(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def reference_on(self) -> date: ...
    @property
    def reference_value(self) -> float: ...
    @property
    def value(self) -> float: ...


class SegmentChange(Protocol):
    @property
    def nerve(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def distal_site(self) -> str: ...
    @property
    def proximal_site(self) -> str: ...
    @property
    def grade_first(self) -> str: ...
    @property
    def grade_last(self) -> str: ...
    @property
    def change(self) -> str: ...


# ---------- Parts of sentences ----------


def day_text(day: date) -> str:
    """12 Jan 2024, the months in the reader's language."""
    return format_date(day, "j M Y")


def two_days(first: date, last: date) -> str:
    """Between two days; the year once where it is the same."""
    start = format_date(first, "j M") if first.year == last.year else day_text(first)
    return _("%(first)s and %(last)s") % {"first": start, "last": day_text(last)}


def partial_date_text(day: date, precision: str) -> str:
    """A partial date stays partial: 2003, Oct 2003 or 5 Oct 2003."""
    return format_date(day, {"year": "Y", "month": "M Y"}.get(precision, "j M Y"))


def muscle_name(muscle: str, side: str) -> str:
    names = {"side": labels.SIDE[side], "muscle": labels.MUSCLE[muscle]}
    return _("%(side)s %(muscle)s") % names


def segment_name(segment: SegmentChange) -> str:
    return _("%(side)s %(nerve)s %(distal)s–%(proximal)s") % {
        "side": labels.SIDE[segment.side],
        "nerve": labels.NERVE[segment.nerve],
        "distal": labels.SITE[segment.distal_site],
        "proximal": labels.SITE[segment.proximal_site],
    }


def joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def sentences(*parts: str) -> str:
    """Whole sentences after each other; an empty one is left out."""
    return " ".join(capfirst(part) for part in parts if part)


# ---------- Short-term response ----------


def short_term(outcome: Outcome, changes: Sequence[MuscleChange], rules: Rules = RULES) -> str:
    """Why responder, non-responder or not evaluable (rule 3)."""
    return SHORT_TERM[outcome["short_term_reason"]](outcome, changes, rules)


def _no_infusion(_outcome: Outcome, *_evidence: Any) -> str:
    return _("No infusion is recorded, and no home treatment.")


def _no_baseline(outcome: Outcome, _changes: Sequence[MuscleChange], rules: Rules) -> str:
    return _("No examination in the %(days)s days up to the first infusion on %(index)s.") % {
        "days": -rules.baseline_days[0],
        "index": day_text(outcome["index_on"]),
    }


def _too_few_improvable(outcome: Outcome, _changes: Sequence[MuscleChange], rules: Rules) -> str:
    improvable = outcome["improvable"]
    values = {"baseline": day_text(outcome["baseline_on"]), "n": improvable}
    if not improvable:
        return _("At baseline, %(baseline)s, no muscle was graded 4 or less.") % values
    found = ngettext(
        "At baseline, %(baseline)s, %(n)s muscle was graded 4 or less.",
        "At baseline, %(baseline)s, %(n)s muscles were graded 4 or less.",
        improvable,
    )
    needed = _("Only there can a whole point be gained, and it takes %(needed)s.")
    return sentences(found % values, needed % {"needed": rules.muscles_needed})


def _month_6_days(outcome: Outcome, rules: Rules) -> str:
    first, last = (outcome["index_on"] + timedelta(days=day) for day in rules.month_6_days)
    return two_days(first, last)


def _stopped_for_inefficacy(
    outcome: Outcome, _changes: Sequence[MuscleChange], rules: Rules
) -> str:
    return _(
        "No examination between %(window)s, and a regimen ended for inefficacy on %(ended)s."
    ) % {
        "window": _month_6_days(outcome, rules),
        "ended": day_text(outcome["stopped_for_inefficacy_on"]),
    }


def _pending(outcome: Outcome, _changes: Sequence[MuscleChange], rules: Rules) -> str:
    return _("No examination of month 6 yet: one between %(window)s would count.") % {
        "window": _month_6_days(outcome, rules)
    }


def _no_examination(outcome: Outcome, _changes: Sequence[MuscleChange], rules: Rules) -> str:
    return _("No examination between %(window)s, 4 to 8 months after the first infusion.") % {
        "window": _month_6_days(outcome, rules)
    }


def _gains(outcome: Outcome, changes: Sequence[MuscleChange]) -> str:
    """How many of the improvable muscles gained a point, and which."""
    gained = [c for c in changes if c.improvable and c.change == "improved"]
    values = {
        "n": len(gained),
        "improvable": outcome["improvable"],
        "days": two_days(outcome["baseline_on"], outcome["month6_on"]),
    }
    if not gained:
        none = _("None of %(improvable)s improvable muscles gained a point between %(days)s.")
        return none % values
    found = ngettext(
        "%(n)s of %(improvable)s improvable muscles gained a point between %(days)s: %(muscles)s.",
        "%(n)s of %(improvable)s improvable muscles gained a point between %(days)s: %(muscles)s.",
        len(gained),
    )
    return found % {**values, "muscles": joined(map(_change_text, gained))}


def _change_text(change: MuscleChange) -> str:
    after = "" if change.month6_thirds is None else grade_text(change.month6_thirds)
    before = grade_text(change.baseline_thirds)
    return f"{muscle_name(change.muscle, change.side)} {before} → {after}"


def _losses(changes: Sequence[MuscleChange]) -> str:
    lost = [c for c in changes if c.change == "worsened"]
    if not lost:
        return _("No muscle lost a point.")
    return _("Lost a point: %(muscles)s.") % {"muscles": joined(map(_change_text, lost))}


def _improved(outcome: Outcome, changes: Sequence[MuscleChange], _rules: Rules) -> str:
    return sentences(_gains(outcome, changes), _losses(changes))


def _not_improved(outcome: Outcome, changes: Sequence[MuscleChange], rules: Rules) -> str:
    needed = _("It takes %(n)s.") % {"n": rules.muscles_needed}
    return sentences(_gains(outcome, changes), needed, _losses(changes))


def _missing_grades(outcome: Outcome, changes: Sequence[MuscleChange], rules: Rules) -> str:
    ungraded = [c for c in changes if c.improvable and c.change == "ungraded"]
    missing = _("No grade at month 6: %(muscles)s; it takes %(n)s gains.") % {
        "muscles": joined(muscle_name(c.muscle, c.side) for c in ungraded),
        "n": rules.muscles_needed,
    }
    return sentences(_gains(outcome, changes), missing)


SHORT_TERM: dict[str, Callable[..., str]] = {
    "NO_INFUSION": _no_infusion,
    "NO_BASELINE": _no_baseline,
    "FEWER_THAN_2_IMPROVABLE": _too_few_improvable,
    "STOPPED_FOR_INEFFICACY": _stopped_for_inefficacy,
    "PENDING": _pending,
    "NO_EXAMINATION": _no_examination,
    "IMPROVED": _improved,
    "NOT_IMPROVED": _not_improved,
    "MISSING_GRADES": _missing_grades,
}


# ---------- Long-term status ----------


def long_term(
    outcome: Outcome,
    falls: Sequence[Fall],
    running_drugs: Sequence[str],
    rules: Rules = RULES,
) -> str:
    """Why dependent, in remission or other (rule 4).

    ``running_drugs`` names the immunosuppressants running at the last contact.
    """
    status = outcome["long_term_status"]
    drugs = _("Running: %(drugs)s.") % {"drugs": joined(running_drugs)} if running_drugs else ""
    return sentences(LONG_TERM[status](outcome, falls, rules), drugs)


def _unclassifiable(outcome: Outcome, _falls: Sequence[Fall], rules: Rules) -> str:
    if outcome["index_on"] is None:
        return _no_infusion(outcome)
    return ngettext(
        "Followed for %(n)s day, from %(index)s to %(contact)s; more than %(needed)s are asked.",
        "Followed for %(n)s days, from %(index)s to %(contact)s; more than %(needed)s are asked.",
        outcome["follow_up_days"],
    ) % {
        "n": outcome["follow_up_days"],
        "index": day_text(outcome["index_on"]),
        "contact": day_text(outcome["last_contact_on"]),
        "needed": rules.short_follow_up_days,
    }


def _on_treatment(outcome: Outcome) -> str:
    return _(
        "On treatment at the last contact, %(contact)s: last infusion %(last)s, "
        "one expected every %(interval)s days."
    ) % {
        "contact": day_text(outcome["last_contact_on"]),
        "last": day_text(outcome["last_infusion_on"]),
        "interval": rounded(outcome["expected_interval_days"]),
    }


def _response_by(outcome: Outcome) -> str:
    by_rule = _("No response by the rule of month 6.")
    by_clinician = _("No response in the clinician's opinion.")
    return {"rule": by_rule, "clinician": by_clinician}.get(outcome["response_by"], "")


def _dependent(outcome: Outcome, _falls: Sequence[Fall], _rules: Rules) -> str:
    if outcome["dependency_proven"]:
        proof = _("Dependency is proven by a failed dose attempt, or a relapse in a longer gap.")
    else:
        proof = _("Dependency is presumed: no failed dose attempt and no relapse in a longer gap.")
    return sentences(_on_treatment(outcome), proof)


def _treated_without_response(outcome: Outcome, *_evidence: Any) -> str:
    return sentences(_on_treatment(outcome), _response_by(outcome))


def _last_infusion(outcome: Outcome) -> str:
    return _("Last infusion %(last)s, last contact %(contact)s.") % {
        "last": day_text(outcome["last_infusion_on"]),
        "contact": day_text(outcome["last_contact_on"]),
    }


def _treatment_unconfirmed(outcome: Outcome, *_evidence: Any) -> str:
    still_open = _("A regimen has not ended, although no infusion was recorded in time.")
    return sentences(_last_infusion(outcome), still_open)


def _relapsed(outcome: Outcome, falls: Sequence[Fall], _rules: Rules) -> str:
    first = min(fall.visited_on for fall in falls)
    shown = [fall for fall in falls if fall.visited_on == first]
    fell = _("Relapse at the visit of %(visit)s: %(falls)s.") % {
        "visit": day_text(first),
        "falls": joined(map(_fall_text, shown)),
    }
    return sentences(_last_infusion(outcome), fell, _against_reference(outcome))


def _fall_text(fall: Fall) -> str:
    if fall.kind == "grip":
        return _("%(side)s grip %(before)s → %(after)s kPa") % {
            "side": labels.SIDE[fall.side],
            "before": rounded(fall.reference_value),
            "after": rounded(fall.value),
        }
    grades = grade_text(fall.reference_value), grade_text(fall.value)
    return f"{muscle_name(fall.muscle, fall.side)} {grades[0]} → {grades[1]}"


def _against_reference(outcome: Outcome) -> str:
    if outcome["reference_on"] is None:
        return ""
    reference = _("Compared with the reference examination of %(day)s.")
    return reference % {"day": day_text(outcome["reference_on"])}


def _long_term_non_responder(outcome: Outcome, *_evidence: Any) -> str:
    if outcome["response"] == "no":
        return sentences(_last_infusion(outcome), _response_by(outcome))
    failed = _("The last regimen ended for inefficacy, and no response is known.")
    return sentences(_last_infusion(outcome), failed)


def _recently_stopped(outcome: Outcome, _falls: Sequence[Fall], rules: Rules) -> str:
    seen = ngettext(
        "Seen until %(n)s day after it; remission is judged from %(needed)s.",
        "Seen until %(n)s days after it; remission is judged from %(needed)s.",
        outcome["off_days"],
    ) % {"n": outcome["off_days"], "needed": rules.remission_days}
    last = _("Last infusion %(last)s.") % {"last": day_text(outcome["last_infusion_on"])}
    return sentences(last, seen)


def _stopped_unproven(outcome: Outcome, _falls: Sequence[Fall], rules: Rules) -> str:
    if outcome["response"] != "yes":
        why = _("Whether there was a response is not known.")
    else:
        why = _("No examination %(days)s days or more after it.") % {"days": rules.remission_days}
    return sentences(_last_infusion(outcome), why)


def _remission(outcome: Outcome, _falls: Sequence[Fall], rules: Rules) -> str:
    last = _("Last infusion %(last)s, %(n)s days before the last visit.") % {
        "last": day_text(outcome["last_infusion_on"]),
        "n": outcome["off_days"],
    }
    if outcome["reference_on"] is None:
        return sentences(last, _("No relapse since."))
    quiet = _(
        "No relapse since: never did %(n)s muscles lose a point against the reference "
        "examination of %(day)s."
    ) % {"n": rules.relapse_muscles, "day": day_text(outcome["reference_on"])}
    return sentences(last, quiet)


LONG_TERM: dict[str, Callable[..., str]] = {
    "unclassifiable": _unclassifiable,
    "treated_without_response": _treated_without_response,
    "dependent_with_immunosuppressant": _dependent,
    "dependent": _dependent,
    "treatment_unconfirmed": _treatment_unconfirmed,
    "relapsed_untreated": _relapsed,
    "non_responder": _long_term_non_responder,
    "recently_stopped": _recently_stopped,
    "stopped_unproven": _stopped_unproven,
    "remission_on_immunosuppressant": _remission,
    "remission": _remission,
}


# ---------- Conduction block ----------

_CHANGES_TOLD = ("resolved", "new", "persistent")


def blocks(outcome: Outcome, changes: Sequence[SegmentChange]) -> str:
    """Why blocks decreased, stayed or increased (rule 5)."""
    if outcome["block_change_reason"]:
        return BLOCKS_NOT_COMPARED[outcome["block_change_reason"]](outcome, changes)
    told = [_segments_text(changes, kind) for kind in _CHANGES_TOLD]
    counted = [c for c in changes if c.change in {*_CHANGES_TOLD, "no_block"}]
    compared = ngettext(
        "%(first)s against %(last)s, %(n)s segment assessable in both.",
        "%(first)s against %(last)s, %(n)s segments assessable in both.",
        len(counted),
    ) % {**_study_days(outcome), "n": len(counted)}
    if not any(told):
        told = [_("No segment with block in either study.")]
    return sentences(*told, _not_retested(changes), compared)


def _study_days(outcome: Outcome) -> dict[str, str]:
    return {
        "first": day_text(outcome["study_first_on"]),
        "last": day_text(outcome["study_last_on"]),
    }


def _segments_text(changes: Sequence[SegmentChange], kind: str) -> str:
    """Resolved, new or persistent segments by name, or their number if there are many."""
    of_kind = [c for c in changes if c.change == kind]
    if not of_kind:
        return ""
    if len(of_kind) > MOST_SEGMENTS_NAMED:
        named = ngettext("%(n)s segment", "%(n)s segments", len(of_kind)) % {"n": len(of_kind)}
    else:
        named = joined(f"{segment_name(c)} ({_grades(c)})" for c in of_kind)
    return f"{labels.SEGMENT_CHANGE[kind]}: {named}."


def _grades(change: SegmentChange) -> str:
    first, last = (labels.BLOCK_GRADE[g] for g in (change.grade_first, change.grade_last))
    return f"{first}" if first == last else f"{first} → {last}"


def _not_retested(changes: Sequence[SegmentChange]) -> str:
    n = sum(c.change == "not_retested" for c in changes)
    if not n:
        return ""
    return ngettext(
        "%(n)s segment with block was not tested again.",
        "%(n)s segments with block were not tested again.",
        n,
    ) % {"n": n}


def _no_study(*_evidence: Any) -> str:
    return _("No nerve conduction study is recorded.")


def _one_study(outcome: Outcome, _changes: Sequence[SegmentChange]) -> str:
    only = _("Only the study of %(first)s is recorded; a change takes two.")
    return only % {"first": day_text(outcome["study_first_on"])}


def _axonal_loss(outcome: Outcome, changes: Sequence[SegmentChange]) -> str:
    lost = [c for c in changes if c.change == "lost_to_axonal_loss"]
    named = joined(segment_name(c) for c in lost[:MOST_SEGMENTS_NAMED])
    more = len(lost) - MOST_SEGMENTS_NAMED
    if more > 0:
        named = _("%(named)s and %(n)s more") % {"named": named, "n": more}
    gone = _(
        "Block on %(first)s, distal response too small to judge on %(last)s: %(segments)s. "
        "That is not counted as resolved."
    )
    return gone % {**_study_days(outcome), "segments": named}


def _no_common_segment(outcome: Outcome, _changes: Sequence[SegmentChange]) -> str:
    none = _("No segment could be assessed both on %(first)s and on %(last)s.")
    return none % _study_days(outcome)


BLOCKS_NOT_COMPARED: dict[str, Callable[..., str]] = {
    "NO_STUDY": _no_study,
    "FEWER_THAN_2_STUDIES": _one_study,
    "AXONAL_LOSS": _axonal_loss,
    "NO_COMMON_SEGMENT": _no_common_segment,
}


# ---------- Dose ----------


def dose(outcome: Outcome, rules: Rules = RULES) -> str:
    """What the dose now is, and what it is compared with (rule 6)."""
    reason = outcome["dose_reason"]
    if reason == "NO_INFUSION":
        return _no_infusion(outcome)
    if reason == "TOO_SHORT":
        return _too_short_for_a_dose(outcome, rules)
    now = _("%(dose)s in the %(days)s days up to %(contact)s.") % {
        "dose": weekly_dose(outcome),
        "days": rules.maintenance_days,
        "contact": day_text(outcome["last_contact_on"]),
    }
    given = _course_pattern(outcome["median_course_g"], outcome["median_interval_days"])
    return sentences(now, given, _reference_dose(outcome, rules), _weight(outcome))


def weekly_dose(outcome: Outcome) -> str:
    """16.3 g/week (0.26 g/kg/week); the part per kg needs a weight."""
    dose = _("%(grams)s g/week") % {"grams": rounded(outcome["weekly_dose_g"])}
    per_kg = outcome["weekly_dose_g_per_kg"]
    if not per_kg:
        return dose
    return _("%(dose)s (%(per_kg)s g/kg/week)") % {"dose": dose, "per_kg": rounded(per_kg, 2)}


def _too_short_for_a_dose(outcome: Outcome, rules: Rules) -> str:
    needed = rules.maintenance_from_day + rules.maintenance_days - 1
    return _(
        "Followed for %(n)s days; a dose over %(window)s days that begins on day %(from)s or "
        "later takes %(needed)s."
    ) % {
        "n": outcome["follow_up_days"],
        "window": rules.maintenance_days,
        "from": rules.maintenance_from_day,
        "needed": needed,
    }


def _course_pattern(grams: float | None, interval_days: float | None) -> str:
    if grams is None or interval_days is None:
        return ""
    return _("A course of %(grams)s g every %(days)s days.") % {
        "grams": rounded(grams),
        "days": rounded(interval_days),
    }


def _reference_dose(outcome: Outcome, rules: Rules) -> str:
    days = {"first": rules.reference_window_days[0], "last": rules.reference_window_days[1]}
    if outcome["dose_ratio"] is None:
        begins_on_day = outcome["follow_up_days"] - rules.maintenance_days + 1
        if begins_on_day > rules.reference_window_days[1]:
            return _("Nothing to compare with: no dose in days %(first)s–%(last)s.") % days
        too_early = _("Nothing to compare with yet: these days begin before day %(last)s is over.")
        return too_early % days
    before = _("Before, in days %(first)s–%(last)s: %(grams)s g/week.") % {
        **days,
        "grams": rounded(outcome["reference_weekly_dose_g"]),
    }
    pattern = _course_pattern(
        outcome["reference_median_course_g"], outcome["reference_median_interval_days"]
    )
    return sentences(before, pattern)


def _weight(outcome: Outcome) -> str:
    if outcome["weight_kg"] is None:
        return _("No weight is recorded.")
    if outcome["stale_weight"]:
        return _("Weight %(kg)s kg, of %(day)s.") % {
            "kg": rounded(outcome["weight_kg"]),
            "day": day_text(outcome["weight_on"]),
        }
    return ""


# ---------- Diagnosis ----------


def diagnosis(outcome: Outcome) -> str:
    """The category and the line that decides it, or the answers that are missing (rule 9)."""
    category = capfirst(labels.DIAGNOSIS[outcome["diagnosis_category"]])
    if outcome["diagnosis_missing"]:
        questions = outcome["diagnosis_missing"].split()
        missing = joined(str(labels.DIAGNOSTIC_QUESTION[question]) for question in questions)
        return _("%(category)s; missing: %(missing)s.") % {
            "category": category,
            "missing": missing,
        }
    reason = labels.DIAGNOSIS_REASON[outcome["diagnosis_reason"]]
    return _("%(category)s: %(reason)s.") % {"category": category, "reason": reason}

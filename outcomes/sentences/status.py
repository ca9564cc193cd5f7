"""Long-term status (rule 4)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels
from outcomes.derivation.rules import RULES, Rules
from outcomes.numbers import grade_text, rounded
from outcomes.sentences.parts import day_text, joined, muscle_name, no_infusion, sentences
from outcomes.sentences.reason import Line, Reason, Values


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


Falls = Sequence[Fall]


def long_term(
    outcome: Values, falls: Falls, running_drugs: Sequence[str], rules: Rules = RULES
) -> Reason:
    """Why dependent, in remission or other.

    ``running_drugs`` names the immunosuppressants running at the last contact.
    """
    code = outcome["long_term_status"]
    reason = LONG_TERM[code].reason(code, outcome, falls, rules)
    if not running_drugs:
        return reason
    drugs = _("Running: %(drugs)s.") % {"drugs": joined(running_drugs)}
    return replace(reason, sentence=sentences(reason.sentence, drugs))


def _unclassifiable(values: Values, _falls: Falls) -> str:
    if values["index_on"] is None:
        return no_infusion()
    return ngettext(
        "Followed for %(n)s day, from %(index)s to %(contact)s; more than %(needed)s are asked.",
        "Followed for %(n)s days, from %(index)s to %(contact)s; more than %(needed)s are asked.",
        values["follow_up_days"],
    ) % {
        "n": values["follow_up_days"],
        "index": day_text(values["index_on"]),
        "contact": day_text(values["last_contact_on"]),
        "needed": values["short_follow_up_days"],
    }


def _on_treatment(values: Values) -> str:
    return _(
        "On treatment at the last contact, %(contact)s: last infusion %(last)s, "
        "one expected every %(interval)s days."
    ) % {
        "contact": day_text(values["last_contact_on"]),
        "last": day_text(values["last_infusion_on"]),
        "interval": rounded(values["expected_interval_days"]),
    }


def _response_by(values: Values) -> str:
    by_rule = _("No response by the rule of month 6.")
    by_clinician = _("No response in the clinician's opinion.")
    return {"rule": by_rule, "clinician": by_clinician}.get(values["response_by"], "")


def _dependent(values: Values, _falls: Falls) -> str:
    if values["dependency_proven"]:
        proof = _("Dependency is proven by a failed dose attempt, or a relapse in a longer gap.")
    else:
        proof = _("Dependency is presumed: no failed dose attempt and no relapse in a longer gap.")
    return sentences(_on_treatment(values), proof)


def _treated_without_response(values: Values, *_evidence: Any) -> str:
    return sentences(_on_treatment(values), _response_by(values))


def _last_infusion(values: Values) -> str:
    return _("Last infusion %(last)s, last contact %(contact)s.") % {
        "last": day_text(values["last_infusion_on"]),
        "contact": day_text(values["last_contact_on"]),
    }


def _treatment_unconfirmed(values: Values, *_evidence: Any) -> str:
    still_open = _("A regimen has not ended, although no infusion was recorded in time.")
    return sentences(_last_infusion(values), still_open)


def _relapsed(values: Values, falls: Falls) -> str:
    first = min(fall.visited_on for fall in falls)
    shown = [fall for fall in falls if fall.visited_on == first]
    fell = _("Relapse at the visit of %(visit)s: %(falls)s.") % {
        "visit": day_text(first),
        "falls": joined(map(_fall_text, shown)),
    }
    return sentences(_last_infusion(values), fell, _against_reference(values))


def _fall_text(fall: Fall) -> str:
    if fall.kind == "grip":
        return _("%(side)s grip %(before)s → %(after)s kPa") % {
            "side": labels.SIDE[fall.side],
            "before": rounded(fall.reference_value),
            "after": rounded(fall.value),
        }
    grades = grade_text(fall.reference_value), grade_text(fall.value)
    return f"{muscle_name(fall.muscle, fall.side)} {grades[0]} → {grades[1]}"


def _against_reference(values: Values) -> str:
    if values["reference_on"] is None:
        return ""
    reference = _("Compared with the reference examination of %(day)s.")
    return reference % {"day": day_text(values["reference_on"])}


def _non_responder(values: Values, *_evidence: Any) -> str:
    if values["response"] == "no":
        return sentences(_last_infusion(values), _response_by(values))
    failed = _("The last regimen ended for inefficacy, and no response is known.")
    return sentences(_last_infusion(values), failed)


def _recently_stopped(values: Values, _falls: Falls) -> str:
    seen = ngettext(
        "Seen until %(n)s day after it; remission is judged from %(needed)s.",
        "Seen until %(n)s days after it; remission is judged from %(needed)s.",
        values["off_days"],
    ) % {"n": values["off_days"], "needed": values["remission_days"]}
    last = _("Last infusion %(last)s.") % {"last": day_text(values["last_infusion_on"])}
    return sentences(last, seen)


def _stopped_unproven(values: Values, _falls: Falls) -> str:
    if values["response"] != "yes":
        why = _("Whether there was a response is not known.")
    else:
        why = _("No examination %(days)s days or more after it.") % {
            "days": values["remission_days"]
        }
    return sentences(_last_infusion(values), why)


def _remission(values: Values, _falls: Falls) -> str:
    last = _("Last infusion %(last)s, %(n)s days before the last visit.") % {
        "last": day_text(values["last_infusion_on"]),
        "n": values["off_days"],
    }
    if values["reference_on"] is None:
        return sentences(last, _("No relapse since."))
    quiet = _(
        "No relapse since: never did %(n)s muscles lose a point against the reference "
        "examination of %(day)s."
    ) % {"n": values["relapse_muscles"], "day": day_text(values["reference_on"])}
    return sentences(last, quiet)


_LAST = ("last_infusion_on", "last_contact_on")
_ON_TREATMENT = (*_LAST, "expected_interval_days")
_OFF = ("last_infusion_on", "off_days")
_DEPENDENT = Line(_dependent, (*_ON_TREATMENT, "dependency_proven"))
_IN_REMISSION = Line(_remission, (*_OFF, "reference_on"), ("remission_days", "relapse_muscles"))
LONG_TERM: dict[str, Line] = {
    "unclassifiable": Line(
        _unclassifiable,
        ("index_on", "last_contact_on", "follow_up_days"),
        ("short_follow_up_days",),
    ),
    "treated_without_response": Line(_treated_without_response, (*_ON_TREATMENT, "response_by")),
    "dependent_with_immunosuppressant": _DEPENDENT,
    "dependent": _DEPENDENT,
    "treatment_unconfirmed": Line(_treatment_unconfirmed, _LAST),
    "relapsed_untreated": Line(_relapsed, (*_LAST, "relapse_on", "reference_on")),
    "non_responder": Line(_non_responder, (*_LAST, "response", "response_by")),
    "recently_stopped": Line(_recently_stopped, _OFF, ("remission_days",)),
    "stopped_unproven": Line(_stopped_unproven, (*_LAST, "response"), ("remission_days",)),
    "remission_on_immunosuppressant": _IN_REMISSION,
    "remission": _IN_REMISSION,
}

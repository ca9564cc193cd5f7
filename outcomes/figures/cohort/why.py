"""How each number of the cohort page is counted: what its Why opens."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.rules import DayWindow, Rules
from outcomes.numbers import fixed, percent, rounded


@dataclass(frozen=True)
class Parameter:
    """A number of the rule; `is_choice` where the literature is silent and the registry chose."""

    name: str
    value: str
    is_choice: bool = False


@dataclass(frozen=True)
class Why:
    """What is counted, in sentences, and the numbers of the rule behind it."""

    key: str
    sentences: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    rule: str


def whys(dashboard: CohortDashboard) -> dict[str, Why]:
    rules = dashboard.rules
    return {
        "flow": _flow(rules),
        "response": _response(rules),
        "long_term": _long_term(rules),
        "remission": _remission(rules),
        "blocks": _blocks(rules),
        "dose": _dose(rules),
        "predictors": _predictors(rules),
    }


def _rule(rules: Rules, section: int) -> str:
    return _("Rule %(section)s of %(name)s, version %(version)s") % {
        "section": section,
        "name": rules.rule_set,
        "version": rules.version,
    }


def _days(window: DayWindow) -> str:
    first, last = window
    return _("days %(first)s to %(last)s") % {"first": str(first).replace("-", "−"), "last": last}


def _flow(rules: Rules) -> Why:
    return Why(
        "flow",
        (
            _("Included: patients whose inclusion is dated on or before the day looked at."),
            _(
                "The primary table holds patients who never had immunoglobulin before inclusion "
                "and whose first course was given by %(route)s, or who had none yet. The others "
                "have tables of their own."
            )
            % {"route": rules.primary_route},
            _("Not evaluable is a result with a reason. It is never counted as no."),
        ),
        _examination_parameters(rules),
        _rule(rules, 3),
    )


def _response(rules: Rules) -> Why:
    return Why(
        "response",
        (
            _(
                "A responder gained at least 1 MRC point in at least %(n)s improvable muscles at "
                "month 6, each side being a muscle of its own."
            )
            % {"n": rules.muscles_needed},
            _(
                "The proportion is of those evaluable, with its exact interval (Clopper-Pearson) "
                "and an exact two-sided binomial test against %(reference)s %%, the placebo rate."
            )
            % {"reference": percent(rules.reference_proportion)},
            _(
                "Published rows: counts as printed; the intervals are computed here. Each cohort "
                "defined response in its own way."
            ),
        ),
        (
            Parameter(_("Gain that counts"), _("1 point (4 → 4+ is not one)")),
            Parameter(_("Improvable"), _("grade 4 or less at baseline")),
            *_examination_parameters(rules),
            Parameter(_("Stopped for inefficacy, unexamined"), _("counts as non-responder"), True),
        ),
        _rule(rules, 3),
    )


def _examination_parameters(rules: Rules) -> tuple[Parameter, ...]:
    return (
        Parameter(
            _("Baseline"),
            _("last examination of %(days)s") % {"days": _days(rules.baseline_days)},
            True,
        ),
        Parameter(
            _("Month 6"),
            _("examination nearest to day %(target)s, %(days)s")
            % {"target": rules.month_6_target_day, "days": _days(rules.month_6_days)},
            True,
        ),
    )


def _long_term(rules: Rules) -> Why:
    return Why(
        "long_term",
        (
            _(
                "Each patient has one status at last contact. Three groups share those who can be "
                "classified; the denominator of each group is their number."
            ),
            _(
                "Remission: off treatment for at least %(days)s days, a good first response, an "
                "examination after that, and no relapse."
            )
            % {"days": rules.remission_days},
            _("Periodic immunoglobulin: on treatment at last contact, with or without a response."),
            _("Other: relapsed and untreated, or a non-responder off treatment."),
        ),
        (
            Parameter(_("Followed for more than"), _days_text(rules.short_follow_up_days)),
            Parameter(
                _("On treatment"),
                _("last infusion within %(factor)s × the expected interval, at least %(days)s days")
                % {
                    "factor": rounded(rules.treatment_gap_factor),
                    "days": rules.treatment_gap_min_days,
                },
                True,
            ),
        ),
        _rule(rules, 4),
    )


def _days_text(days: int) -> str:
    return _("%(n)s days") % {"n": days}


def _remission(rules: Rules) -> Why:
    return Why(
        "remission",
        (
            _(
                "Kaplan-Meier, time from the first infusion, naive patients with an infusion. "
                "Event: day %(days)s off treatment without a relapse, in patients with a response."
            )
            % {"days": rules.remission_days},
            _("Patients without a response stay at risk and can never be an event."),
            _(
                "Censored at last contact. The band is the 95 % interval on the log-log scale. "
                "With death competing: cumulative incidence by Aalen and Johansen."
            ),
        ),
        (
            Parameter(_("Remission from"), _days_text(rules.remission_days)),
            Parameter(_("One year"), _("%(n)s days") % {"n": fixed(rules.year_days, 2)}),
        ),
        _rule(rules, 4),
    )


def _blocks(rules: Rules) -> Why:
    return Why(
        "blocks",
        (
            _(
                "Segments with definite or probable block, counted over the segments that could "
                "be assessed in both studies, first against last."
            ),
            _(
                "A block that can no longer be judged because the distal response is lost counts "
                "as axonal loss, never as resolved."
            ),
        ),
        (
            Parameter(_("Criteria"), rules.criteria),
            Parameter(
                _("First study"),
                _("last up to %(days)s days after the first infusion, else the earliest")
                % {"days": rules.first_study_days},
            ),
        ),
        _rule(rules, 5),
    )


def _dose(rules: Rules) -> Why:
    return Why(
        "dose",
        (
            _(
                "Grams that fall in the %(days)s days up to last contact, per week and per kg of "
                "the last weight. Drawn: patients on periodic immunoglobulin who have a weight."
            )
            % {"days": rules.maintenance_days},
            _("Trend: that weekly dose divided by the one of the reference window, in everybody."),
        ),
        (
            Parameter(_("Reference window"), _days(rules.reference_window_days)),
            Parameter(
                _("Escalated, reduced"),
                _("ratio ≥ %(up)s, ≤ %(down)s")
                % {
                    "up": fixed(rules.escalated_from_ratio, 2),
                    "down": fixed(rules.reduced_to_ratio, 2),
                },
                True,
            ),
            Parameter(
                _("Declining responsiveness"),
                _("escalated, and %(points)s points or %(kpa)s kPa below the first year's best")
                % {
                    "points": rounded(rules.declining_points),
                    "kpa": rounded(rules.declining_grip_kpa),
                },
                True,
            ),
        ),
        _rule(rules, 6),
    )


def _predictors(rules: Rules) -> Why:
    return Why(
        "predictors",
        (
            _(
                "OR: conditional odds ratio, above 1 = more responders among yes or women; Fisher "
                "exact test and exact interval."
            ),
            _(
                "diff.: Hodges-Lehmann, responders minus non-responders, in the unit of the line; "
                "Mann-Whitney test."
            ),
            _("q: Benjamini-Hochberg, over the lines that have a p."),
        ),
        (Parameter(_("Described only, below"), _("%(n)s in a group") % {"n": rules.group_needed}),),
        _rule(rules, 8),
    )

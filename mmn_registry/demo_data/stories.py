"""Sixty invented courses of multifocal motor neuropathy, told in days around the first infusion.

A story says how a patient is treated over time and how much of the lost strength comes back.
Nothing is drawn from real patients; the mixture follows what published cohorts describe: most
improve and stay dependent on treatment, some do not, some can stop, some need more and more.
"""

from dataclasses import dataclass
from random import Random

from infusions.vocabulary import DoseAttemptKind, DoseAttemptOutcome, RegimenEndReason, Route

YEAR_DAYS = 365


@dataclass(frozen=True)
class Phase:
    """A prescription: from a day up to another (None: still running), counted from index."""

    route: Route
    starts: int
    ends: int | None
    dose_g_per_kg: float  # of one course
    interval_days: int
    days: int  # that a course takes
    end_reason: RegimenEndReason | None = None


@dataclass(frozen=True)
class Attempt:
    """Someone tried to give less."""

    day: int
    kind: DoseAttemptKind
    outcome: DoseAttemptOutcome


@dataclass(frozen=True)
class Story:
    follow_up_days: int  # from the first infusion to the last contact
    phases: tuple[Phase, ...]
    # How much of the lost strength is back on which day, straight lines between: (day, fraction).
    recovery: tuple[tuple[int, float], ...]
    attempts: tuple[Attempt, ...] = ()
    immunosuppressant_from: int | None = None
    unseen_for_days: int | None = None  # lost to follow-up: the last contact lies so far back
    died: bool = False
    month_6_missed: bool = False
    slight: bool = False  # weaker than normal by less than a point

    def recovered(self, day: int) -> float:
        """Fraction of the strength lost at index that is back on a day."""
        before = (-10_000, 0.0)
        for point in self.recovery:
            if day < point[0]:
                share = (day - before[0]) / (point[0] - before[0])
                return before[1] + share * (point[1] - before[1])
            before = point
        return before[1]


LOADING = 2.0  # g/kg over five days, the dose of the trials


def _intravenous(starts: int, ends: int | None = None, **changes: object) -> Phase:
    usual = {"dose_g_per_kg": 1.0, "interval_days": 28, "days": 2}
    return Phase(Route.IV, starts, ends, **(usual | changes))


def _loading(months: int, reason: RegimenEndReason = RegimenEndReason.OTHER) -> Phase:
    return _intravenous(0, 28 * months, dose_g_per_kg=LOADING, days=5, end_reason=reason)


def maintained(dice: Random) -> Story:
    """Improves and stays so, on steady infusions."""
    gain = dice.uniform(0.5, 0.9)
    years = dice.randint(2, 8)
    interval = dice.choice([21, 28, 28, 28, 35, 42])
    then = _intravenous(84, interval_days=interval, dose_g_per_kg=dice.choice([0.8, 1.0, 1.2]))
    return Story(
        follow_up_days=years * YEAR_DAYS + dice.randint(0, 200),
        phases=(_loading(3), then),
        recovery=((0, 0.0), (150, gain), (years * YEAR_DAYS, gain - 0.02 * years)),
        attempts=_a_failed_attempt(dice, years),
        month_6_missed=dice.random() < 0.1,
    )


def _a_failed_attempt(dice: Random, years: int) -> tuple[Attempt, ...]:
    if years < 3 or dice.random() < 0.5:
        return ()
    kind = dice.choice([DoseAttemptKind.REDUCTION, DoseAttemptKind.LONGER_INTERVAL])
    outcome = dice.choice([DoseAttemptOutcome.FAILED, DoseAttemptOutcome.TOLERATED])
    return (Attempt(dice.randint(400, years * YEAR_DAYS - 60), kind, outcome),)


def moved_to_subcutaneous(dice: Random) -> Story:
    """Improves, and later treats at home under the skin."""
    gain = dice.uniform(0.5, 0.85)
    years = dice.randint(3, 7)
    switch = dice.randint(500, 900)
    route = dice.choice([Route.SC, Route.SC, Route.FSC])
    home = (
        Phase(Route.SC, switch, None, 0.27, 7, 1)
        if route == Route.SC
        else Phase(Route.FSC, switch, None, 1.0, 28, 1)
    )
    hospital = _intravenous(84, switch, end_reason=RegimenEndReason.SWITCH)
    return Story(
        follow_up_days=years * YEAR_DAYS + dice.randint(0, 150),
        phases=(_loading(3), hospital, home),
        recovery=((0, 0.0), (160, gain), (years * YEAR_DAYS, gain - 0.05)),
    )


def declining(dice: Random) -> Story:
    """Improves at first, then loses ground although the dose goes up."""
    gain = dice.uniform(0.6, 0.8)
    years = dice.randint(5, 8)
    first, second = 3 * YEAR_DAYS, 4 * YEAR_DAYS
    other = RegimenEndReason.OTHER
    return Story(
        follow_up_days=years * YEAR_DAYS + dice.randint(0, 120),
        phases=(
            _loading(2),
            _intravenous(56, first, end_reason=other),
            _intravenous(first, second, interval_days=21, dose_g_per_kg=1.2, end_reason=other),
            _intravenous(second, interval_days=21, dose_g_per_kg=1.6, days=3),
        ),
        recovery=((0, 0.0), (150, gain), (2 * YEAR_DAYS, gain), (years * YEAR_DAYS, gain - 0.6)),
        attempts=(Attempt(700, DoseAttemptKind.LONGER_INTERVAL, DoseAttemptOutcome.FAILED),),
    )


def remission(dice: Random) -> Story:
    """Improves, stops, and stays well without."""
    gain = dice.uniform(0.65, 0.95)
    stop = dice.randint(400, 1000)
    years = dice.randint(4, 8)
    return Story(
        follow_up_days=years * YEAR_DAYS,
        phases=(
            _loading(3),
            _intravenous(84, stop, interval_days=35, end_reason=RegimenEndReason.REMISSION),
        ),
        recovery=((0, 0.0), (140, gain), (years * YEAR_DAYS, gain - 0.03)),
        attempts=(Attempt(stop, DoseAttemptKind.STOP, DoseAttemptOutcome.TOLERATED),),
    )


def relapsed_and_restarted(dice: Random) -> Story:
    """Improves, stops, loses it again within months, and improves with the next course."""
    gain = dice.uniform(0.6, 0.85)
    stop = dice.randint(420, 800)
    restart = stop + dice.randint(150, 240)
    years = dice.randint(4, 7)
    return Story(
        follow_up_days=years * YEAR_DAYS + dice.randint(0, 100),
        phases=(
            _loading(3),
            _intravenous(84, stop, end_reason=RegimenEndReason.REMISSION),
            _intravenous(restart),
        ),
        recovery=(
            (0, 0.0),
            (150, gain),
            (stop + 30, gain),
            (restart - 20, 0.05),
            (restart + 150, gain - 0.05),
        ),
        attempts=(Attempt(stop, DoseAttemptKind.STOP, DoseAttemptOutcome.FAILED),),
    )


def relapsed_untreated(dice: Random) -> Story:
    """Stopped, got worse, and has not been treated again so far."""
    stop = dice.randint(500, 700)
    return Story(
        follow_up_days=stop + 300,
        phases=(_loading(3), _intravenous(84, stop, end_reason=RegimenEndReason.PATIENT_CHOICE)),
        recovery=((0, 0.0), (150, 0.7), (stop + 40, 0.7), (stop + 200, 0.0)),
    )


def not_responding(dice: Random) -> Story:
    """No gain after six courses; another drug is tried."""
    years = dice.randint(2, 5)
    ends = dice.choice([140, 196, 252])
    return Story(
        follow_up_days=years * YEAR_DAYS,
        phases=(_loading(ends // 28, RegimenEndReason.INEFFICACY),),
        recovery=((0, 0.0), (200, dice.uniform(0.0, 0.1)), (years * YEAR_DAYS, -0.15)),
        immunosuppressant_from=ends + 60 if dice.random() < 0.6 else None,
        month_6_missed=ends == 140,
    )


def just_begun(dice: Random) -> Story:
    """The sixth month is still to come."""
    days = dice.randint(50, 170)
    return Story(
        follow_up_days=days,
        phases=(_loading(3), _intravenous(84)) if days > 84 else (_loading_running(),),
        recovery=((0, 0.0), (120, 0.6)),
    )


def _loading_running() -> Phase:
    return _intravenous(0, dose_g_per_kg=LOADING, days=5)


def not_yet_treated(_dice: Random) -> Story:
    """Included, watched, no infusion so far."""
    return Story(follow_up_days=200, phases=(), recovery=((0, 0.0), (200, -0.02)))


def lost(dice: Random) -> Story:
    """Improved on treatment, and has not been seen for long."""
    return Story(
        follow_up_days=3 * YEAR_DAYS,
        phases=(_loading(3), _intravenous(84)),
        recovery=((0, 0.0), (150, 0.6)),
        unseen_for_days=dice.randint(450, 700),
    )


def died(_dice: Random) -> Story:
    """Improved on treatment, and died of something else."""
    return Story(
        follow_up_days=4 * YEAR_DAYS,
        phases=(_loading(3), _intravenous(84)),
        recovery=((0, 0.0), (150, 0.5)),
        unseen_for_days=200,
        died=True,
    )


def tapered(dice: Random) -> Story:
    """Improves, and needs less and less."""
    gain = dice.uniform(0.6, 0.9)
    less = dice.randint(600, 800)
    return Story(
        follow_up_days=dice.randint(4, 6) * YEAR_DAYS,
        phases=(
            _loading(3),
            _intravenous(84, less, end_reason=RegimenEndReason.OTHER),
            _intravenous(less, dose_g_per_kg=0.7, interval_days=dice.choice([35, 42])),
        ),
        recovery=((0, 0.0), (150, gain), (4 * YEAR_DAYS, gain - 0.04)),
        attempts=(Attempt(less, DoseAttemptKind.REDUCTION, DoseAttemptOutcome.TOLERATED),),
    )


def combined(dice: Random) -> Story:
    """Improves, and takes an immunosuppressant beside the infusions."""
    return Story(
        follow_up_days=dice.randint(3, 6) * YEAR_DAYS,
        phases=(_loading(3), _intravenous(84)),
        recovery=((0, 0.0), (150, 0.6), (6 * YEAR_DAYS, 0.5)),
        immunosuppressant_from=dice.randint(500, 900),
    )


def barely_weak(_dice: Random) -> Story:
    """Too strong at the beginning for an improvement by the rule."""
    return Story(
        follow_up_days=2 * YEAR_DAYS,
        phases=(_loading(3), _intravenous(84, interval_days=42)),
        recovery=((0, 0.0), (150, 0.8)),
        slight=True,
    )


def just_stopped(_dice: Random) -> Story:
    """Improved, and stopped a few months ago: too early to say."""
    return Story(
        follow_up_days=600 + 110,
        phases=(_loading(3), _intravenous(84, 600, end_reason=RegimenEndReason.REMISSION)),
        recovery=((0, 0.0), (150, 0.8)),
        attempts=(Attempt(600, DoseAttemptKind.STOP, DoseAttemptOutcome.UNKNOWN),),
    )


STORIES = (
    *[maintained] * 13,
    *[tapered] * 4,
    *[moved_to_subcutaneous] * 7,
    *[declining] * 4,
    *[combined] * 2,
    *[remission] * 6,
    *[relapsed_and_restarted] * 5,
    *[relapsed_untreated] * 2,
    *[not_responding] * 8,
    *[just_begun] * 3,
    just_stopped,
    barely_weak,
    not_yet_treated,
    *[lost] * 2,
    died,
)

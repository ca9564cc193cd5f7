"""What the timeline shows: days, numbers and words of one patient."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from outcomes.numbers import rounded

ROUTES = ("IV", "SC", "FSC")


@dataclass(frozen=True)
class DoseStep:
    """Grams per week by one route over [started_on, ended_before)."""

    route: str
    started_on: date
    ended_before: date
    weekly_dose_g: float


@dataclass(frozen=True)
class InfusionDay:
    """One day's administration; `planned`: stood for by a home regimen, not recorded itself."""

    on: date
    route: str
    planned: bool = False


@dataclass(frozen=True)
class Observation:
    """A value of one day; None: looked at, but there is no value (a grade was missing)."""

    on: date
    value: float | None


@dataclass(frozen=True)
class Series:
    """One line of a lane. `code` names its look; `end_label` tells two lines of a lane apart."""

    code: str
    name: str
    observations: tuple[Observation, ...]
    end_label: str = ""


@dataclass(frozen=True)
class Lane:
    """Values of one unit. `ceiling` is the highest possible; `from_zero` keeps the axis whole."""

    code: str
    name: str
    note: str
    series: tuple[Series, ...]
    ceiling: float = float("inf")
    cut_note: str = ""  # says where a cut axis begins: "axis from {floor}"
    from_zero: bool = False
    unobserved_between: bool = False  # dashed: nothing was looked at between two values
    written: Callable[[float], str] = rounded


@dataclass(frozen=True)
class Stretch:
    """A stretch of days, with words: on or off treatment, or another drug running."""

    code: str
    started_on: date
    ended_on: date
    names: tuple[str, ...]  # from the longest to the shortest: the first that fits is drawn
    open_ended: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened on a day. `ruled` draws a line through all lanes."""

    code: str
    on: date
    name: str
    detail: str = ""
    ruled: bool = False


@dataclass(frozen=True)
class Landmark:
    """Baseline or month 6: a dotted line through all lanes."""

    on: date
    name: str
    short_name: str
    detail: str


@dataclass(frozen=True)
class Course:
    """All that the timeline shows of one patient."""

    first_on: date
    last_on: date
    dose_lane: tuple[str, str] = ("", "")  # name and note
    infusion_note: str = ""
    dose_steps: tuple[DoseStep, ...] = ()
    infusion_days: tuple[InfusionDay, ...] = ()
    treatment: tuple[Stretch, ...] = ()
    lanes: tuple[Lane, ...] = ()
    other_drugs: tuple[Stretch, ...] = ()
    other_drugs_lane: tuple[str, str] = ("", "")
    events: tuple[Event, ...] = ()
    events_lane: tuple[str, str] = ("", "")
    landmarks: tuple[Landmark, ...] = ()
    window: tuple[date, date] | None = None
    visits: tuple[date, ...] = ()

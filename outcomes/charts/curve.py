"""The share with an event over time, as steps with their band, ticks and numbers at risk."""

import math
from dataclasses import dataclass, replace

import pandas as pd

from outcomes.charts.scales import FULL_WIDTH

HEIGHT_PX = 200
FEW_AT_RISK = 5
MOST_YEAR_TICKS = 8
MOST_STEPS = 1000
SHARES = (0, 25, 50, 75, 100)  # named on the axis [%]
LOW_SHARE = 0.25  # a curve below it leaves the bottom no room for words


@dataclass(frozen=True)
class YearTick:
    years: int
    percent: float
    at_risk: int


@dataclass(frozen=True)
class FewLeft:
    """Where fewer than five remain at risk, and the place of the words that say so."""

    percent: float
    anchor: str
    y: float


@dataclass(frozen=True)
class Curve:
    """Paths in ten-thousandths of the width and pixels of height; marks in per cent.

    ``solid`` runs while at least five remain at risk, ``faint`` after that.
    """

    height: int
    solid: str
    faint: str
    band_solid: str
    band_faint: str
    few: FewLeft | None
    censored: tuple[tuple[float, float], ...]
    ticks: tuple[YearTick, ...]
    shares: tuple[tuple[int, float], ...]


def event_curve(survival: pd.DataFrame, year_days: float) -> Curve | None:
    """The complement of a Kaplan-Meier frame; None where nobody was at risk."""
    if survival.empty:
        return None
    last_year = max(math.ceil(survival["time"].iloc[-1] / year_days), 1)
    scale = _Scale(last_year * year_days)
    few_day = _few_from_day(survival)
    whole, survival = survival, _as_drawn(survival, scale.days)
    steps = _steps(survival)
    before = [step.until(few_day) for step in steps if 0 < few_day >= step.start]
    after = [step.since(few_day) for step in steps if step.end > few_day]
    return Curve(
        height=HEIGHT_PX,
        solid=scale.line(before),
        faint=scale.line(after),
        band_solid=scale.band(before),
        band_faint=scale.band(after),
        few=None if math.isinf(few_day) else _few_left(scale.percent(few_day), after),
        censored=tuple(
            (scale.percent(row.time), scale.y(1 - row.survival))
            for row in survival.itertuples()
            if row.censored
        ),
        ticks=tuple(
            YearTick(year, scale.percent(year * year_days), _at_risk(whole, year * year_days))
            for year in range(0, last_year + 1, max(1, math.ceil(last_year / MOST_YEAR_TICKS)))
        ),
        shares=tuple((share, scale.y(share / 100)) for share in SHARES),
    )


def _as_drawn(survival: pd.DataFrame, days: float) -> pd.DataFrame:
    """Of a curve of thousands of days the last of each thousandth of the axis: nobody sees more."""
    if len(survival) <= MOST_STEPS:
        return survival
    place = (survival["time"] / days * MOST_STEPS).round()
    return survival[~place.duplicated(keep="last")]


def _few_from_day(survival: pd.DataFrame) -> float:
    """The day after which fewer than five are at risk, 0 if there never were; inf if never few.

    The last day does not count: after it the curve has ended.
    """
    left_before = [0.0, *survival["time"].iloc[:-1]]
    pairs = zip(left_before, survival["at_risk"], strict=True)
    return next((day for day, at_risk in pairs if at_risk < FEW_AT_RISK), math.inf)


def _few_left(percent: float, after: list["_Step"]) -> FewLeft:
    """Words to the right of the line where there is room; above or below the curve."""
    y = HEIGHT_PX - 8 if after[0].share > LOW_SHARE else 12
    return FewLeft(percent, "end" if percent > 55 else "start", y)


@dataclass(frozen=True)
class _Step:
    start: float
    end: float
    share: float
    low: float | None
    high: float | None

    def until(self, day: float) -> "_Step":
        return replace(self, end=min(self.end, day))

    def since(self, day: float) -> "_Step":
        return replace(self, start=max(self.start, day))


def _steps(survival: pd.DataFrame) -> list[_Step]:
    """From one time to the next the share stays; before the first time it is nothing."""
    times = [0.0, *survival["time"]]
    shares = [0.0, *(1 - survival["survival"])]
    lows = [math.nan, *(1 - survival["ci_high"])]
    highs = [math.nan, *(1 - survival["ci_low"])]
    ends = [*times[1:], times[-1]]
    return [
        _Step(start, end, share, *(None if math.isnan(v) else v for v in (low, high)))
        for start, end, share, low, high in zip(times, ends, shares, lows, highs, strict=True)
    ]


def _at_risk(survival: pd.DataFrame, day: float) -> int:
    later = survival[survival["time"] >= day]
    return 0 if later.empty else int(later["at_risk"].iloc[0])


@dataclass(frozen=True)
class _Scale:
    days: float

    def x(self, day: float) -> int:
        return round(day / self.days * FULL_WIDTH)

    def percent(self, day: float) -> float:
        return round(day / self.days * 100, 2)

    def y(self, share: float) -> float:
        return round((1 - share) * HEIGHT_PX, 1)

    def line(self, steps: list[_Step]) -> str:
        if not steps:
            return ""
        first = steps[0]
        path = [f"M{self.x(first.start)} {self.y(first.share)}"]
        path += [f"V{self.y(step.share)}H{self.x(step.end)}" for step in steps]
        return "".join(path)

    def band(self, steps: list[_Step]) -> str:
        """One rectangle per step that has an interval and a length."""
        return "".join(
            f"M{self.x(step.start)} {self.y(step.high)}H{self.x(step.end)}"
            f"V{self.y(step.low)}H{self.x(step.start)}Z"
            for step in steps
            if step.low is not None and step.high is not None and step.end > step.start
        )

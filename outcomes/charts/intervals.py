"""Proportions with their intervals on one scale from 0 to 100 %, row by row."""

import math
from dataclasses import dataclass

SQUARE_PX = (6, 14)  # a cohort of a few patients, and of fifty or more
SQUARE_PX_PER_ROOT = 2


@dataclass(frozen=True)
class Interval:
    """Where a proportion and its limits stand, in per cent of the row's width."""

    at: float
    low: float
    high: float
    square_px: float

    @property
    def offset(self) -> float:
        """From the square's middle to its edge. [px]"""
        return self.square_px / 2


def interval(proportion: float, low: float, high: float, of: int) -> Interval:
    """A row's mark; its side grows with the square root of the denominator, capped."""
    smallest, largest = SQUARE_PX
    side = min(max(smallest, math.sqrt(of) * SQUARE_PX_PER_ROOT), largest)
    return Interval(_percent(proportion), _percent(low), _percent(high), round(side, 1))


def _percent(share: float) -> float:
    return round(share * 100, 2)

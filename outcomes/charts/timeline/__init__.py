"""The course of one patient's disease and treatment on one time axis.

What is to be shown comes in as `Course`, what is to be drawn leaves as `Timeline`. Wide screens get
lane names left of the plot; phones, tablets and paper get them above each lane, and events by
number.
"""

from outcomes.charts.timeline.course import (
    Course,
    DoseStep,
    Event,
    InfusionDay,
    Landmark,
    Lane,
    Observation,
    Series,
    Stretch,
)
from outcomes.charts.timeline.drawing import Timeline
from outcomes.charts.timeline.figure import timeline
from outcomes.charts.timeline.layout import NARROW, WIDE, Layout

__all__ = [
    "NARROW",
    "WIDE",
    "Course",
    "DoseStep",
    "Event",
    "InfusionDay",
    "Landmark",
    "Lane",
    "Layout",
    "Observation",
    "Series",
    "Stretch",
    "Timeline",
    "timeline",
]

"""What is possible of a nerve conduction study, but seldom right; as `unusual`.

Pure functions of one segment and of the study before, so that form, API and import ask the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import labels
from .calendar import day_text
from .unusual import Unusual, UnusualCode, plain
from .vocabulary import SegmentExclusion, StimulationSite

Segment = tuple[str, str, str, str]  # nerve, side, distal and proximal site

# The largest responses of a hand muscle are some 20 mV.
SELDOM_AMPLITUDE_MV = 25
MICROVOLTS_PER_MV = 1000
# A response does not grow on the way to the electrode, except by what the next nerve adds.
PROXIMAL_FACTOR = Decimal("1.25")
PROXIMAL_MORE = {"amplitude": 1, "area": 3}  # mV, mV·ms: small responses vary
SELDOM_DURATION_MS = (2, 25)
# The area of a peak lies within its height × its width, whatever its shape.
AREA_TOLERANCE = Decimal("1.05")
SELDOM_DISTANCE_MM = (10, 600)
SHORTEST_LONG_MM = 100
SELDOM_LIMIT_MV = (Decimal("0.2"), 15)
MM_PER_CM = 10

_ELBOW = {StimulationSite.BELOW_ELBOW, StimulationSite.ELBOW, StimulationSite.ABOVE_ELBOW}
_KNEE = {
    StimulationSite.FIBULAR_HEAD_BELOW,
    StimulationSite.FIBULAR_HEAD_ABOVE,
    StimulationSite.POPLITEAL_FOSSA,
}
# Between these lies a forearm at least, or a lower leg.
LONG_SEGMENTS = frozenset(
    {
        *((StimulationSite.WRIST, elbow) for elbow in _ELBOW),
        *((StimulationSite.ANKLE, knee) for knee in _KNEE),
        (StimulationSite.WRIST, StimulationSite.AXILLA),
        (StimulationSite.WRIST, StimulationSite.ERB),
    }
)
# They explain a response that grows.
EXPLAINED = (SegmentExclusion.ANASTOMOSIS, SegmentExclusion.SUBMAXIMAL)


@dataclass(frozen=True)
class Measured:
    """The numbers of one segment, by the names that its inputs have."""

    distal_amplitude: Decimal | None = None
    proximal_amplitude: Decimal | None = None
    distal_area: Decimal | None = None
    proximal_area: Decimal | None = None
    distal_duration: Decimal | None = None
    proximal_duration: Decimal | None = None
    distance: Decimal | None = None
    lower_limit: Decimal | None = None
    excluded: str = ""


@dataclass(frozen=True)
class StudyBefore:
    """The last study before a day, as far as a form shows or asks about it."""

    studied_on: date | None = None
    segments: Mapping[Segment, Measured] | None = None

    def of(self, segment: Segment) -> Measured:
        return (self.segments or {}).get(segment, Measured())


SITES = ("distal", "proximal")
AT_SITE = {"distal": gettext_lazy("distal"), "proximal": gettext_lazy("proximal")}


def segment_input(name: str, segment: Segment) -> str:
    """What a value of a segment is called in forms, questions and confirmations."""
    return "-".join((name, *segment))


def segment_name(segment: Segment) -> str:
    """“Right median nerve, wrist–elbow”."""
    nerve, side, distal, proximal = segment
    return _("%(side)s %(nerve)s nerve, %(distal)s–%(proximal)s") % {
        "side": capfirst(str(labels.SIDE[side])),
        "nerve": labels.NERVE[nerve],
        "distal": labels.SITE[distal],
        "proximal": labels.SITE[proximal],
    }


def unusual_in_study(
    segments: Mapping[Segment, Measured], before: StudyBefore = StudyBefore()
) -> list[Unusual]:
    """All questions that the segments of a study raise."""
    return [
        asked
        for segment, measured in segments.items()
        for asked in unusual_segment(segment, measured, before)
    ]


def unusual_segment(
    segment: Segment, measured: Measured, before: StudyBefore = StudyBefore()
) -> Iterator[Unusual]:
    yield from _amplitudes(segment, measured, before)
    if measured.excluded not in EXPLAINED:
        yield from _growing(segment, measured)
    yield from _durations(segment, measured)
    yield from _areas(segment, measured)
    yield from _distance(segment, measured)
    if measured.lower_limit is not None:
        name = segment_input("lower_limit", segment)
        yield from unusual_limit(measured.lower_limit, name)


def unusual_limit(limit_mv: Decimal, name: str = "distal_amplitude_lln_mv") -> Iterator[Unusual]:
    """A lower limit of normal that no laboratory works with."""
    low, high = SELDOM_LIMIT_MV
    if not low <= limit_mv <= high:
        sentence = _(
            "%(value)s mV is seldom the lower limit of a distal amplitude. Is the unit right?"
        )
        value = plain(limit_mv)
        yield Unusual(UnusualCode.SELDOM_LIMIT, name, value, sentence % {"value": value})


def _amplitudes(segment: Segment, measured: Measured, before: StudyBefore) -> Iterator[Unusual]:
    """More than a muscle gives, or a thousand times what it was: microvolts, perhaps."""
    for site in SITES:
        name = f"{site}_amplitude"
        amplitude, last = getattr(measured, name), getattr(before.of(segment), name)
        if amplitude is None:
            continue
        is_large = amplitude > SELDOM_AMPLITUDE_MV
        if not is_large and not (last and amplitude >= MICROVOLTS_PER_MV * last):
            continue
        value, in_mv = plain(amplitude), plain(amplitude / MICROVOLTS_PER_MV)
        if is_large:
            said = _("%(segment)s: a %(site)s amplitude of %(value)s mV is seldom.")
        else:
            said = _(
                "%(segment)s: the %(site)s amplitude is %(value)s mV and was %(last)s mV on "
                "%(day)s."
            )
        params = {
            "segment": segment_name(segment),
            "site": AT_SITE[site],
            "value": value,
            "last": plain(last) if last else "",
            "day": day_text(before.studied_on) if before.studied_on else "",
        }
        asked = _("Was it %(value)s µV, which is %(mv)s mV?") % {"value": value, "mv": in_mv}
        sentence = f"{said % params} {asked}"
        code = UnusualCode.PERHAPS_MICROVOLTS
        yield Unusual(code, segment_input(name, segment), value, sentence, in_mv)


def _growing(segment: Segment, measured: Measured) -> Iterator[Unusual]:
    """A proximal response much larger than the distal one."""
    words = {
        "amplitude": _(
            "%(segment)s: the proximal amplitude, %(proximal)s mV, is larger than the distal one, "
            "%(distal)s mV. Are they swapped, or was the distal stimulus too weak?"
        ),
        "area": _(
            "%(segment)s: the proximal area, %(proximal)s mV·ms, is larger than the distal one, "
            "%(distal)s mV·ms. Are they swapped, or was the distal stimulus too weak?"
        ),
    }
    for quantity, sentence in words.items():
        distal, proximal = (getattr(measured, f"{site}_{quantity}") for site in SITES)
        if distal is None or proximal is None or proximal - distal < PROXIMAL_MORE[quantity]:
            continue
        if proximal > PROXIMAL_FACTOR * distal:
            params = {
                "segment": segment_name(segment),
                "proximal": plain(proximal),
                "distal": plain(distal),
            }
            name = segment_input(f"proximal_{quantity}", segment)
            code = UnusualCode.PROXIMAL_LARGER
            yield Unusual(code, name, plain(proximal), sentence % params)


def _durations(segment: Segment, measured: Measured) -> Iterator[Unusual]:
    low, high = SELDOM_DURATION_MS
    for site in SITES:
        duration = getattr(measured, f"{site}_duration")
        if duration and not low <= duration <= high:
            sentence = _(
                "%(segment)s: a %(site)s duration of %(value)s ms is seldom that of a negative "
                "peak. Is it a latency, or another unit?"
            )
            params = {
                "segment": segment_name(segment),
                "site": AT_SITE[site],
                "value": plain(duration),
            }
            name = segment_input(f"{site}_duration", segment)
            code = UnusualCode.SELDOM_DURATION
            yield Unusual(code, name, plain(duration), sentence % params)


def _areas(segment: Segment, measured: Measured) -> Iterator[Unusual]:
    """An area larger than the box around its peak."""
    for site in SITES:
        amplitude, area, duration = (
            getattr(measured, f"{site}_{quantity}")
            for quantity in ("amplitude", "area", "duration")
        )
        if not area or amplitude is None or duration is None:
            continue
        if area > AREA_TOLERANCE * amplitude * duration:
            sentence = _(
                "%(segment)s: a %(site)s area of %(value)s mV·ms does not fit into %(amplitude)s "
                "mV over %(duration)s ms. Which of them is in another unit?"
            )
            params = {
                "segment": segment_name(segment),
                "site": AT_SITE[site],
                "value": plain(area),
                "amplitude": plain(amplitude),
                "duration": plain(duration),
            }
            name = segment_input(f"{site}_area", segment)
            code = UnusualCode.AREA_DOES_NOT_FIT
            yield Unusual(code, name, plain(area), sentence % params)


def _distance(segment: Segment, measured: Measured) -> Iterator[Unusual]:
    """Outside what lies between two sites; centimetres where those would fit."""
    distance = measured.distance
    if distance is None:
        return
    low, high = SELDOM_DISTANCE_MM
    shortest = SHORTEST_LONG_MM if segment[2:] in LONG_SEGMENTS else low
    if shortest <= distance <= high:
        return
    value, in_mm = plain(distance), distance * MM_PER_CM
    said = _("%(segment)s: a distance of %(value)s mm is seldom.") % {
        "segment": segment_name(segment),
        "value": value,
    }
    fits = shortest <= in_mm <= high
    asked = _("Was it %(value)s cm?") % {"value": value} if fits else _("Is that right?")
    name, code = segment_input("distance", segment), UnusualCode.SELDOM_DISTANCE
    yield Unusual(code, name, value, f"{said} {asked}", plain(in_mm) if fits else "")

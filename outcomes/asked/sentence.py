"""A cohort that was asked for, as one sentence."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.asked.bounds import span_text
from outcomes.asked.words import WORDS
from outcomes.days import format_date
from outcomes.derivation.criteria import NAIVE_SC, PRIMARY, SECONDARY, UNTREATED, Criteria, asked


def sentence(
    criteria: Criteria, as_of: date, *, centre: str, centres: Sequence[str], others: str = ""
) -> str:
    """Naive patients of SALP, included since 2018, as of 1 Mar 2026."""
    parts = [_head(criteria, centre, centres), *_parts(criteria)]
    if others:
        parts.append(others)
    parts.append(_("as of %(day)s") % {"day": format_date(as_of, "j M Y")})
    return ", ".join(parts)


def _head(criteria: Criteria, centre: str, centres: Sequence[str]) -> str:
    who = _who(criteria.history)
    if centre:
        return _("%(who)s of %(centre)s") % {"who": who, "centre": centre}
    if len(centres) == 1:
        return _("%(who)s of %(centre)s") % {"who": who, "centre": centres[0]}
    return ngettext("%(who)s of %(n)s centre", "%(who)s of %(n)s centres", len(centres)) % {
        "who": who,
        "n": len(centres),
    }


def _who(history: str) -> str:
    return {
        "": _("Patients"),
        "naive": _("Naive patients"),
        "pretreated": _("Pretreated patients"),
        "unknown": _("Patients of unknown treatment history"),
        PRIMARY: _("Naive patients first treated by IV or not at all"),
        NAIVE_SC: _("Naive patients first treated by SC"),
        SECONDARY: _("Patients outside the primary table"),
    }[history]


def _parts(criteria: Criteria) -> Iterator[str]:
    for name in asked(criteria):
        if name in _SAID:
            yield _SAID[name](criteria)


def _word(name: str, criteria: Criteria) -> str:
    return str(WORDS[name][getattr(criteria, name)])


def _route(criteria: Criteria) -> str:
    if criteria.route == UNTREATED:
        return _("without an infusion")
    return _("first treated by %(route)s") % {"route": criteria.route}


_SAID: dict[str, Callable[[Criteria], str]] = {
    "diagnosis": lambda c: _("diagnosis %(word)s") % {"word": _word("diagnosis", c)},
    "onset": lambda c: _("onset %(when)s") % {"when": span_text(c.onset_from, c.onset_to)},
    "included": lambda c: (
        _("included %(when)s") % {"when": span_text(c.included_from, c.included_to)}
    ),
    "treated": lambda c: (
        _("first treated %(when)s") % {"when": span_text(c.treated_from, c.treated_to)}
    ),
    "route": _route,
    "product": lambda c: _("who had %(product)s") % {"product": c.product},
    "sex": lambda c: _word("sex", c),
    "antibody": lambda c: _("anti-GM1 IgM %(word)s") % {"word": _word("antibody", c)},
    "response": lambda c: _("response at month 6: %(word)s") % {"word": _word("response", c)},
    "group": lambda c: _("long term: %(word)s") % {"word": _word("group", c)},
    "status": lambda c: _("long-term status: %(word)s") % {"word": _word("status", c)},
    "blocks": lambda c: _("blocks: %(word)s") % {"word": _word("blocks", c)},
    "dose": lambda c: _("dose: %(word)s") % {"word": _word("dose", c)},
    "missing": lambda c: _("lacking %(word)s") % {"word": _word("missing", c)},
}

"""What a saved record changed, or one that is only typed so far would change."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from outcomes.cards import OutcomeCard, result_cards
from outcomes.dashboards.patient import PatientDashboard


@dataclass(frozen=True)
class Change:
    """An outcome that is another one now, with its sentence."""

    label: str
    before: str
    value: str
    mark: str
    sentence: str
    rule: str

    def __str__(self):
        return _("%(label)s is now %(value)s. %(sentence)s") % {
            "label": self.label,
            "value": self.value,
            "sentence": self.sentence,
        }


def changes(before: PatientDashboard | None, after: PatientDashboard | None) -> tuple[Change, ...]:
    """Outcomes whose value or reason is another one; all of them where there was nothing before."""
    if after is None:
        return ()
    earlier = {card.key: card for card in result_cards(before)} if before else {}
    return tuple(
        _change(earlier.get(card.key), card)
        for card in result_cards(after)
        if _result(earlier.get(card.key)) != _result(card)
    )


def _result(card: OutcomeCard | None) -> tuple[str, str] | None:
    return (card.value, card.why.code) if card else None


def _change(before: OutcomeCard | None, after: OutcomeCard) -> Change:
    return Change(
        label=after.label,
        before=before.value if before else "",
        value=after.value,
        mark=after.mark,
        sentence=after.sentence,
        rule=after.rule,
    )

from datetime import timedelta

from django.conf import settings

from mmn_registry.chores import Chore

from . import anchors
from .sealing import seal


def anchor() -> None:
    """What is sealed by now, outside of the database."""
    seal()
    end = anchors.last_anchor()
    if end is not None:
        anchors.append(end, settings.ANCHOR_FILE)


CHORES = [
    Chore("seal the trail", timedelta(minutes=1), seal),
    Chore("anchor the trail", timedelta(minutes=15), anchor),
]

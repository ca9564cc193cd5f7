"""How long a session lasts: half an hour without activity, ten hours in all.

The times stand in the session itself. What a page does in the background, such as saving a draft,
is no activity: nobody need be sitting there.
"""

import time
from datetime import timedelta

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
WARNING = timedelta(minutes=2)
# The session is written at most so often; somebody idle may be signed out that much earlier.
NOTED_EVERY = timedelta(seconds=60)

SIGNED_IN_AT = "signed_in_at"
ACTIVE_AT = "active_at"
BACKGROUND_HEADER = "MMN-Background"


def begin(session) -> None:
    """Somebody has just signed in."""
    session[SIGNED_IN_AT] = session[ACTIVE_AT] = time.time()


def note_activity(session) -> None:
    now = time.time()
    if SIGNED_IN_AT not in session:
        begin(session)
    elif now - session[ACTIVE_AT] > NOTED_EVERY.total_seconds():
        session[ACTIVE_AT] = now


def extend(session) -> None:
    """Somebody has said that they are still there."""
    session[ACTIVE_AT] = time.time()


def seconds_left(session) -> int:
    """Until it ends, if nothing happens."""
    if SIGNED_IN_AT not in session:
        return int(IDLE.total_seconds())
    ends_at = min(
        session[ACTIVE_AT] + IDLE.total_seconds(), session[SIGNED_IN_AT] + LONGEST.total_seconds()
    )
    return int(ends_at - time.time())


def can_be_extended(session) -> bool:
    """Whether activity would still make it longer: not in its last minutes of ten hours."""
    ends_at = session.get(SIGNED_IN_AT, time.time()) + LONGEST.total_seconds()
    return ends_at - time.time() > seconds_left(session) + 1


def background(view):
    """Mark a view whose requests are no activity, whoever sends them."""
    view.is_background = True
    return view


def is_background(request, view=None) -> bool:
    return BACKGROUND_HEADER in request.headers or getattr(view, "is_background", False)

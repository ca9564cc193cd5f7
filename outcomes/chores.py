from datetime import time, timedelta

from mmn_registry.chores import Chore, Nightly

from .freshness import refresh

CHORES = [
    # A reader derives what was asked for and is stale; this spares it most of that.
    Chore("derive what was recorded", timedelta(seconds=1), refresh),
    # The command itself knows which day it is; one that was missed comes again in a month.
    Nightly("tell coordinators what is open", time(5), ("send_digest",), lambda: False),
]

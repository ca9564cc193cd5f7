from datetime import timedelta

from mmn_registry.chores import Chore

from .idempotency import forget_old

# They hold what was recorded, for those who lost an answer on its way.
CHORES = [Chore("forget old answers to programs", timedelta(hours=1), forget_old)]

from datetime import time

from mmn_registry.chores import Nightly

# The command itself knows which day it is; one that was missed comes again in a month.
CHORES = [Nightly("tell coordinators what is open", time(5), ("send_digest",), lambda: False)]

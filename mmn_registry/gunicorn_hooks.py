"""gunicorn's own: each web process has a small number, under which its figures are kept.

By default they are kept under the number of the process, in files that stay when it has ended: a
server that renews its processes would fill the disk with them. The next one goes on with the file
of the one before.
"""

import os

_slots: dict[int, int] = {}  # of living processes, by their age


def pre_fork(server, worker):
    living = {each.age for each in server.WORKERS.values()}
    for age in set(_slots) - living:
        del _slots[age]
    taken = set(_slots.values())
    _slots[worker.age] = next(number for number in range(len(taken) + 1) if number not in taken)


def post_fork(_server, worker):
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import values  # noqa: PLC0415 — reads the variable when imported

        slot = _slots[worker.age]
        values.ValueClass = values.MultiProcessValue(lambda: slot)

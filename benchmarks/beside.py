"""What goes on in processes of their own while something is measured.

Nothing of Django is imported before it is set up there.
"""

import time
from multiprocessing.connection import Connection

SAVES_PER_SECOND = 20
SECONDS_BETWEEN_REFRESHES = 1  # the worker's chore


def serve(database: str, port: int) -> None:
    """The registry's own web server."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    from benchmarks.database import connected_to  # noqa: PLC0415
    from mmn_registry.web_server import WebServer, listen  # noqa: PLC0415

    with connected_to(database), listen(port) as listener:
        server = WebServer(get_wsgi_application(), listener)
        server.start()
        server.wait()


def save(database: str, asked: Connection) -> None:
    """Record visits until somebody asks how many they were."""
    import django  # noqa: PLC0415

    django.setup()
    from benchmarks.database import connected_to  # noqa: PLC0415
    from benchmarks.saving import Recorder  # noqa: PLC0415
    from mmn_registry import principal  # noqa: PLC0415

    with connected_to(database), principal.in_force(principal.operator("benchmarks")):
        recorder = Recorder()
        recorder.patient()
        asked.send("begun")
        began, saves = time.monotonic(), 0
        while not asked.poll(max(0.0, began + saves / SAVES_PER_SECOND - time.monotonic())):
            recorder.patient()
            saves += 1
        asked.send((began, time.monotonic(), saves))


def derive(database: str, asked: Connection) -> None:
    """What the worker of a registry in service does beside its web server, until told to end."""
    import django  # noqa: PLC0415

    django.setup()
    from benchmarks.database import connected_to  # noqa: PLC0415
    from outcomes.freshness import refresh  # noqa: PLC0415

    with connected_to(database):
        refresh()
        asked.send("begun")
        while not asked.poll(SECONDS_BETWEEN_REFRESHES):
            refresh()
        asked.send("ended")

import http.client
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connections

from mmn_registry import birth, env, principal
from mmn_registry.collected import collect_static_files
from mmn_registry.demo_data import loading as demo_data
from mmn_registry.management.utility import migrate_if_behind
from mmn_registry.models import Birth
from mmn_registry.postgres import embedded
from mmn_registry.postgres.processes import die_with_parent
from mmn_registry.web_server import PortTaken, WebServer, listen

SLOWEST_FIRST_PAGE_SECONDS = 60


class Command(BaseCommand):
    help = "Serve the registry with two demonstration centres, on this machine alone."
    requires_system_checks = []  # `make check` runs them; the first page should not wait

    def add_arguments(self, parser):
        default = os.environ.get("PORT") or "8000"
        parser.add_argument("--port", type=int, default=default, help="default: PORT, or 8000")

    def handle(self, *, port, **options):
        if os.environ.get("MMN_ENDS_WITH_MAKE"):
            die_with_parent(signal.SIGTERM, os.getppid())
        try:
            listener = listen(port)
        except PortTaken as problem:
            raise CommandError(str(problem)) from None
        with listener, _passwords_alone():
            self._prepare()
            self._serve(listener, port)

    def _prepare(self):
        try:
            self._fill()
        except KeyboardInterrupt:
            raise CommandError("Stopped while preparing; `make demo` begins again.") from None

    def _fill(self):
        if settings.PRODUCTION:
            raise CommandError("MMN_PRODUCTION is set: a registry in service shows no demo data.")
        _import_pages_while_the_server_starts()
        migrate_if_behind()
        if birth.born_as() != Birth.Kind.DEMO:
            raise CommandError(
                "This database was born a registry: demo data do not load into it. "
                "Unset DATABASE_URL, or name an empty database and set MMN_BORN=demo."
            )
        collect_static_files(Path(settings.STATIC_ROOT))
        # Not the web server, which acts for whoever signs in.
        with principal.in_force(principal.operator("demo")):
            demo_data.load_once(tell=self._tell)

    def _serve(self, listener, port):
        application = get_wsgi_application()
        connections.close_all()  # a child must not share them
        server = WebServer(application, listener)
        server.start()
        if _answers(port):
            self._tell(_welcome(port))
        server.wait()
        if not server.finishing:
            raise CommandError("The web server ended by itself; its last lines are above.")
        self._tell("Stopped. What was recorded is kept: `make demo` goes on with it.")

    def _tell(self, text):
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _passwords_alone() -> Iterator[None]:
    """What is printed opens every page in any browser, unless the environment says otherwise."""
    before, settings.SECOND_FACTOR = settings.SECOND_FACTOR, env.flag("MMN_SECOND_FACTOR")
    try:
        yield
    finally:
        settings.SECOND_FACTOR = before


def _import_pages_while_the_server_starts() -> None:
    """The pages need a second of pandas and scipy; once, here, before the web server forks."""
    with ThreadPoolExecutor(max_workers=1) as aside:
        server = aside.submit(embedded.ensure_running) if settings.EMBEDDED else None
        import_module(settings.ROOT_URLCONF)
        if server:
            server.result()


def _answers(port: int) -> bool:
    """Wait for the first page; False if the server ended before it came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLOWEST_FIRST_PAGE_SECONDS)
    try:
        connection.request("GET", settings.LOGIN_URL)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _welcome(port: int) -> str:
    people = "\n".join(f"  {person.email:<28} {person.sees}" for person in demo_data.PEOPLE)
    return (
        f"\nThe registry is at http://localhost:{port}\n\nSign in as\n{people}\n"
        f"with the password {demo_data.PASSWORD}\n\nCtrl-C stops it.\n"
    )

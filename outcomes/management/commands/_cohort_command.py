import re
from datetime import date

from django.core.management import CommandError

from mmn_registry.accounts.models import Centre
from mmn_registry.audit.notes import note, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.operating import OperatorCommand
from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import Records
from outcomes.selectors import load_records
from patients.calendar import registry_today
from patients.models import Patient


class CohortCommand(OperatorCommand):
    """Prints something of a whole cohort or of one centre, as of a day."""

    formats: tuple[str, ...]  # the first one is the default
    requires_system_checks = []  # it reads, and should answer at once

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=self.formats, default=self.formats[0])
        parser.add_argument(
            "--as-of", metavar="DATE", help="what was known on this day (default: today)"
        )
        parser.add_argument(
            "--centre", metavar="CODE", help="patients of one centre (default: all)"
        )

    def handle(self, **options):
        as_of, centre = _day(options["as_of"]), _centre(options["centre"])
        with noted_snapshot():
            records = load_records(_patients(centre))
            note_reading(centre, rows=len(records.patients))
        outcomes = derive(records, as_of)
        self.stdout.write(self.print(options["format"], records, outcomes), ending="")

    def print(self, style: str, records: Records, outcomes: Outcomes) -> str:
        raise NotImplementedError


def _day(text: str | None) -> date:
    if text is None:
        return registry_today()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CommandError(f"“{text}” is not a day. Write the year, month and day like 2008-12-31.")


def note_reading(centre: Centre | None = None, *, rows: int | None = None) -> None:
    """An operator reads the records of a centre, or of all: so many patients, if it is known."""
    note(EntryKind.READ, route="outcomes", centre_id=centre and centre.pk, rows=rows)


def _patients(centre: Centre | None):
    return Patient.objects.filter(centre=centre) if centre else Patient.objects.all()


def _centre(code: str | None) -> Centre | None:
    if code is None:
        return None
    if centre := Centre.objects.filter(code=code).first():
        return centre
    known = ", ".join(Centre.objects.order_by("code").values_list("code", flat=True))
    remedy = f"There are {known}." if known else "There are none yet: load a bundle first."
    raise CommandError(f"There is no centre “{code}”. {remedy}")

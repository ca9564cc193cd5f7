from django.core.management import CommandError

from mmn_registry.operating import OperatorCommand
from outcomes import freshness

from ._cohort_command import note_reading


class Command(OperatorCommand):
    help = "Derive all outcomes again, compare them with those that are kept, and name who differs."

    def handle(self, **options):
        note_reading()
        found = 0
        for drift in freshness.drifts(tell=self._tell):
            found += 1
            self.stdout.write(f"{drift.study_id}: {', '.join(drift.columns) or 'has no true row'}")
        if found:
            raise CommandError(
                f"The outcomes of {found} patients are not what their records say. "
                "Run `manage.py rebuild_outcomes`."
            )
        self.stdout.write("The outcomes of every patient are what the records say.")

    def _tell(self, done: int, of: int) -> None:
        self.stderr.write(f"{done} of {of} patients compared")

from mmn_registry.operating import OperatorCommand
from outcomes import freshness

from ._cohort_command import note_reading


class Command(OperatorCommand):
    help = (
        "Derive the outcomes of every patient again, as after a change of the rules. "
        "Broken off, it goes on where it was with --continue; readers need not wait for it."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--continue",
            action="store_true",
            dest="goes_on",
            help="derive only what was left when it was broken off",
        )

    def handle(self, *, goes_on, **options):
        work = freshness.refresh if goes_on else freshness.rebuild
        note_reading()
        work(tell=self._tell)
        self.stdout.write("All outcomes are as the records and the rules say.")

    def _tell(self, done: int, of: int) -> None:
        self.stdout.write(f"{done} of {of} patients derived")
        self.stdout.flush()

from django.utils import timezone

from mmn_registry.accounts.mail import send
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.selectors import coordinators_of
from mmn_registry.operating import OperatorCommand
from outcomes.digest import centre_digest, digest_mail
from patients.calendar import registry_today

from ._cohort_command import note_reading


class Command(OperatorCommand):
    help = (
        "On the first day of a month, tell each coordinator by mail how much is open at the "
        "centres: numbers, and nobody's data."
    )

    def add_arguments(self, parser):
        parser.add_argument("--now", action="store_true", help="whatever day it is")

    def handle(self, *, now, **options):
        today = registry_today()
        if today.day != 1 and not now:
            self.stdout.write("Digests are sent on the first day of a month; --now sends them now.")
            return
        note_reading()
        mails: dict = {}
        # Of a centre whose data are closed nothing is open.
        for centre in Centre.objects.filter(data_closed_on__isnull=True):
            people = list(coordinators_of(centre))
            if people:
                digest = centre_digest(centre, today)
                for person in people:
                    mails.setdefault(person, []).append(digest)
        written = [
            mail for person, digests in mails.items() if (mail := digest_mail(person, digests))
        ]
        sent = sum(map(send, written))
        self.stdout.write(f"{sent} of {len(written)} mails were sent, {timezone.now():%d %b %Y}.")

"""What happens to a visit beside its own page."""

from django.utils.translation import gettext as _

from patients.actions import void_visit
from patients.models import Visit
from patients.selectors import Examination, get_examination
from patients.views.voiding import VoidPage


class VisitVoid(VoidPage):
    model = Visit
    name = "visit"

    def read(self) -> Examination | None:
        return get_examination(self.record)

    def void(self, *, as_read: str, reason: str) -> None:
        void_visit(self.record, as_read=as_read, by=self.request.user, reason=reason)

    def what_goes(self, stored: Examination) -> str:
        return _(
            "It has %(grades)s grades, %(grips)s grip values and %(findings)s findings of that "
            "day. None of them counts any more; all of them can still be read in the history, "
            "with your name and reason."
        ) % {
            "grades": len(stored.muscle_scores),
            "grips": len(stored.grip_strengths),
            "findings": len(stored.findings),
        }

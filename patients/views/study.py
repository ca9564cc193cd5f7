"""What happens to a nerve conduction study beside its own page."""

from django.utils.translation import ngettext

from patients.models import NerveConductionStudy
from patients.selectors import Whole
from patients.views.voiding import VoidPage


class StudyVoid(VoidPage):
    model = NerveConductionStudy
    name = "nerve_conduction_study"

    def what_goes(self, stored: Whole) -> str:
        (segments,) = stored.parts
        return ngettext(
            "It has %(n)s segment, which does not count any more. It can still be read in the "
            "history, with your name and reason.",
            "It has %(n)s segments, none of which counts any more. They can still be read in the "
            "history, with your name and reason.",
            len(segments),
        ) % {"n": len(segments)}

"""Freezing a cohort, issuing a cut anew without somebody, and asking its question again."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.models import Centre
from outcomes.asked.cohort import AskedCohort
from outcomes.cuts.compare import CLASSES, Comparison, compare
from outcomes.cuts.files import digest, outcome_rows, without_patients
from outcomes.derivation.rules import RULES
from outcomes.exports.asked import Wanted
from outcomes.exports.export import export
from outcomes.models import FrozenCut

# A cut is kept whole in the database, and read whole.
MOST_PATIENTS = 5_000
_WITHOUT_CONTENT = [f.name for f in FrozenCut._meta.concrete_fields if f.name != "content"]


def list_cuts(centres: Iterable[Centre]) -> QuerySet[FrozenCut]:
    """Cuts of these centres and no others, the latest first, without their content."""
    known = [centre.pk for centre in centres]
    cuts = FrozenCut.objects.filter(centre_ids__contained_by=known)
    return cuts.only(*_WITHOUT_CONTENT).select_related("made_by").order_by("-made_at")


def freeze(asked: AskedCohort, cut: FrozenCut, *, coarse: frozenset[str], route: str, by):
    """Keep what an export of the cohort holds now, every table of it, under a clean cut's name."""
    exported = export(asked, Wanted(), coarse=coarse, route=route)
    with exported.file as file:
        content = file.read()
    cut.made_by = by
    cut.as_of, cut.query, cut.sentence = asked.day, asked.address, asked.sentence
    cut.rule_id = RULES.rule_id
    cut.centre_ids = list(
        Centre.objects.filter(code__in=asked.centres).order_by("code").values_list("pk", flat=True)
    )
    cut.is_coarse = bool(coarse)
    return _keep(cut, content, verb="froze a cohort")


def reissue(cut: FrozenCut, *, by) -> FrozenCut:
    """The same cut without those who withdrew from research since; the old one is sealed."""
    gone = withdrawn_of(cut)
    content = without_patients(bytes(cut.content), gone, replaces=cut.sha256)
    anew = FrozenCut(
        **{
            field.attname: getattr(cut, field.attname)
            for field in FrozenCut._meta.concrete_fields
            if field.name in ("name", "as_of", "query", "sentence", "rule_id", "centre_ids")
            or field.name == "is_coarse"
        },
        made_by=by,
        replaces=cut,
    )
    with acting(by, "issued a cut anew"):
        _keep(anew, content, verb="issued a cut anew")
        FrozenCut.objects.filter(pk=cut.pk, sealed_at__isnull=True).update(sealed_at=Now())
    return anew


def _keep(cut: FrozenCut, content: bytes, *, verb: str) -> FrozenCut:
    cut.content, cut.sha256 = content, digest(content)
    cut.patients = len(outcome_rows(content))
    with acting(cut.made_by, verb):
        cut.save(force_insert=True)
    return cut


def withdrawn_of(cut: FrozenCut) -> list[str]:
    """Study ids in a cut whose patients have withdrawn from research since."""
    known = list(outcome_rows(bytes(cut.content)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT study_id FROM registry_withdrawn(%s) AS study_id", [known])
        return [study_id for (study_id,) in cursor.fetchall()]


def compare_with_today(cut: FrozenCut, asked: AskedCohort) -> Comparison:
    """The cut beside what its question finds now; ``asked`` is that question, asked today."""
    rows = asked.load(CLASSES).cohort.rows[list(CLASSES)].astype(object)
    now = rows.where(rows.notna(), "").to_dict("index")
    return compare(outcome_rows(bytes(cut.content)), now)

"""Reports as PDF: tagged, on the right number of pages, with the numbers of the pages in them."""

import io
from datetime import date

import pypdf
import pytest
from django.urls import reverse

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.audit.models import Entry
from mmn_registry.bundle import load_bundle
from outcomes.dashboards.patient import patient_dashboard
from outcomes.reports.engine import pdf
from outcomes.reports.patient import patient_report
from patients.models import Patient
from tests.outcomes.canaries import given_away, somebody, store_canary
from tests.outcomes.pages import LEGER
from tests.outcomes.stories import close_data, neurologist, store_patient

pytestmark = pytest.mark.django_db
AS_OF = date(2021, 6, 1)
MARKUP = '*bold* #panic(0) $x$ @ref <label> #read("/etc/passwd") _em_ = head \\ ` // no'


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def text_of(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def tags(reader: pypdf.PdfReader) -> set[str]:
    """Every kind of element in the tree of structure."""
    found, waiting = set(), [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            found |= {str(node["/S"])} if "/S" in node else set()
            waiting.extend([node["/K"]] if "/K" in node else [])
    return found


def test_the_cohort_of_2008_is_a_tagged_report_with_its_methods(client, monkeypatch):
    monkeypatch.setattr("outcomes.reports.document.born_as", lambda: "registry")
    load_bundle(LEGER)
    close_data("SALP", date(2008, 12, 31))
    client.force_login(neurologist("SALP"))
    answer = client.get(reverse("outcomes:report_pdf"))
    reader = read(answer.content)
    text = text_of(reader)

    for words in (
        "Patients of SALP, as of 31 Dec 2008",
        "14 of 20 evaluable patients of the primary table responded: 70 % (95 % CI 46–88)",
        "at least 1 MRC point in at least 2 muscles",
        "days 122 to 243",
        "exact 95 % intervals (Clopper-Pearson)",
        "8/37",
        "25/37",
        "mmn-outcomes 1, EFNS/PNS 2010",
        "For follow-up and research, not for treatment decisions",
        "2.2 ± 2.0 years",
    ):
        assert words in text
    assert "DEMONSTRATION DATA" not in text
    root = reader.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == "en"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert tags(reader) >= {"/Table", "/TR", "/TH", "/TD", "/Figure", "/Caption", "/P"}
    assert reader.metadata.title.startswith("Cohort report")


def test_a_patient_is_one_page_named_by_study_id_alone(client, tmp_path, monkeypatch):
    monkeypatch.setattr("outcomes.reports.document.born_as", lambda: "demo")
    many = [f"P-1 | 20{20 + n // 12}-{n % 12 + 1:02}-20 | reduction | failed" for n in range(17)]
    reactions = [f"P-1 | 2020-{n:02}-16 | headache | mild | no" for n in range(1, 13)]
    store_patient(
        tmp_path,
        dose_attempts="\n".join(["study_id | attempted_on | kind | outcome", *many]),
        adverse_reactions="\n".join(
            ["study_id | occurred_on | reaction | severity | serious", *reactions]
        ),
    )
    client.force_login(neurologist("C1"))
    answer = client.get(reverse("patients:summary_pdf", args=["P-1"]), {"as_of": "2021-06-01"})
    reader = read(answer.content)
    text = text_of(reader)

    assert len(reader.pages) == 1
    for words in (
        "DEMONSTRATION DATA",
        "Patient P-1",
        "2 of 2 improvable muscles gained a point",
        "Weekly dose at the last contact",
        "11 earlier are not shown.",
        "Yearly review, due on 20 Jan 2022.",
    ):
        assert words in text
    note = Entry.objects.get(kind="export")
    assert (note.route, note.rows) == ("patients:summary_pdf", 1)


def test_what_somebody_typed_is_set_as_it_is(tmp_path):
    store_patient(tmp_path)
    Centre.objects.update(name=MARKUP)
    report = patient_report(patient_dashboard(Patient.objects.get(), AS_OF))

    text = text_of(read(pdf("patient", report)))

    assert MARKUP in text


def test_who_reads_for_research_is_told_months(client, tmp_path):
    store_canary(tmp_path / "bundle")
    client.force_login(somebody(Role.STATISTICIAN))
    for address in (
        reverse("patients:summary_pdf", args=["P-FULL"]),
        reverse("outcomes:report_pdf"),
    ):
        text = text_of(read(client.get(address).content))
        assert given_away(text) == set()
    assert "Patients: –" in text  # one patient is too few to be told


def test_another_s_patient_and_what_cannot_be_asked_get_no_report(client, tmp_path):
    store_patient(tmp_path)
    Centre.objects.create(code="C2")
    client.force_login(neurologist("C2"))
    addresses = [reverse("patients:summary_pdf", args=[one]) for one in ("P-1", "nobody")]

    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert client.get(reverse("outcomes:report_pdf"), {"sex": "martian"}).status_code == 400
    assert client.post(reverse("outcomes:report_pdf")).status_code == 405
    assert not Entry.objects.filter(kind="export").exists()

"""Exports: re-opened by readers that are not ours, they hold what the database holds."""

import csv
import io
import json
import random
import shutil
import subprocess
import zipfile
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl.utils.escape import unescape

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.audit.models import Entry
from mmn_registry.bundle import export_bundle, load_bundle
from mmn_registry.bundle.tables import FILES
from mmn_registry.tabular import as_it_was, is_run_by_spreadsheets
from outcomes.asked.cohort import AskedCohort
from outcomes.derivation.criteria import Criteria
from outcomes.exports.asked import Format, Shape, Wanted, tables_known
from outcomes.exports.export import export
from outcomes.exports.wide import LONGEST_NAME
from patients.actions import withdraw_consent
from patients.models import Consent, Patient
from tests.bundles import PATIENT, SMALL_BUNDLE, bundle
from tests.bundles import exported as exported_bundle
from tests.outcomes.canaries import given_away, somebody, store_canary
from tests.outcomes.pages import words
from tests.outcomes.stories import store_patient

pytestmark = pytest.mark.django_db
AS_OF = date(2024, 6, 1)
STATA, SPSS = (Format.STATA, pyreadstat.read_dta, "dta"), (Format.SPSS, pyreadstat.read_sav, "sav")
# Every shape and every format, not each with each.
EACH = [
    *((shape, Format.CSV) for shape in Shape),
    (Shape.WIDE, Format.STATA),
    (Shape.LONG, Format.PARQUET),
    *((Shape.TIDY, format_) for format_ in Format if format_ is not Format.CSV),
]
# Between apostrophes, blanks and signs lies what runs.
HOSTILE = "'=+-@＝ \t\r\n\"a1,;|!(é日"


@pytest.fixture
def registry():
    load_bundle(SMALL_BUNDLE)


def of_everybody() -> AskedCohort:
    codes = tuple(Centre.objects.values_list("code", flat=True))
    return AskedCohort(Patient.objects.all(), AS_OF, AS_OF, Criteria(), "", codes)


def exported(folder: Path, coarse=frozenset(), **wanted) -> tuple[Path, dict]:
    """The unpacked ZIP and its manifest."""
    made = export(of_everybody(), Wanted(**wanted), coarse=coarse, route="outcomes:export_file")
    with made.file, zipfile.ZipFile(made.file) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder, json.loads((folder / "manifest.json").read_text())


def rows_in(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def stored(tmp_path) -> dict[str, pd.DataFrame]:
    """What the database holds, by the other way out of it, as texts."""
    export_bundle(tmp_path / "stored")
    read = {"dtype": str, "keep_default_na": False}
    return {
        file.stem: pd.read_csv(file, **read) for file in sorted((tmp_path / "stored").glob("*.csv"))
    }


def as_texts(frame: pd.DataFrame, columns) -> pd.DataFrame:
    """Typed values as the bundle writes them."""
    return pd.DataFrame({name: [_text(value) for value in frame[name]] for name in columns})


def _text(value) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(float(value)).removesuffix(".0")
    return str(value)[:10] if isinstance(value, date) else str(value)


def assert_equals_the_database(tmp_path, tables: dict[str, pd.DataFrame], *, padded=False):
    """``padded``: to SPSS, blanks at the end of a text are none."""
    for name, recorded in stored(tmp_path).items():
        texts = as_texts(tables[name], recorded.columns)
        if padded:
            texts = texts.map(str.rstrip)
        wanted = recorded.map(str.rstrip) if padded else recorded
        pd.testing.assert_frame_equal(texts, wanted, check_dtype=False, obj=name)


# ---------- Each format ----------


def test_csv_equals_the_database_for_pandas(registry, tmp_path):
    folder, _manifest = exported(tmp_path / "out")
    read = {"dtype": str, "keep_default_na": False}
    tables = {file.stem: pd.read_csv(file, **read) for file in folder.glob("*.csv")}

    assert_equals_the_database(tmp_path, {n: t.map(as_it_was) for n, t in tables.items()})
    notes = tables["adverse_reactions"][["action", "outcome"]].to_numpy().ravel()
    assert "'=1+1" in notes
    assert not [text for text in notes if is_run_by_spreadsheets(text)]


def test_parquet_equals_the_database_for_pyarrow(registry, tmp_path):
    folder, _manifest = exported(tmp_path / "out", format=Format.PARQUET)
    tables = {
        f.stem: pq.read_table(f).to_pandas(integer_object_nulls=True)
        for f in folder.glob("*.parquet")
    }

    assert_equals_the_database(tmp_path, tables)
    visits = pq.read_schema(folder / "visits.parquet")
    assert str(visits.field("visited_on").type) == "date32[day]"
    assert visits.field("weight_kg").metadata == {b"label": b"weight", b"unit": b"kg"}


def test_excel_equals_the_database_for_openpyxl_and_runs_nothing(registry, tmp_path):
    folder, _manifest = exported(tmp_path / "out", format=Format.XLSX)
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    tables = {}
    for sheet in book:
        header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        tables[sheet.title] = pd.DataFrame(rows, columns=header, dtype=object)

    assert_equals_the_database(tmp_path, tables)
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [c.quotePrefix for c in cells if c.value == "=1+1"] == [True]
    assert {type(v) for v in tables["visits"]["weight_kg"].dropna()} <= {int, float}
    assert tables["visits"]["visited_on"][0].date() == date.fromisoformat(
        stored(tmp_path)["visits"]["visited_on"][0]
    )


@pytest.mark.parametrize(("format_", "reader", "ending"), [STATA, SPSS], ids=["stata", "spss"])
def test_statistical_packages_read_values_and_labels(registry, tmp_path, format_, reader, ending):
    folder, _manifest = exported(tmp_path / "out", format=format_)
    codes = pd.read_csv(folder / "codes.csv", dtype=str)
    known = tables_known(coarse=False)
    tables = {}
    for file in folder.glob(f"*.{ending}"):
        frame, told = reader(file)
        columns = {column.name: column for column in known[file.stem].columns}
        assert [*frame.columns] == [*columns]
        assert all(told.column_names_to_labels[name] for name in columns)
        for name, column in columns.items():
            if column.kind == "code":
                labels = told.variable_value_labels.get(name, {})
                assert {int(n): text for n, text in labels.items()} == dict(
                    enumerate(column.codes.values(), 1)
                )
                mine = codes[(codes.table == file.stem) & (codes.column == name)]
                code_of = dict(zip(mine.number.astype(float), mine.code, strict=True))
                frame[name] = [code_of.get(value) for value in frame[name]]
            elif column.kind == "truth":
                frame[name] = [{0.0: False, 1.0: True}.get(value) for value in frame[name]]
        tables[file.stem] = frame.astype(object)

    assert_equals_the_database(tmp_path, tables, padded=format_ is Format.SPSS)


def test_r_reads_factors_days_and_texts(registry, tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not at hand")
    folder, _manifest = exported(tmp_path / "out")
    asked = """
        source("read_registry.R"); t <- read_registry()
        cat(class(t$patients$sex), levels(t$patients$sex), class(t$visits$visited_on),
            attr(t$visits$weight_kg, "unit"), t$adverse_reactions$action[1],
            nrow(t$outcomes), sep = "|")
    """
    told = subprocess.run(
        ["Rscript", "--vanilla", "-e", asked],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "factor|female|male|other|sex unknown|Date|kg|=1+1|3"


# ---------- Hostile texts ----------


def test_10000_hostile_texts_neither_run_nor_get_lost(tmp_path):
    chance = random.Random(6)
    texts = ["".join(chance.choices(HOSTILE, k=chance.randint(0, 7))) for _ in range(10_000)]
    first = date(1990, 1, 1)
    folder = bundle(tmp_path / "hostile", patients=PATIENT)
    with (folder / "adverse_reactions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["study_id", "occurred_on", "reaction", "severity", "serious", "action"])
        for number, text in enumerate(texts):
            day = first + timedelta(days=number)
            writer.writerow(["P1", day.isoformat(), "other", "mild", "no", text])
    with transaction.atomic():
        load_bundle(folder)
        before = exported_bundle(tmp_path / "before")

        out, _manifest = exported(tmp_path / "out", tables=("patients", "adverse_reactions"))
        with (out / "adverse_reactions.csv").open(newline="") as file:
            written = [row["action"] for row in csv.DictReader(file)]
        sheet, _manifest = exported(
            tmp_path / "xlsx", tables=("adverse_reactions",), format=Format.XLSX
        )
        read = openpyxl.load_workbook(sheet / "tables.xlsx")["adverse_reactions"]
        shown = [row[9] for row in read.iter_rows(min_row=2)]
        transaction.set_rollback(True)  # as if nothing had been loaded

    assert not [text for text in written if is_run_by_spreadsheets(text)]
    assert len({*texts}) > 4_000
    assert {cell.data_type for cell in shown} <= {"s", "inlineStr", "n"}
    assert [unescape(cell.value or "") for cell in shown] == texts
    load_bundle(out)
    assert exported_bundle(tmp_path / "after") == before


def test_what_was_exported_can_be_loaded_again(registry, tmp_path):
    made = export(
        of_everybody(), Wanted(labels=True), coarse=frozenset(), route="outcomes:export_file"
    )
    (tmp_path / "export.zip").write_bytes(made.file.read())
    made.file.close()

    report = load_bundle(tmp_path / "export.zip")

    assert [(c.new, c.changed) for c in report.tables] == [(0, 0)] * len(report.tables)
    assert {count.file for count in report.tables if count.unchanged} == {*FILES}


# ---------- Shapes ----------


def test_wide_has_a_row_per_patient_with_three_visits_side_by_side(tmp_path):
    store_patient(tmp_path / "bundle")
    folder, _manifest = exported(tmp_path / "out", shape=Shape.WIDE)
    [row] = rows_in(folder / "patients_wide.csv")

    assert (row["study_id"], row["short_term_response"]) == ("P-1", "responder")
    days = [row[f"{time}_visited_on"] for time in ("base", "m6", "last")]
    assert days == ["2020-01-10", "2020-07-12", "2021-01-20"]
    grades = [row[f"{time}_wrist_extension_r"] for time in ("base", "m6", "last")]
    assert grades == ["3", "4", "4.3333"]
    assert row["m6_finger_extension_r"] == ""  # NT
    assert (row["last_weight_kg"], row["base_grip_kpa_l"]) == ("70", "")


def test_long_has_every_value_that_tidy_has(registry, tmp_path):
    tidy, _manifest = exported(tmp_path / "tidy")
    long, _manifest = exported(tmp_path / "long", shape=Shape.LONG)
    values = rows_in(long / "values.csv")
    known = tables_known(coarse=False)

    for name, table in known.items():
        rows = rows_in(tidy / f"{name}.csv")
        told = [c.name for c in table.columns if c.name not in table.keys]
        assert sorted(v["value"] for v in values if v["table"] == name) == sorted(
            row[column] for row in rows for column in told if row[column]
        )
    grade = next(v for v in values if v["variable"] == "mrc_value")
    assert (grade["on"], grade["record"]) == ("2004-01-10", "muscle=thumb_abduction; side=left")
    assert float(grade["number"]) == float(grade["value"])


# ---------- What is said of it ----------


def test_every_column_has_its_line_and_every_file_its_checksum(registry, tmp_path):
    for shape, format_ in EACH:
        wanted = Wanted(shape=shape, format=format_, labels=True)
        folder, manifest = exported(
            tmp_path / f"{shape}-{format_}", shape=shape, format=format_, labels=True
        )
        lines = rows_in(folder / "codebook.csv")
        described = {(line["table"], line["column"]) for line in lines}
        files = {file["name"]: file for file in manifest["files"]}

        for table in wanted.tables_of(coarse=False):
            for column in columns_in(folder, format_, table.name):
                assert (table.name, column) in described
                assert len(column.removesuffix("_label")) <= LONGEST_NAME
        for line in lines:
            said = ("label", "kind", "type", "missing", "source", "rule")
            assert all(line[name] for name in said), line
        assert {*files} == {path.name for path in folder.iterdir()} - {"manifest.json"}
        for name, file in files.items():
            content = (folder / name).read_bytes()
            assert (file["bytes"], file["sha256"]) == (len(content), sha256(content).hexdigest())


def columns_in(folder, format_, table):
    if format_ is Format.CSV:
        return pd.read_csv(folder / f"{table}.csv", nrows=0).columns
    if format_ is Format.XLSX:
        sheet = openpyxl.load_workbook(folder / "tables.xlsx")[table]
        return [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    if format_ is Format.PARQUET:
        return pq.read_schema(folder / f"{table}.parquet").names
    read, ending = {Format.STATA: STATA[1:], Format.SPSS: SPSS[1:]}[format_]
    return read(folder / f"{table}.{ending}", metadataonly=True)[1].column_names


def test_the_manifest_says_what_was_asked_and_what_it_is(registry, tmp_path, monkeypatch):
    monkeypatch.setattr("outcomes.exports.export.born_as", lambda: "demo")
    folder, manifest = exported(tmp_path / "out")

    assert manifest["demonstration"] == "DEMONSTRATION DATA"
    assert manifest["query"]["words"] == "Patients of 2 centres, as of 1 Jun 2024"
    assert (manifest["as_of"], manifest["software_version"]) == ("2024-06-01", "1.0.0")
    assert manifest["rules"] == {
        "name": "mmn-outcomes",
        "version": "1",
        "criteria": "EFNS/PNS 2010",
    }
    assert manifest["patients"] == {"in": 3, "of": 3, "out": {}, "withheld": 0}
    for name, rows in manifest["rows"].items():
        with (folder / f"{name}.csv").open(newline="") as file:
            assert rows == len(list(csv.reader(file))) - 1


# ---------- Who takes what out ----------


def asked(client, **query):
    return client.get(reverse("outcomes:export_file"), query)


def opened(answer) -> zipfile.ZipFile:
    assert answer.status_code == 200, words(answer.content.decode())
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_an_export_is_exactly_what_is_filtered_and_noted_with_its_rows(registry, client):
    coordinator = somebody(Role.COORDINATOR, "North")
    client.force_login(coordinator)
    page = client.get(reverse("outcomes:export"), {"sex": "female"})

    with opened(asked(client, sex="female", table=["patients", "visits"])) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        patients = archive.read("patients.csv").decode().splitlines()[1:]
    notes = Entry.objects.filter(kind="export", actor_id=coordinator.pk).order_by("seq")

    assert "1 patient" in words(page.content.decode())
    assert [row.split(",")[0] for row in patients] == ["A-1"]
    assert manifest["query"]["address"] == "sex=female"
    assert manifest["patients"]["of"] == 2
    assert [note.rows for note in notes] == [None, sum(manifest["rows"].values())]


def test_who_may_not_export_and_what_cannot_be_asked_is_refused(registry, client):
    client.force_login(somebody(Role.NEUROLOGIST, "North"))
    assert [
        client.get(reverse(f"outcomes:{name}")).status_code for name in ("export", "export_file")
    ] == [403] * 2

    client.force_login(somebody(Role.COORDINATOR, "North"))
    for query in (
        {"centre": "South"},
        {"sex": "martian"},
        {"as_of": "2999-01-01"},
        {"format": "exe"},
    ):
        assert asked(client, **query).status_code == 400
    assert client.post(reverse("outcomes:export_file")).status_code == 405
    assert not Entry.objects.filter(kind="export").exists()


def test_an_export_asks_who_one_is(registry, client):
    client.force_login(somebody(Role.COORDINATOR, "North"))
    session = client.session
    session["account_authentication_methods"] = []
    session.save()

    assert asked(client).status_code == 302


def test_who_reads_for_research_takes_months_and_bands(db, client, tmp_path):
    store_canary(tmp_path / "bundle")
    client.force_login(somebody(Role.STATISTICIAN))
    for shape, format_ in EACH:
        wanted = f"{shape}-{format_}"
        folder = tmp_path / wanted
        with opened(asked(client, shape=shape, format=format_)) as archive:
            archive.extractall(folder)
        body = "\n".join(texts_of(folder))

        assert given_away(body) == set(), wanted
        assert "50-59" in body, wanted
        assert "2020-07" in body, wanted


def texts_of(folder):
    for file in sorted(folder.iterdir()):
        if file.suffix in (".csv", ".json"):
            yield file.read_text()
        elif file.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(file):
                yield from (str(c.value) for row in sheet.iter_rows() for c in row)
        elif file.suffix == ".parquet":
            yield pq.read_table(file).to_pandas().to_csv()
        elif file.suffix in (".dta", ".sav"):
            frame, _told = (pyreadstat.read_dta if file.suffix == ".dta" else pyreadstat.read_sav)(
                file, apply_value_formats=True
            )
            yield frame.to_csv()


def test_who_withdrew_from_research_leaves_what_others_take_out(db, client, tmp_path):
    store_canary(tmp_path / "bundle")
    store_patient(tmp_path / "more", study_id="P-STAYS")
    withdraw_consent(Consent.objects.get(), withdrawn_on=date(2021, 6, 1), by=None)
    client.force_login(somebody(Role.STATISTICIAN))

    with opened(asked(client)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))

    assert b"P-FULL" not in everything
    assert b"P-STAYS" in everything
    assert manifest["patients"]["withheld"] == 1

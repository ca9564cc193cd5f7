"""Reading and writing tables: what is wrong is told with its place; the rest is not disturbed."""

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmn_registry.tabular import (
    Problems,
    TargetRefusedError,
    read_file,
    read_sheet,
    reading,
    writing,
)

KNOWN = ("study_id", "given_on", "product")
REQUIRED = ("study_id", "given_on")
HEADER = b"study_id,given_on,product\n"


def read(content, *, shown_per_kind=1000):
    """The records of a CSV as dictionaries with their rows, and the problems as lines."""
    problems = Problems(shown_per_kind)
    sheet = read_sheet(io.BytesIO(content), "infusions.csv", KNOWN, REQUIRED, problems)
    return records_of(sheet), [str(problem) for problem in problems.in_order(["infusions.csv"])]


def records_of(sheet):
    if sheet is None:
        return None
    texts = {name: cells.at(range(len(sheet))) for name, cells in sheet.columns.items()}
    names = list(texts)
    return {
        int(row): dict(zip(names, values, strict=True))
        for row, *values in zip(sheet.rows, *texts.values(), strict=True)
    }


@pytest.mark.parametrize(
    "content",
    [
        b"study_id,given_on,product\nP1,2020-01-02,Kiovig\nP2,,\n",
        b"\xef\xbb\xbfstudy_id,given_on,product\r\nP1,2020-01-02,Kiovig\r\nP2,,",
        b"product,study_id,given_on\nKiovig,P1,2020-01-02\n,P2,\n",
        b'"product","study_id","given_on"\n"Kiovig","P1","2020-01-02"\n"","P2",""\n',
    ],
    ids=["plain", "byte order mark and CRLF", "another order", "quoted"],
)
def test_a_table_reads_the_same_however_it_is_written(content):
    assert read(content) == (
        {
            2: {"study_id": "P1", "given_on": "2020-01-02", "product": "Kiovig"},
            3: {"study_id": "P2", "given_on": "", "product": ""},
        },
        [],
    )


def test_commas_quotes_and_line_breaks_belong_to_a_quoted_text():
    records, problems = read(HEADER + b'P1,2020-01-02,"a, ""b""\r\nc"\nP2,2020-01-03,d\n')

    assert (records[2]["product"], records[3]["product"], problems) == ('a, "b"\r\nc', "d", [])


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=5))
def test_whatever_a_csv_writer_writes_is_read_back(rows):
    content = io.StringIO()
    csv.writer(content, quoting=csv.QUOTE_ALL).writerows([list(KNOWN), *rows])
    # Lone surrogates are no text that a file could hold.
    encoded = content.getvalue().encode("utf-8", "replace")

    records, problems = read(encoded)

    expected = [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]
    assert ([list(record.values()) for record in records.values()], problems) == (expected, [])


def test_more_records_than_a_chunk_keep_their_rows():
    count = 2_500
    content = HEADER + b"".join(b"P%d,2020-01-02,Kiovig\n" % n for n in range(count))

    records, problems = read(content)

    assert list(records) == list(range(2, count + 2))
    assert (records[count + 1]["study_id"], problems) == (f"P{count - 1}", [])


def test_uneven_rows_are_named_and_empty_lines_are_nobodys_record():
    records, problems = read(HEADER + b"P1,2020-01-02\n\nP2,2020-01-02,a,b\nP3,2020-01-02,c\n\n")

    advice = "Add or remove commas; put a text that contains a comma in quotation marks."
    assert list(records) == [5]
    assert problems == [
        f"infusions.csv, row 2: This row has 2 cells, the header 3. {advice}",
        f"infusions.csv, row 4: This row has 4 cells, the header 3. {advice}",
    ]


def test_unknown_duplicate_and_missing_columns_are_refused_by_name():
    records, problems = read(b"study_id,dose,study_id,\nP1,3,P2,x\n")

    assert records == {2: {"study_id": "P1"}}
    unknown = "No column of this name is known here. Use only: study_id, given_on, product."
    assert problems == [
        "infusions.csv, row 1, study_id: This column appears 2 times. Keep one.",
        f"infusions.csv, row 1, dose: {unknown}",
        f'infusions.csv, row 1 "": {unknown}',
        "infusions.csv, row 1, given_on: This required column is missing. "
        "Add it, with a value in each row.",
    ]


def test_bytes_that_are_not_utf_8_are_located_and_the_rest_is_read():
    records, problems = read(
        HEADER
        + "P1,2020-01-02,Kiovig\nP2,2020-01-02,Privigén\nÉ,2020-01-03,Privigén\n".encode("latin-1")
    )

    assert [record["given_on"] for record in records.values()] == [
        "2020-01-02",
        "2020-01-02",
        "2020-01-03",
    ]
    assert problems == [
        r'infusions.csv, row 3, product "Privig\xe9n": This is not UTF-8 text. '
        'Save the file as "CSV UTF-8" and load it again. 2 more cells of this file are affected.'
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "row 1: This file has no header row."),
        (
            "study_id,given_on,produït\n".encode("latin-1"),
            'header "produ\\xeft": This is not UTF-8',
        ),
        ("study_id,given_on\nP1,".encode("utf-16"), "This is not UTF-8"),
        (b"study_id;given_on\nP1;2020-01-02\n", "are not separated by commas"),
    ],
    ids=["empty", "Latin-1 header", "UTF-16", "semicolons"],
)
def test_a_file_without_a_readable_header_says_so_once(content, told):
    records, problems = read(content)

    assert (records, len(problems)) == (None, 1)
    assert told in problems[0]


@pytest.mark.parametrize(
    "broken", [b'P2,2020-01-02,"Kiovig\nP3,2020-01-02,Kiovig\n', b'P2,2020-01-02,"Kio"vig\n']
)
def test_a_broken_quotation_keeps_what_was_read_before(broken):
    records, problems = read(HEADER + b"P1,2020-01-02,Kiovig\n" + broken)

    assert list(records) == [2]
    assert len(problems) == 1
    assert problems[0].startswith("infusions.csv, row 3: From here on the file cannot be read")
    assert problems[0].endswith("and write one inside a quoted text twice.")


def test_problems_of_one_kind_are_shown_up_to_a_limit_and_counted_beyond():
    _records, problems = read(HEADER + b"P1\n" * 5, shown_per_kind=2)

    assert [line.split(":")[0] for line in problems] == [
        "infusions.csv, row 2",
        "infusions.csv, row 3",
        "infusions.csv",
    ]
    assert problems[-1] == "infusions.csv: 3 more rows have this kind of problem."


def test_problems_stand_in_the_order_of_the_files_and_on_one_line_each():
    problems = Problems()
    problems.add("visits.csv", "Late.", row=3, column="b", value="two\nlines\x00")
    problems.add("visits.csv", "Early.", row=2, column="a", value="x" * 100)
    problems.add("patients.csv", "First.", row=10)
    problems.add("cohort.zip", "The archive.")

    assert [str(problem) for problem in problems.in_order(["patients.csv", "visits.csv"])] == [
        "cohort.zip: The archive.",
        "patients.csv, row 10: First.",
        f'visits.csv, row 2, a "{"x" * 60}…": Early.',
        'visits.csv, row 3, b "two\\nlines\\x00": Late.',
    ]
    assert len(problems) == 4


# --- folders and zips ---------------------------------------------------------------------------

NAMES = ("patients.csv", "infusions.csv")


def opened(path):
    """What each table of a folder or .zip holds, what was left alone, and the problems."""
    problems = Problems()
    with reading(path, NAMES, problems) as source:
        held = {}
        for name, opens in source.opens.items():
            with opens() as stream:
                held[name] = stream.read()
        return held, source.left_alone, [str(problem) for problem in problems.in_order(NAMES)]


def zipped(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_a_folder_gives_its_tables_and_names_what_is_left_alone(tmp_path):
    for name in ("patients.csv", "expected.csv"):
        (tmp_path / name).write_bytes(name.encode())

    assert opened(tmp_path) == ({"patients.csv": b"patients.csv"}, ("expected.csv",), [])


@pytest.mark.parametrize("folder", ["", "cohort/", "a/b/"])
def test_a_zip_may_hold_the_tables_in_one_folder(tmp_path, folder):
    path = zipped(
        tmp_path / "cohort.zip",
        [
            (folder + "patients.csv", b"p"),
            (folder + "infusions.csv", b"i"),
            (folder + "notes.txt", b"n"),
            ("__MACOSX/._patients.csv", b"shadow"),
            ("__MACOSX/patients.csv", b"shadow"),
        ],
    )

    assert opened(path) == (
        {"patients.csv": b"p", "infusions.csv": b"i"},
        tuple(sorted([folder + "notes.txt", "__MACOSX/._patients.csv", "__MACOSX/patients.csv"])),
        [],
    )


def test_a_zip_with_two_cohorts_is_not_guessed_at(tmp_path):
    path = zipped(tmp_path / "two.zip", [("a/patients.csv", b""), ("b/infusions.csv", b"")])

    assert opened(path) == (
        {},
        (),
        ["two.zip: Tables lie in several folders (a, b). Zip one folder only."],
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_table_twice_says_so(tmp_path):
    path = zipped(tmp_path / "c.zip", [("patients.csv", b"1"), ("patients.csv", b"2")])

    assert opened(path)[2] == ["c.zip: patients.csv appears 2 times. Keep one."]


def bomb(path):
    return zipped(path, [("patients.csv", b"\0" * 5_000_000)])


def crowd(path):
    return zipped(path, [(f"{n}.csv", b"") for n in range(1001)])


def locked(path):
    content = bytearray(zipped(path, [("patients.csv", b"p")]).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def unzipped(path):
    path.write_bytes(b"not a zip")
    return path


def absent(path):
    return path


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (bomb, "more than its size can be trusted with"),
        (crowd, "holds 1,001 files"),
        (locked, "protected by a password"),
        (unzipped, "neither a folder nor a readable .zip"),
        (absent, "There is no such folder or file"),
    ],
)
def test_a_zip_that_cannot_be_trusted_is_not_opened(tmp_path, make, told):
    held, _left_alone, problems = opened(make(tmp_path / "c.zip"))

    assert (held, len(problems)) == ({}, 1)
    assert told in problems[0]


def test_a_damaged_member_is_a_problem_of_its_file(tmp_path):
    path = zipped(tmp_path / "c.zip", [("patients.csv", b"study_id\nP1\n")], zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"P1", b"P2", 1))
    problems = Problems()

    with reading(path, NAMES, problems) as source:
        sheet = read_file(source, "patients.csv", ["study_id"], ["study_id"], problems)

    assert (sheet, len(problems)) == (None, 1)
    assert str(problems.found[0]).startswith("patients.csv: This file cannot be read (Bad CRC-32")


def write(path, comment="", content=(b"x\n",)):
    with writing(path, NAMES, comment) as opens:
        for name in NAMES:
            with opens(name) as file:
                file.writelines(content)


def half_way():
    yield b"half"
    raise RuntimeError


@pytest.mark.parametrize("name", ["cohort", "cohort.zip"])
def test_what_is_written_is_read_back(tmp_path, name):
    write(tmp_path / name)

    assert opened(tmp_path / name) == (dict.fromkeys(NAMES, b"x\n"), (), [])


def test_a_zip_has_the_same_bytes_whenever_it_is_written(tmp_path):
    write(tmp_path / "a.zip")
    write(tmp_path / "b.zip")
    write(tmp_path / "demo.zip", comment="DEMONSTRATION DATA")

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "demo.zip").comment == b"DEMONSTRATION DATA"


@pytest.mark.parametrize("name", ["cohort", "cohort.zip"])
def test_what_is_written_is_for_its_owner(tmp_path, name):
    write(tmp_path / name)

    paths = [tmp_path / name, *(tmp_path / name).glob("*")]
    assert [path.stat().st_mode & 0o077 for path in paths] == [0] * len(paths)


@pytest.mark.parametrize("name", ["cohort", "cohort.zip"])
def test_an_earlier_copy_is_replaced_only_when_all_is_written(tmp_path, name):
    write(tmp_path / name, content=[b"old\n"])

    with pytest.raises(RuntimeError):
        write(tmp_path / name, content=half_way())
    assert opened(tmp_path / name)[0] == dict.fromkeys(NAMES, b"old\n")

    write(tmp_path / name, content=[b"new\n"])
    assert opened(tmp_path / name) == (dict.fromkeys(NAMES, b"new\n"), (), [])
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["cohort", "cohort.zip", "letter.txt"])
def test_other_things_are_not_overwritten(tmp_path, name):
    path = tmp_path / name
    if name == "cohort":
        path.mkdir()
        (path / "thesis.txt").write_text("ten years")
    elif name == "cohort.zip":
        zipped(path, [("thesis.txt", b"ten years")])
    else:
        path.write_text("ten years")

    with pytest.raises(TargetRefusedError, match=r"holds other things .* Choose another place"):
        write(path)

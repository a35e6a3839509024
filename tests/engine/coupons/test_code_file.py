"""Files of codes as people send them: the column of codes, headings, what is left out and why."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coupons.code_file.checked_lines import read_lines
from engine.coupons.code_file.code_shape import common_shape
from engine.coupons.code_file.dates import read_date
from engine.coupons.code_file.layout import Layout, recognise_layout, with_choices
from engine.coupons.code_file.split_rows import UnreadableCodeFile, decode_file

TODAY = date(2026, 11, 30)
HEADINGS = ("code", "Codes", "Voucher Code", "promo_code", "Coupon-Code", "Gutscheincode", "Coupon Number", "Serial")


def layout_of(content: bytes) -> Layout:
    return recognise_layout(*decode_file(content))


def good_codes(content: bytes) -> list[str]:
    text, encoding = decode_file(content)
    return [line.code for line in read_lines(text, recognise_layout(text, encoding), TODAY) if not line.problem]


def problems(content: bytes) -> dict[int, str]:
    text, encoding = decode_file(content)
    lines = read_lines(text, recognise_layout(text, encoding), TODAY)
    return {line.number: line.problem for line in lines if line.problem}


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("rest", ["", "id;{};value|1;WIN-0001;5 EUR|2;WIN-0002;5 EUR"])
def test_no_heading_becomes_a_coupon(heading, rest):
    content = rest.format(heading).replace("|", "\n") if rest else f"{heading}\nWIN-0001\nWIN-0002\n"
    assert good_codes(content.encode()) == ["WIN-0001", "WIN-0002"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_column_of_codes_is_recognised_wherever_it_is(separator, place):
    columns = [["1", "2", "3"], ["20 EUR", "20 EUR", "20 EUR"]]
    columns.insert(place, ["AB-17", "CD-29", "EF-31"])
    lines = [separator.join(cells) for cells in zip(*columns, strict=True)]
    assert good_codes("\n".join(lines).encode()) == ["AB-17", "CD-29", "EF-31"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_file_is_read_in_the_encoding_it_was_saved_in(encoding):
    assert good_codes("Gutschein;Wert\nGRÜN-1;5\nGRÜN-2;5\n".encode(encoding)) == ["GRÜN-1", "GRÜN-2"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_line_that_names_the_separator_is_no_coupon(line_end):
    content = line_end.join(["sep=;", "code;value", "WIN-AAAA;5"])
    assert good_codes(content.encode()) == ["WIN-AAAA"]


def test_a_title_above_the_heading_is_no_coupon():
    content = b"Codes for Black Friday\n\nCode,Good until\nA-1,2026-12-31\nB-2,2026-12-31\n"
    assert good_codes(content) == ["A-1", "B-2"]
    assert layout_of(content).headings == (1, 3)


def test_comments_are_left_out_unless_all_codes_begin_like_one():
    assert problems(b"# exported today\nA-1\nB-2\n").keys() == {1}
    assert good_codes(b"#A1\n#B2\n") == ["#A1", "#B2"]


def test_a_quote_that_is_not_closed_spoils_its_own_line_only():
    assert problems(b'code\n"WIN-AAAA\nWIN-BBBB\n') == {2: "opens a quote that it does not close"}
    assert good_codes(b'code\n"WIN-AAAA\nWIN-BBBB\n') == ["WIN-BBBB"]


def test_numbers_that_a_spreadsheet_has_rounded_are_left_out():
    assert problems(b"code\n1.23E+11\n4006381333931\n").keys() == {2}


def test_plain_codes_lose_none_to_a_heading():
    assert good_codes(b"A-1\nB-2\nC-3\n") == ["A-1", "B-2", "C-3"]
    assert good_codes(b"SPRING\nSUMMER\nAUTUMN\n") == ["SPRING", "SUMMER", "AUTUMN"]


def test_a_person_is_asked_where_two_columns_could_hold_the_codes():
    layout = layout_of(b"A1B2,C3D4\nE5F6,G7H8\nJ1K2,L1M2\n")
    assert layout.code is None
    assert list(read_lines("A1B2,C3D4\n", layout, TODAY)) == []


def test_what_a_person_chooses_goes_before_what_was_recognised():
    text = "code\nA-1\nA-2\n"
    chosen = with_choices(layout_of(text.encode()), text, 0, None, has_heading=False)
    assert [line.code for line in read_lines(text, chosen, TODAY)] == ["code", "A-1", "A-2"]


def test_a_code_is_good_until_its_own_last_day():
    text = "code;valid until\nA-1;30.11.2026\nA-2;29.11.2026\nA-3;\nA-4;soon\n"
    lines = list(read_lines(text, layout_of(text.encode()), TODAY))
    assert [line.good_until for line in lines if not line.problem] == [TODAY, None]
    assert [line.number for line in lines if line.problem] == [3, 5]


@pytest.mark.parametrize(
    ("dates", "order", "is_certain"),
    [
        (("31.12.2026", "01.02.2026"), "dmy", True),
        (("12/31/2026", "01/02/2026"), "mdy", True),
        (("31/12/2026", "01/02/2026"), "dmy", True),
        (("03/04/2026", "01/02/2026"), "dmy", False),
        (("2026-12-31", "2026-02-01"), "dmy", True),
    ],
)
def test_the_order_of_day_and_month_is_read_from_the_dates(dates, order, is_certain):
    layout = layout_of("\n".join(["code,valid until", f"A-1,{dates[0]}", f"A-2,{dates[1]}"]).encode())
    assert (layout.good_until, layout.date_order, layout.is_date_order_certain) == (1, order, is_certain)


@pytest.mark.parametrize("text", ["", "never", "2026-02-30", "32.01.2026", "1.1.26"])
def test_what_is_no_date_is_read_as_none(text):
    assert read_date(text, "dmy") is None


def test_the_shape_of_codes_shows_what_they_share():
    codes = [f"BOLT-{number:04}" for number in range(9)]
    shape = common_shape([*codes, "BOLT-WKND"])
    assert shape.pattern == "BOLT-####"
    assert [code for code in [*codes, "BOLT-WKND"] if not shape.fits(code)] == ["BOLT-WKND"]
    assert common_shape(["A", "BB", "CCC"]) is None


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"code\nA\x00B\n"])
def test_what_cannot_be_a_file_of_codes_is_refused_as_a_whole(content):
    with pytest.raises(UnreadableCodeFile):
        decode_file(content)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused_and_each_line_is_told_once(content):
    try:
        text, encoding = decode_file(content)
        layout = recognise_layout(text, encoding)
    except UnreadableCodeFile:
        return
    numbers = [line.number for line in read_lines(text, layout, TODAY)]
    assert numbers == sorted(set(numbers))
    assert not set(numbers) & set(layout.headings)


@given(st.lists(st.from_regex(r"[A-Z]{2}-[0-9]{4}", fullmatch=True), min_size=3, unique=True), st.sampled_from(",;\t|"))
def test_codes_of_one_shape_all_become_coupons(codes, separator):
    lines = [f"{number}{separator}{code}{separator}5 EUR" for number, code in enumerate(codes, 1)]
    assert good_codes("\n".join(["Nr", *lines]).encode()) == codes
    assert good_codes("\n".join(codes).encode()) == codes

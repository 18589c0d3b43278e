"""An orders CSV as a stream: what counts, what is refused, and where."""

import tracemalloc
from pathlib import Path

import pytest

from promo_scheduler.errors import UnusableOrders
from promo_scheduler.source.orders_file import Places, country_code, read_orders

PLACES = Places(frozenset({"de", "us-west"}), frozenset({"DE", "GB"}))
GOOD = "2026-11-11T20:30:00Z,DE\n"


@pytest.fixture
def read(tmp_path: Path):
    """Write a file of orders and read it."""

    def call(content, tell=lambda done: None):
        path = tmp_path / "orders.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_orders(path, PLACES, tell)

    return call


def total(orders):
    return {
        place: sum(sum(day) for day in days.values())
        for place, days in orders.by_place.items()
        if days
    }


def refusal(read, content):
    with pytest.raises(UnusableOrders) as caught:
        read(content)
    return caught.value.problems


def test_orders_are_counted_by_country_and_quarter_of_utc(read):
    orders = read(f"placed_at_utc,country\n{GOOD}{GOOD}2026-11-12T00:14:59Z,GB\n")

    assert orders.column == "country"
    assert total(orders) == {"DE": 2, "GB": 1}
    ((day, quarters),) = orders.by_place["DE"].items()
    assert day == 20768  # days from 1970-01-01 to 2026-11-11
    assert [n for n, count in enumerate(quarters) if count] == [82]


def test_an_offset_counts_and_the_day_may_be_another_one_in_utc(read):
    orders = read("placed_at_utc,country\n2026-11-12T05:30:00+09:00,DE\n")

    assert list(orders.by_place["DE"]) == [20768]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfplaced_at_utc,country\r\n2026-11-11T20:30:00Z,DE\r\n",
        b'"country","note","placed_at_utc"\n"DE","two\nlines, ""quoted""","2026-11-11 20:30:00+00:00"\n',
        b"id,Placed_At_UTC , Country\n1, 2026-11-11T20:30Z , de \n\n\n",
        b"note,placed_at_utc,country\n\xff\xfe,2026-11-11T20:30:00.123456Z,DE\n",
    ],
    ids=["BOM and CRLF", "quotes and line breaks", "spaces and blank lines", "other encodings"],
)
def test_what_programs_write_is_read(read, content):
    orders = read(content)

    assert (total(orders), orders.rows, orders.bad_rows) == ({"DE": 1}, 1, 0)


def test_a_region_counts_before_a_country_and_by_its_exact_name(read):
    orders = read("placed_at_utc,country,region\n2026-11-11T20:30:00Z,DE,us-west\n")

    assert orders.column == "region"
    assert total(orders) == {"us-west": 1}


def test_places_nobody_has_are_counted_and_not_kept(read):
    rows = "".join(f"2026-11-11T20:30:00Z,{place}\n" for place in ("FR", "FR", "IT", "UK"))

    orders = read(f"placed_at_utc,country\n{rows}")

    assert orders.unknown == {"FR": 2, "IT": 1}
    assert total(orders) == {"GB": 1}  # UK is what many call it


def test_a_country_is_compared_by_its_iso_code():
    assert [country_code(each) for each in (" de", "UK", "EL", "GB")] == ["DE", "GB", "GR", "GB"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "2026-11-11T20:30:00,DE",
            'expected an instant with Z or an offset, found "2026-11-11T20:30:00"',
        ),
        ("2026-11-11,DE", "expected an instant"),
        ("11/11/2026 20:30,DE", "expected an instant"),
        ("0001-01-01T00:00:00Z,DE", "expected an instant"),
        ("1970-01-01T00:00:00Z,DE", "expected an instant"),
        (",DE", "expected an instant"),
        ("2026-11-11T20:30:00Z,", "names no country"),
        ("2026-11-11T20:30:00Z", "too few fields"),
        ('"2026-11-11T20:30:00Z"x,DE', "is not CSV"),
    ],
    ids=[
        "naive",
        "a date",
        "another form",
        "year 1",
        "epoch",
        "empty",
        "no country",
        "short",
        "quotes",
    ],
)
def test_a_bad_row_among_many_is_left_out_and_named_with_its_line(read, row, message):
    orders = read("placed_at_utc,country\n" + GOOD * 150 + row + "\n" + GOOD * 150)

    assert (orders.rows, orders.bad_rows, total(orders)) == (301, 1, {"DE": 300})
    (problem,) = orders.bad
    assert problem.severity == "warn" and problem.code == "W311"
    assert (problem.place.file, problem.place.line) == ("orders.csv", 152)
    assert message in problem.message


@pytest.mark.parametrize(("bad", "refused"), [(1, False), (2, True)], ids=["1 %", "more than 1 %"])
def test_more_than_one_bad_row_in_a_hundred_is_refused(read, bad, refused):
    content = "placed_at_utc,country\n" + GOOD * (100 - bad) + "nonsense,DE\n" * bad

    if not refused:
        assert read(content).bad_rows == 1
        return
    *places, last = refusal(read, content)
    assert [each.place.line for each in places] == [100, 101]
    assert {each.code for each in (*places, last)} == {"E311"}
    assert "2 of 100 rows of orders.csv cannot be used" in last.message


def test_a_quote_that_is_never_closed_loses_all_lines_that_it_swallows(read):
    *_, last = refusal(read, "placed_at_utc,country\n" + GOOD * 500 + '"' + GOOD * 20)

    assert "20 of 520 rows" in last.message


def test_only_the_first_bad_rows_are_named(read):
    *places, last = refusal(read, "placed_at_utc,country\n" + "nonsense,DE\n" * 50)

    assert len(places) == 5
    assert "50 of 50" in last.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "found nothing"),
        ("placed_at_utc,shop\n", 'found "placed_at_utc", "shop"'),
        ("country\nDE\n", "expected the columns placed_at_utc, and region or country"),
        ("placed_at_utc;country\n", 'found "placed_at_utc;country"'),
        ("placed_at_utc,country\n", "holds no orders"),
        ("placed_at_utc,country\n".encode("utf-16"), "is not UTF-8 text"),
    ],
    ids=["empty", "no place", "no instant", "semicolons", "no rows", "UTF-16"],
)
def test_a_file_without_the_columns_or_rows_is_refused(read, content, message):
    (problem,) = refusal(read, content)

    assert problem.code == "E310"
    assert message in problem.message


def test_a_file_in_another_encoding_is_told_how_to_save_it(read):
    (problem,) = refusal(read, "placed_at_utc,country\n".encode("utf-16"))

    assert problem.help == "save it as CSV in UTF-8"


def test_a_column_of_nearly_this_name_is_guessed(read):
    (problem,) = refusal(read, "placed_at,country\n")

    assert problem.help == "rename placed_at?"


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(UnusableOrders, match=r"gone\.csv cannot be read: No such file"):
        read_orders(tmp_path / "gone.csv", PLACES, lambda done: None)


def test_the_length_of_a_file_does_not_matter_for_memory(read):
    # Given most of a megabyte of orders of two days
    rows = "".join(f"2026-11-{11 + n % 2}T{n % 24:02d}:30:00Z,DE\n" for n in range(30_000))
    content = b"placed_at_utc,country\n" + rows.encode()
    told = []

    tracemalloc.start()
    try:
        orders = read(content, told.append)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # Then a small part of that was held, and the reader told how far it was
    assert orders.rows == 30_000
    assert most < len(content) / 4
    assert told == sorted(told) and 0 < told[0] < told[-1] <= len(content)

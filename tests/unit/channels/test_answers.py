"""What an HTTP answer means, and what may be told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.channels.answers import LONGEST_WAIT, Answer, Reading, error_of, retry_after
from promo_scheduler.connector import (
    AuthExpired,
    ChannelDown,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Retryable,
    WindowNotAllowed,
)

READ, WRITE = Reading("GET /x"), Reading("PUT /x", write=True)
DATE = "Wed, 11 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "reading", "expected"),
    [
        (200, READ, type(None)),
        (204, WRITE, type(None)),
        (302, READ, Invalid),
        (400, WRITE, Invalid),
        (401, READ, AuthExpired),
        (403, READ, Forbidden),
        (404, READ, NotFound),
        (408, WRITE, Retryable),
        (409, WRITE, Conflict),
        (410, WRITE, NotFound),
        (418, WRITE, Invalid),
        (422, WRITE, Invalid),
        (429, WRITE, RateLimited),
        (500, READ, Retryable),
        (500, WRITE, OutcomeUnknown),
        (503, READ, Retryable),
        (503, WRITE, OutcomeUnknown),
    ],
)
def test_what_a_status_means(status, reading, expected):
    assert type(error_of(Answer(status), reading)) is expected


def test_a_code_in_the_body_says_more_than_the_status_even_inside_a_200():
    codes = {"bad_window": WindowNotAllowed}
    for status in (200, 422):
        for body in ({"code": "bad_window"}, {"error": {"code": "bad_window"}}):
            reading = Reading("PUT /x", write=True, codes=codes)
            assert type(error_of(Answer(status, {}, body), reading)) is WindowNotAllowed


def test_a_closed_channel_tells_until_when_by_its_own_clock():
    answer = Answer(503, {"Retry-After": "60", "Date": DATE})
    error = error_of(answer, WRITE)
    assert isinstance(error, ChannelDown)
    assert error.until == datetime(2026, 11, 11, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", timedelta(seconds=7)),
        (" 0 ", timedelta(0)),
        ("Wed, 11 Nov 2026 08:00:30 GMT", timedelta(seconds=30)),
        ("Wed, 11 Nov 2026 07:00:00 GMT", timedelta(0)),
        ("99999999999999999999", LONGEST_WAIT),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_how_long_to_wait(text, expected):
    assert retry_after({"Retry-After": text, "Date": DATE}) == expected


def test_a_date_without_the_servers_own_date_is_not_guessed_at():
    assert retry_after({"Retry-After": "Wed, 11 Nov 2026 08:00:30 GMT"}) is None


def test_only_allowed_words_of_a_body_are_told_shortened_and_without_secrets():
    body = {"message": "token abc123 is bad " + "x" * 500, "debug": "internal", "code": "no"}
    error = error_of(
        Answer(400, {"Set-Cookie": "id=9"}, body), Reading("PUT /x", secrets=("abc123",))
    )
    text = str(error)
    assert "token [secret] is bad" in text
    assert not [word for word in ("abc123", "internal", "id=9") if word in text]
    assert len(text) < 260


def test_an_answer_shows_neither_headers_nor_body():
    answer = Answer(200, {"Set-Cookie": "id=9"}, {"token": "abc123"})
    assert repr(answer) == "Answer(status=200)"

"""A release or a resume brings back what the workspace asks for now, not what was stopped."""

import pytest

CHEAPER = ("percent: 90", "percent: 9")


@pytest.fixture
def live(desk):
    """The sale of 90 % has been live for an hour."""
    desk.apply()
    desk.pass_to("11:00")
    assert desk.stands() == [("sale/launch", "live", 90)]
    return desk


def test_a_wrong_price_that_was_stopped_and_corrected_comes_back_corrected(live):
    live.stop()
    live.pass_to("11:10")
    live.correct(CHEAPER)
    assert live.apply().changes == ()

    live.resume()
    live.pass_to("11:20")

    assert live.stands() == [("sale/launch", "live", 9)]
    assert live.window().start.hour == 10
    assert live.propose().changes == ()
    live.pass_to("14:00")
    assert live.stands() == [("sale/launch", "ended", 9)]


def test_a_price_corrected_before_the_stopped_one_is_down_comes_back_corrected(live):
    live.stop()
    live.correct(CHEAPER)
    live.resume()
    live.pass_to("11:20")

    assert live.stands() == [("sale/launch", "live", 9)]


def test_what_a_hold_took_back_is_staged_again_as_corrected(desk):
    desk.apply()
    desk.pass_to("08:30")
    assert desk.stands() == [("sale/launch", "staged", 90)]
    desk.hold()
    desk.pass_to("08:40")
    desk.correct(CHEAPER, ('from: "10:00"', 'from: "09:30"'))

    desk.release()
    desk.pass_to("09:00")
    assert desk.stands() == [("sale/launch", "staged", 9)]
    assert desk.propose().changes == ()
    desk.pass_to("09:30")
    assert desk.stands() == [("sale/launch", "live", 9)]


def test_what_should_be_over_by_the_corrected_file_stays_down(live):
    live.stop()
    live.pass_to("11:10")
    live.correct(('until: "14:00"', 'until: "11:05"'))

    live.resume()
    live.pass_to("13:00")

    assert live.stands() == [("sale/launch", "ended", 90)]


def test_what_the_file_does_not_have_any_more_stays_down(live):
    live.stop()
    live.pass_to("11:10")
    live.correct(("launch:", "other:"), ("2026-11-11", "2026-11-12"))

    live.resume()
    live.pass_to("13:00")

    assert live.stands() == [("sale/launch", "ended", 90)]


def test_what_has_an_error_by_now_stays_down_until_that_is_corrected(live):
    live.stop()
    live.pass_to("11:10")
    text = (live.root / "campaigns/sale.yaml").read_text()
    live.write("campaigns/rival.yaml", text.replace("campaign: sale", "campaign: rival"))

    live.resume()
    live.pass_to("11:20")
    assert {f.problem.code for f in live.propose().errors} == {"E116"}
    assert live.stands() == [("sale/launch", "ended", 90)]

    (live.root / "campaigns/rival.yaml").unlink()
    live.correct(CHEAPER)
    live.apply("starts-late")
    live.pass_to("11:30")
    assert live.stands() == [("sale/launch", "live", 9)]

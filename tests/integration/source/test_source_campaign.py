"""Campaigns as a whole: names, overrides and what they come to in a region."""

from datetime import timedelta
from decimal import Decimal

import pytest

from promo_scheduler.campaign import Lateness
from promo_scheduler.offer import AmountOff, PercentOff, Selection
from promo_scheduler.when import For, Until

TWO_PHASES = """\
campaign: 11.11
title: Double 11
owner: growth@shop.example
regions: { tagged: core }
channels: [storefront, outlet]
phases:
  teaser:
    when: { date: 2026-11-09, from: peak, for: 2h }
    offer: { percent: 10, products: { tag: winter } }
  launch:
    when: { date: 2026-11-11, from: "00:00", until: "24:00" }
    offer: { percent: 25, products: { tag: winter }, label: Double 11 }
"""


# ── what is read ────────────────────────────────────────────────────────────────────────────────
def test_a_campaign_is_read_as_written(room):
    room.campaign(
        TWO_PHASES + "priority: -5\nstack: true\nlate: { start_within: 2h, min_remaining: 1h }\n"
    )
    campaign = room.load().campaigns[0]
    assert (campaign.name, campaign.title) == ("11.11", "Double 11")
    assert campaign.regions == ("de", "us")  # by tag, in alphabetical order
    assert campaign.channels == ("storefront", "outlet")
    assert [(phase.name, phase.order) for phase in campaign.phases] == [
        ("teaser", 0),
        ("launch", 1),
    ]
    assert (campaign.priority, campaign.stack) == (-5, True)
    assert campaign.late == Lateness(timedelta(hours=2), timedelta(hours=1))
    assert str(campaign.place) == "campaigns/sale.yaml:1:11"
    assert str(campaign.phases[1].place) == "campaigns/sale.yaml:10:3"


def test_what_is_left_out_has_its_default(room):
    campaign = room.load().campaigns[0]
    assert (campaign.title, campaign.owner, campaign.channels) == ("sale", "", None)
    assert (campaign.priority, campaign.stack, campaign.late) == (0, False, Lateness())


def test_a_region_called_no_stays_a_name(room):
    room.write("config/regions.yaml", "regions:\n  NO: { zones: [Europe/Oslo], currency: NOK }\n")
    room.write("config/channels.yaml", "channels:\n  shop: { connector: sandbox, regions: [NO] }\n")
    room.campaign((room.root / "campaigns/sale.yaml").read_text().replace("[de, us]", "[NO]"))
    assert room.load().campaigns[0].regions == ("NO",)


# ── overrides ───────────────────────────────────────────────────────────────────────────────────
def _override(room, text):
    room.campaign(f"{TWO_PHASES}overrides:\n  us: {text}\n")
    return room.load().campaigns[0]


def test_an_override_changes_only_what_it_names(room):
    campaign = _override(room, "{ phases: { launch: { offer: { percent: 20 } } } }")
    teaser, launch = campaign.variant("us", "storefront").phases
    assert teaser == campaign.phases[0]
    assert launch.offer.value == PercentOff(Decimal(20))
    assert launch.offer.products == Selection(tags=frozenset({"winter"}))
    assert launch.offer.label == campaign.phases[1].offer.label
    assert launch.when == campaign.phases[1].when
    assert launch.order == 1
    assert str(launch.place) == "campaigns/sale.yaml:14:19"
    assert campaign.variant("de", "storefront").phases == campaign.phases


def test_a_length_replaces_the_end(room):
    launch = (
        _override(room, "{ phases: { launch: { when: { for: 3h } } } }")
        .variant("us", "x")
        .phases[1]
    )
    assert launch.when.end == For(campaign_duration(hours=3))
    assert str(launch.when.start.time) == "00:00"


def test_an_end_replaces_the_length(room):
    teaser = (
        _override(room, '{ phases: { teaser: { when: { until: "23:00" } } } }')
        .variant("us", "x")
        .phases[0]
    )
    assert isinstance(teaser.when.end, Until)


def test_one_kind_of_value_replaces_the_other(room):
    launch = (
        _override(room, "{ phases: { launch: { offer: { amount: { USD: 5 } } } } }")
        .variant("us", "x")
        .phases[1]
    )
    assert isinstance(launch.offer.value, AmountOff)


def test_products_are_replaced_as_a_whole(room):
    launch = _override(room, "{ phases: { launch: { offer: { products: { skus: [A] } } } } }")
    selection = launch.variant("us", "x").phases[1].offer.products
    assert selection == Selection(skus=frozenset({"A"}))


def test_a_skipped_phase_is_gone_and_the_others_keep_their_order(room):
    (launch,) = _override(room, "{ skip: [teaser] }").variant("us", "x").phases
    assert (launch.name, launch.order) == ("launch", 1)


def test_a_cancelled_region_keeps_the_reason(room):
    campaign = _override(room, '{ cancelled: "customs strike" }')
    assert campaign.variant("us", "storefront").cancelled == "customs strike"
    assert campaign.variant("de", "storefront").cancelled is None


def test_a_channel_narrows_what_the_region_changed(room):
    campaign = _override(
        room,
        "{ phases: { launch: { offer: { percent: 20 }, when: { for: 3h } } }, skip: [teaser],"
        " channels: { outlet: { phases: { launch: { offer: { percent: 15 } } } } } }",
    )
    (outlet,) = campaign.variant("us", "outlet").phases
    (storefront,) = campaign.variant("us", "storefront").phases
    assert outlet.offer.value == PercentOff(Decimal(15))
    assert storefront.offer.value == PercentOff(Decimal(20))
    assert outlet.when == storefront.when


def test_the_merged_whole_is_checked_and_the_override_is_to_blame(room):
    room.campaign(
        f'{TWO_PHASES}overrides:\n  us: {{ phases: {{ launch: {{ when: {{ until: "00:00" }} }} }} }}\n'
    )
    problem = room.problem()
    assert (problem.code, problem.path) == ("E042", "overrides.us.phases.launch.when.until")
    assert (problem.place.line, problem.place.column) == (14, 44)


def test_an_override_that_leaves_no_end_is_refused_at_its_own_line(room):
    room.campaign(
        TWO_PHASES.replace("from: peak, for: 2h", "from: peak")
        + 'overrides:\n  us: { phases: { teaser: { when: { from: "20:00" } } } }\n'
    )
    problem = room.problem()
    assert (problem.code, problem.place.line) == ("E040", 14)


def test_a_problem_of_a_phase_is_said_once_and_not_again_for_each_override(room):
    room.campaign(
        TWO_PHASES.replace("percent: 25", "percent: 250")
        + "overrides:\n  us: { phases: { launch: { when: { for: 3h } } } }\n"
        + "  de: { phases: { launch: { when: { for: 3h } } } }\n"
    )
    assert room.problem().code == "E051"


@pytest.mark.parametrize(
    ("text", "code", "help"),
    [
        ("  uss: { skip: [teaser] }\n", "E013", "did you mean us?"),
        ("  fr: { skip: [teaser] }\n", "E055", "its regions: de, us"),
        ("  us: { skip: [teazer] }\n", "E056", "did you mean teaser?"),
        ("  us: { phases: { lunch: { when: { for: 2h } } } }\n", "E056", "did you mean launch?"),
        ("  us: { channels: { outlett: { skip: [teaser] } } }\n", "E014", "did you mean outlet?"),
        (
            "  de: { channels: { outlet: { skip: [teaser] } } }\n",
            "E055",
            "drop it, or let it serve",
        ),
        ("  us: { cancelled: }\n", "E011", ""),
        ("  us: { skips: [teaser] }\n", "E010", "did you mean skip?"),
        ("  us: { phases: { launch: { offer: { approval: x } } } }\n", "E070", None),
    ],
)
def test_overrides_that_do_not_fit_are_refused(room, text, code, help):
    room.campaign(f"{TWO_PHASES}overrides:\n{text}")
    problem = room.problem()
    assert (problem.code, problem.place.line) == (code, 14)
    assert help is None or problem.help == help


# ── the campaign itself ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("old", "new", "code", "help"),
    [
        ("[de, us]", "[de, uss]", "E013", "did you mean us?"),
        ("[de, us]", "[de, de]", "E011", None),
        ("[de, us]", "[]", "E011", None),
        ("[de, us]", "de", "E011", None),
        ("[de, us]", "{ tagged: kore }", "E015", "did you mean core?"),
        ("campaign: sale", "campaign: a/b", "E018", None),
        ("campaign: sale", "campaign: [a]", "E011", None),
        ("campaign: sale", "campaign: sale\npriority: high", "E035", None),
        ("campaign: sale", "campaign: sale\npriority: 1.5", "E035", None),
        ("campaign: sale", "campaign: sale\nstack: yes", "E037", None),
        ("campaign: sale", 'campaign: sale\nstack: "true"', "E037", None),
        (
            "campaign: sale",
            "campaign: sale\nchannels: [storfront]",
            "E014",
            "did you mean storefront?",
        ),
        ("campaign: sale", 'campaign: sale\ntitle: "\\e[31m"', "E036", None),
        ("campaign: sale", "campaign: sale\nlate: { start_within: 0h }", "E034", None),
        ("campaign: sale", "campaign: sale\nprioritty: 3", "E010", "did you mean priority?"),
        ("campaign: sale", "campaign: sale\napproval: required", "E070", None),
        ("campaign: sale", "campaign: sale\nnotify: [ops]", "E070", None),
        ("campaign: sale", "campaign: sale\nblackout: [2026-11-11]", "E010", None),
        ("campaign: sale", "campaign: sale\non_holiday: maybe", "E011", None),
        ("campaign: sale\n", "", "E016", "add `campaign:`"),
        ("  launch:", "  lau/nch:", "E018", None),
    ],
)
def test_campaigns_that_do_not_fit_are_refused(room, old, new, code, help):
    text = (room.root / "campaigns/sale.yaml").read_text()
    assert old in text
    room.campaign(text.replace(old, new))
    problem = room.problem()
    assert problem.code == code
    assert problem.place.file == "campaigns/sale.yaml"
    assert help is None or problem.help == help


@pytest.mark.parametrize("phases", ["phases: {}", "phases:", "phases: [launch]"])
def test_a_campaign_without_phases_is_refused(room, phases):
    room.campaign(f"campaign: sale\nregions: [de]\n{phases}\n")
    assert room.problem().code == "E011"


def test_two_campaigns_with_one_name_are_refused_at_both_places(room):
    room.write("campaigns/again.yaml", "\n" + (room.root / "campaigns/sale.yaml").read_text())
    first, second = room.problems()
    assert (first.code, second.code) == ("E019", "E019")
    assert (str(first.place), str(second.place)) == (
        "campaigns/again.yaml:2:11",
        "campaigns/sale.yaml:1:11",
    )
    assert str(second.place) in first.message
    assert str(first.place) in second.message


def test_a_region_that_no_channel_serves_gives_a_warning(room):
    room.campaign((room.root / "campaigns/sale.yaml").read_text().replace("[de, us]", "[de, fr]"))
    loaded = room.load()
    (warning,) = loaded.warnings
    assert (warning.code, warning.path) == ("W012", "regions.1")
    assert set(loaded.regions) == {"de", "fr", "us"}  # fr is shipped, and counts since it is named


WHEN = '    when: { date: 2026-11-11, from: "00:00", until: "24:00" }\n'
OFFER = "    offer: { percent: 25, products: all }\n"
INSTANT = (
    '    when: { clock: instant, from: "2026-11-11T00:00:00Z", until: "2026-11-12T00:00:00Z" }\n'
)


@pytest.mark.parametrize(
    ("whens", "codes"), [([INSTANT], ["W013"]), ([INSTANT, WHEN], []), ([WHEN], [])]
)
def test_a_policy_for_holidays_beside_moments_alone_is_warned_of(room, whens, codes):
    phases = "".join(f"  p{n}:\n{when}{OFFER}" for n, when in enumerate(whens))
    room.campaign(f"campaign: sale\non_holiday: skip\nregions: [de, us]\nphases:\n{phases}")
    warnings = room.load().warnings

    assert [each.code for each in warnings] == codes
    assert [(each.path, each.place.line) for each in warnings] == [("on_holiday", 2)] * len(codes)


def test_every_problem_of_every_file_is_collected_in_order(room):
    room.write(
        "config/regions.yaml", "regions:\n  de: { zones: [Europe/Berlinn], currency: eur }\n"
    )
    room.write("config/settings.yaml", "leese: 30s\n")
    room.write("campaigns/a.yaml", "a: [\n")
    room.campaign(
        "campaign: sale\nregions: [de, xx]\nphases:\n  launch:\n"
        "    when: { date: 2026-11-31, from: 20:30 }\n    offer: { percent: 250, product: all }\n"
    )
    found = [(p.place.file, p.place.line, p.code) for p in room.problems()]
    assert found == [
        ("campaigns/a.yaml", 2, "E025"),
        ("campaigns/sale.yaml", 2, "E013"),
        ("campaigns/sale.yaml", 5, "E033"),
        ("campaigns/sale.yaml", 5, "E030"),
        ("campaigns/sale.yaml", 6, "E051"),
        ("campaigns/sale.yaml", 6, "E010"),
        ("config/regions.yaml", 2, "E012"),
        ("config/regions.yaml", 2, "E052"),
        ("config/settings.yaml", 1, "E010"),
    ]


def test_a_problem_prints_its_place_code_path_and_message(room):
    room.write(
        "config/regions.yaml", "regions:\n  ca: { zones: [America/Vancuver], currency: CAD }\n"
    )
    (problem,) = (p for p in room.problems() if p.code == "E012")
    assert str(problem) == (
        "config/regions.yaml:2:17: error[E012] regions.ca.zones.0: "
        'unknown time zone "America/Vancuver"'
    )
    assert problem.help == "did you mean America/Vancouver?"
    assert problem.place.source == "  ca: { zones: [America/Vancuver], currency: CAD }"


def campaign_duration(hours):
    from promo_scheduler.when import Duration

    return Duration(0, timedelta(hours=hours))

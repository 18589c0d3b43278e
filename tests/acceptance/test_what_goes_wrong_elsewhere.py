"""What other schedulers get wrong, by their own bug reports: what only the whole command shows."""

import json


def test_a_saved_plan_is_bound_to_the_zone_data_it_was_reviewed_with(promo, workspace, tmp_path):
    """Terraform 27721: one plan is applied twice, or to a world that has moved on."""
    saved = tmp_path / "reviewed.plan"
    promo("-w", workspace, "plan", "--out", saved)
    plan = json.loads(saved.read_text())
    saved.write_text(json.dumps({**plan, "tzdata": "2025b"}))

    result = promo("-w", workspace, "apply", saved)

    assert result.code == 1
    assert "error[E103]" in result.err
    assert "tzdata 2025b" in result.err
    assert promo("-w", workspace, "events", "-o", "json").json["events"] == []


def test_preview_plan_and_what_stands_agree_about_every_window(promo, workspace):
    """Argo 3831: the command and the page disagree about one window."""
    previewed = promo("-w", workspace, "preview", "-o", "json").json
    planned = promo("-w", workspace, "plan", "-o", "json").json["changes"]["create"]
    promo("-w", workspace, "apply", "--yes")
    standing = promo("-w", workspace, "events", "-o", "json").json["events"]

    hours = {w["key"]: (w["start"], w["end"]) for w in previewed["windows"]}
    due = {event["key"]: event["due_at"] for event in previewed["events"]}
    assert len(hours) == 4
    assert {c["key"]: (c["after"]["start"], c["after"]["end"]) for c in planned} == hours
    assert {event["key"]: event["due_at"] for event in standing} == due

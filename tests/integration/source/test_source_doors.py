"""The other public doors: finding a workspace, the shipped files, secrets, schemas, speed."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from promo_scheduler import source
from promo_scheduler.errors import MissingSecret, WorkspaceNotFound
from promo_scheduler.source import find_workspace, load, resolve, shipped, write_schemas

FILES = {
    "campaign.schema.json": "campaigns/*.yaml",
    "regions.schema.json": "config/regions.yaml",
    "channels.schema.json": "config/channels.yaml",
    "calendars.schema.json": "config/calendars.yaml",
    "settings.schema.json": "config/settings.yaml",
}
EXAMPLES = sorted(path.parent.parent for path in shipped("examples").glob("*/config/settings.yaml"))


# ── finding ─────────────────────────────────────────────────────────────────────────────────────
def test_the_nearest_folder_upwards_is_the_workspace(room):
    inner = room.root / "campaigns/deeper"
    inner.mkdir()
    assert find_workspace(inner) == room.root
    assert find_workspace(room.root) == room.root


def test_a_relative_start_is_taken_from_here(room, monkeypatch):
    monkeypatch.chdir(room.root / "campaigns")
    assert find_workspace(Path()) == room.root


def test_where_there_is_no_workspace_the_way_out_is_named(tmp_path):
    with pytest.raises(WorkspaceNotFound) as caught:
        find_workspace(tmp_path)
    assert "promo init" in caught.value.help
    with pytest.raises(WorkspaceNotFound):
        load(tmp_path / "nowhere")


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────
def test_references_are_replaced_and_other_texts_left_alone(room, monkeypatch):
    monkeypatch.setenv("STORE_TOKEN", "s3cret ${env:HOME}")
    room.write("keys/token", "from a file\n")
    settings = {
        "plain": "http://127.0.0.1",
        "token": "Bearer ${env:STORE_TOKEN}",
        "other": "${env:PROMO_NOT_SET:-a default}",
        "file": "${file:keys/token}",
        "absolute": f"${{file:{room.root}/keys/token}}",
    }
    assert resolve(settings, room.root) == {
        "plain": "http://127.0.0.1",
        "token": "Bearer s3cret ${env:HOME}",  # what is behind a reference is not read again
        "other": "a default",
        "file": "from a file",
        "absolute": "from a file",
    }


@pytest.mark.parametrize(
    "reference",
    [
        "${env:PROMO_NOT_SET}",
        "${env:PROMO_EMPTY}",
        "${file:keys/none}",
        "${file:keys}",
        "${file:keys/binary}",
        "${file:keys/empty}",
        "${file:../outside}",
        "${file:link}",
        "${env:}",
        "${env:STORE TOKEN}",
        "${vault:x}",
        "${env:STORE_TOKEN",
    ],
)
def test_a_reference_with_nothing_behind_it_is_named_and_no_value_is(room, monkeypatch, reference):
    monkeypatch.setenv("PROMO_EMPTY", "")
    room.write("../outside", "hunter2")
    room.write("keys/binary", b"hunter2\xff")
    room.write("keys/empty", "\n")
    (room.root / "link").symlink_to("../outside")
    with pytest.raises(MissingSecret) as caught:
        resolve({"password": "x", "token": reference}, room.root)
    assert caught.value.code == "E003"
    assert caught.value.message.startswith("token: ")
    assert caught.value.help
    everything = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "hunter2" not in repr(everything)


# ── schemas ─────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    written = write_schemas(tmp_path_factory.mktemp("schemas"))
    assert {path.name for path in written} == set(FILES)
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in written}


def _plain(value):
    """YAML as a JSON editor sees it: dates are texts."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_valid_and_describes_every_key(schemas, name):
    schema = schemas[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in (schema, *schema.get("$defs", {}).values()):
        for key, described in part.get("properties", {}).items():
            pointed_at = schema["$defs"].get(described.get("$ref", "").rpartition("/")[2], {})
            assert {**pointed_at, **described}.get("description"), f"{part['title']}.{key}"
        assert part["additionalProperties"] is False, part["title"]


@pytest.mark.parametrize(
    "folder", [*EXAMPLES, shipped("config").parent], ids=lambda path: path.name
)
@pytest.mark.parametrize("name", FILES)
def test_the_examples_and_the_shipped_files_satisfy_their_schema(schemas, folder, name):
    validator = jsonschema.Draft202012Validator(schemas[name])
    for path in folder.glob(FILES[name]):
        content = _plain(YAML(typ="safe", pure=True).load(path))
        assert [error.message for error in validator.iter_errors(content)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("campaign: sale", "campaigne: sale"),
        ('from: "00:00"', "from: noon"),
        ('from: "00:00"', 'from: "24:00"'),
        ('until: "24:00"', 'until: "24:00", for: 2h'),
        ("percent: 25", "percent: 250"),
        ("percent: 25", "percent: 25, price: { EUR: 1 }"),
        ("percent: 25", "label: x"),
        ("date: 2026-11-11", "date:"),
        ("regions: [de, us]", "regions: de"),
        ("campaign: sale", 'campaign: sale\npriority: "3"'),
    ],
)
def test_an_editor_sees_the_same_mistakes(schemas, room, old, new):
    validator = jsonschema.Draft202012Validator(schemas["campaign.schema.json"])
    text = (room.root / "campaigns/sale.yaml").read_text()
    assert validator.is_valid(_plain(YAML(typ="safe", pure=True).load(text)))
    assert not validator.is_valid(_plain(YAML(typ="safe", pure=True).load(text.replace(old, new))))
    room.campaign(text.replace(old, new))
    assert room.problems()


# ── the package ─────────────────────────────────────────────────────────────────────────────────
def test_every_public_name_is_there_in_any_order_of_imports():
    names = ", ".join(source.__all__)
    code = (
        "import promo_scheduler.source.loader, promo_scheduler.source.json_schema; "
        f"from promo_scheduler.source import {names}; "
        f"assert all(callable(each) for each in ({names}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, promo_scheduler.source; "
        "heavy = {'pydantic', 'ruamel', 'dateutil', 'pendulum', 'tzdata'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_five_hundred_campaigns_load(room):
    text = (shipped("examples") / "double-11/campaigns/double-11.yaml").read_text()
    for name in ("regions.yaml", "channels.yaml"):
        path = shipped("examples") / "double-11/config" / name
        room.write(f"config/{name}", path.read_text())
    (room.root / "campaigns/sale.yaml").unlink()
    for number in range(500):
        room.write(f"campaigns/{number}.yaml", text.replace("double-11-2026", f"c-{number}"))
    assert len(room.load().campaigns) == 500

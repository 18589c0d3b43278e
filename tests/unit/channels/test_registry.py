"""Which connectors there are, and what is said where one is missing or broken."""

import sys

import pytest

from promo_scheduler.channels import registry
from promo_scheduler.channels.sandbox.connector import SandboxConnector
from promo_scheduler.errors import BrokenConnector, InvalidWorkspace, UnknownConnector
from promo_scheduler.testing import a_channel, a_window


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a package as pip would leave it: modules, and metadata with an entry point."""

    def install(name, target, source=""):
        (tmp_path / f"{name}_package.py").write_text(source)
        info = tmp_path / f"{name}_{len(list(tmp_path.iterdir()))}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {info.stem}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{name} = {target}\n")

    monkeypatch.syspath_prepend(str(tmp_path))
    clear()
    yield install
    clear()
    for module in [name for name in sys.modules if name.endswith("_package")]:
        del sys.modules[module]


def clear():
    registry._installed.cache_clear()
    registry.connector_class.cache_clear()


def test_the_shipped_connectors_are_there_without_any_metadata():
    assert {"sandbox", "webhook"} <= set(registry.names())
    assert registry.connector_class("sandbox") is SandboxConnector
    assert registry.connector_class("webhook").__name__ == "WebhookConnector"


def test_an_unknown_name_gets_a_hint_and_the_list():
    with pytest.raises(UnknownConnector) as caught:
        registry.connector_class("sandbx")
    assert caught.value.message == 'no connector is called "sandbx"'
    assert "did you mean sandbox?" in caught.value.help
    assert "webhook" in caught.value.help


def test_an_installed_package_is_found_but_not_imported_before_it_is_asked_for(installed):
    installed("tiny", "tiny_package:Tiny", source="raise RuntimeError('half installed')")
    assert "tiny" in registry.names()
    with pytest.raises(BrokenConnector, match="RuntimeError: half installed"):
        registry.connector_class("tiny")


@pytest.mark.parametrize(
    ("target", "source", "told"),
    [
        ("odd_package:Missing", "", "AttributeError"),
        ("nowhere_at_all:Odd", "", "ModuleNotFoundError"),
        ("odd_package:Odd", "Odd = 1", "expected a subclass of Connector"),
        ("odd_package", "", "AttributeError"),
    ],
)
def test_a_package_that_cannot_be_used_is_told_in_a_sentence(installed, target, source, told):
    installed("odd", target, source)
    with pytest.raises(BrokenConnector) as caught:
        registry.connector_class("odd")
    assert "odd" in caught.value.message
    assert told in caught.value.message


def test_two_packages_with_one_name_are_told_apart_by_nobody(installed):
    installed("twice", "first_package:A")
    installed("twice", "second_package:B")
    with pytest.raises(BrokenConnector, match="provided more than once"):
        registry.connector_class("twice")


def test_a_foreign_package_cannot_take_a_shipped_name(installed):
    installed("sandbox", "sandbox_package:Evil", "Evil = 1")
    assert registry.connector_class("sandbox") is SandboxConnector


def test_capabilities_follow_the_settings():
    channels = {
        "exact": a_channel(settings={"url": "http://x"}),
        "toggled": a_channel(settings={"url": "http://x", "native": "false"}),
    }
    found = registry.capabilities_of(channels)
    assert [found[name].stages for name in channels] == [True, False]


def test_checks_are_by_channel():
    check = registry.checks_of({"store": a_channel()})["store"]
    window = a_window()
    assert check(window) == []
    (problem,) = check(a_window(end=window.start))
    assert "expected an end after the start" in problem.message


def test_settings_that_nobody_knows_are_told_with_their_path():
    channel = a_channel(settings={"ulr": "http://x"})
    problems = registry.settings_problems({"store": channel})
    assert [p.path for p in problems] == [
        "channels.store.settings.url",
        "channels.store.settings.ulr",
    ]
    assert problems[1].help == "did you mean url?"


async def test_connecting_refuses_wrong_settings_and_makes_the_rest():
    with pytest.raises(InvalidWorkspace):
        registry.connect(a_channel(), {"url": "http://127.0.0.1:9", "native": "perhaps"})
    connector = registry.connect(a_channel(), {"url": "http://127.0.0.1:9"})
    assert isinstance(connector, SandboxConnector)
    await connector.close()

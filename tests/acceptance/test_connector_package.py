"""A third party's connector, installed as a real package, is found by name and passes its suite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "examples" / "connector_package"


def python(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with nothing but the example's wheel, built and installed by pip, offline."""
    folder = tmp_path_factory.mktemp("site")
    flags = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", *flags, str(PACKAGE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_registry_lists_an_installed_package_and_loads_it(site, tmp_path):
    program = (
        "from promo_scheduler.channels.registry import connector_class, names\n"
        "print(*names()); print(connector_class('file').__module__)"
    )
    done = python(site, "-c", program, cwd=tmp_path)
    assert done.stdout.split() == ["file", "sandbox", "webhook", "promo_filechannel.connector"], (
        done.stderr
    )


def test_without_the_package_its_connector_is_unknown(tmp_path):
    program = (
        "from promo_scheduler.channels.registry import connector_class; connector_class('file')"
    )
    done = python(tmp_path, "-c", program, cwd=tmp_path)
    assert done.returncode != 0
    assert 'no connector is called "file"' in done.stderr


def test_the_package_passes_the_suite_with_the_command_of_its_readme(site, tmp_path):
    done = python(
        site, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "-c", str(PACKAGE / "pyproject.toml"), "--rootdir", str(tmp_path), str(PACKAGE / "tests"),
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout


def test_its_author_imports_two_modules_of_ours_only():
    sources = [*PACKAGE.glob("src/**/*.py"), *PACKAGE.glob("tests/*.py")]
    lines = [line for path in sources for line in path.read_text().splitlines()]
    ours = {line.split()[1] for line in lines if line.startswith("from promo_scheduler")}
    assert ours == {"promo_scheduler.connector", "promo_scheduler.testing"}

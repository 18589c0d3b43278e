"""Git: which commit a workspace stands at, and its committed files alone."""

import subprocess

import pytest

from promo_scheduler.errors import GitFailed, InvalidWorkspace
from promo_scheduler.source import checkout, load, revision


def git(folder, *arguments):
    command = [
        *("git", "-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"),
        *("-c", "init.defaultBranch=main", "-C", str(folder), *arguments),
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def committed(room):
    git(room.root, "init")
    git(room.root, "add", ".")
    git(room.root, "commit", "-m", "first")
    return room


def test_outside_git_there_is_no_revision(room, tmp_path):
    assert revision(room.root) is None
    assert checkout(room.root, tmp_path / "out") is None
    assert not (tmp_path / "out").exists()


def test_before_the_first_commit_there_is_no_revision(room):
    git(room.root, "init")
    assert revision(room.root) is None


def test_where_git_is_not_installed_there_is_no_revision(committed, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert revision(committed.root) is None


def test_a_clean_workspace_stands_at_its_commit(committed):
    assert revision(committed.root) == git(committed.root, "rev-parse", "HEAD")
    assert load(committed.root).revision == revision(committed.root)


@pytest.mark.parametrize("name", ["campaigns/sale.yaml", "campaigns/new.yaml", "config/new.csv"])
def test_changed_and_new_files_make_it_dirty(committed, name):
    committed.write(name, "x")
    assert revision(committed.root) == git(committed.root, "rev-parse", "HEAD") + "-dirty"


def test_a_removed_campaign_makes_it_dirty(committed):
    (committed.root / "campaigns/sale.yaml").unlink()
    assert revision(committed.root).endswith("-dirty")


def test_files_elsewhere_do_not_make_it_dirty(committed):
    committed.write("notes.txt", "x")
    assert not revision(committed.root).endswith("-dirty")


def test_a_given_revision_is_taken_as_it_is(committed):
    assert load(committed.root, revision="abc").revision == "abc"
    assert load(committed.root, revision=None).revision is None


def test_checkout_gives_the_committed_files_and_no_others(committed, tmp_path):
    before = load(committed.root)
    committed.campaign("not: a campaign\n")
    committed.write("campaigns/new.yaml", "x")
    commit = checkout(committed.root, tmp_path / "out")
    assert commit == git(committed.root, "rev-parse", "HEAD")
    after = load(tmp_path / "out", revision=commit)
    assert after.campaigns == before.campaigns
    assert after.config_digest == before.config_digest
    assert not (tmp_path / "out/campaigns/new.yaml").exists()


def test_a_workspace_in_a_subfolder_of_the_repository(room, tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    commit = checkout(room.root, tmp_path / "out")
    assert load(tmp_path / "out").campaigns == load(room.root).campaigns
    assert revision(room.root) == commit
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns/other.yaml").write_text("of somebody else")
    assert revision(room.root) == commit


def test_a_commit_without_campaigns_gives_an_empty_workspace(committed, tmp_path):
    git(committed.root, "rm", "-r", "campaigns")
    git(committed.root, "commit", "-m", "none")
    checkout(committed.root, tmp_path / "out")
    assert load(tmp_path / "out").campaigns == ()


def test_a_commit_without_a_workspace_gives_an_empty_folder(committed, tmp_path):
    git(committed.root, "rm", "-r", "campaigns", "config")
    committed.write("notes.txt", "x")
    git(committed.root, "add", ".")
    git(committed.root, "commit", "-m", "none")
    assert checkout(committed.root, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["--output=pwned", "HEAD", "$(touch pwned)"])
def test_a_hostile_branch_name_does_nothing(committed, tmp_path, name):
    (committed.root / ".git/refs/heads" / name).write_text(git(committed.root, "rev-parse", "HEAD"))
    (committed.root / ".git/HEAD").write_text(f"ref: refs/heads/{name}\n")
    expected = {None, git(committed.root, "rev-parse", "main")}
    assert checkout(committed.root, tmp_path / "out") in expected
    assert not list(tmp_path.rglob("pwned"))


def test_a_committed_link_out_of_the_workspace_is_refused_when_it_is_loaded(committed, tmp_path):
    (committed.root / "campaigns/evil.yaml").symlink_to("/etc/hostname")
    git(committed.root, "add", ".")
    git(committed.root, "commit", "-m", "link")
    checkout(committed.root, tmp_path / "out")
    with pytest.raises(InvalidWorkspace) as caught:
        load(tmp_path / "out")
    assert [problem.code for problem in caught.value.problems] == ["E028"]


def test_variables_of_a_hook_above_do_not_lead_elsewhere(committed, tmp_path, monkeypatch):
    expected = revision(committed.root)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert revision(committed.root) == expected


def test_a_broken_repository_is_a_clear_error(committed):
    (committed.root / ".git/objects").rename(committed.root / ".git/objects.lost")
    (committed.root / ".git/objects").mkdir()
    with pytest.raises(GitFailed) as caught:
        revision(committed.root)
    assert caught.value.code == "E004"
    assert caught.value.help

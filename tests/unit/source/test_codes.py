"""Every code that reading a workspace can raise is explained, and no other."""

import re
from pathlib import Path

import promo_scheduler.source
from promo_scheduler import errors
from promo_scheduler.views.explanations import SOURCE_CODES

FILES = Path(promo_scheduler.source.__file__).parent.glob("*.py")
USED = {code for path in FILES for code in re.findall(r'"([EW]0[0-9]{2})"', path.read_text())}
RAISED = {
    error.code
    for error in (
        errors.WorkspaceNotFound,
        errors.InvalidWorkspace,
        errors.MissingSecret,
        errors.GitFailed,
    )
}


def test_every_code_that_can_be_raised_is_explained_and_no_other():
    assert set(SOURCE_CODES) == USED | RAISED


def test_an_explanation_says_what_it_means_and_then_what_to_do():
    for code, text in SOURCE_CODES.items():
        title, blank, *rest = text.split("\n")
        assert len(title) > 10, code
        assert title.endswith("."), code
        assert blank == "", code
        assert len(" ".join(rest)) > 40, code

"""`python tests/benchmarks`: every goal that is measured so far, beside its peer, in one run."""

from __future__ import annotations

import applying
import expanding
import help_text
import herd
import idle
from figures import HEADER

if __name__ == "__main__":
    print(HEADER)
    for part in (help_text, expanding, applying, herd, idle):
        for figure in part.measure():
            print(figure, flush=True)

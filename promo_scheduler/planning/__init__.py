"""Planning: campaigns to windows and events, what speaks against them, and what changes.

    expand    a workspace to a plan: windows, events, findings
    events    the trigger events of a window
    review    what speaks against a plan: overlaps, and what a channel cannot do
    overlaps  which offer applies when
    stranded  what is on a channel that cannot be reached any more
    diff      a plan against what stands: changes, and the events that they bring
    anew      what stands under other zone data than it was resolved with

Pure: the same workspace, standing windows and instant give the same answer.
"""

from promo_scheduler.planning.anew import Anew, AnewRequest, resolved_anew
from promo_scheduler.planning.diff import diff, digest, revive
from promo_scheduler.planning.events import events_of
from promo_scheduler.planning.expand import ExpandRequest, expand
from promo_scheduler.planning.overlaps import Applies, applies
from promo_scheduler.planning.requests import Difference, DiffRequest, ReviveRequest
from promo_scheduler.planning.review import ReviewRequest, review
from promo_scheduler.planning.stranded import stranded

__all__ = [
    "Anew",
    "AnewRequest",
    "Applies",
    "DiffRequest",
    "Difference",
    "ExpandRequest",
    "ReviewRequest",
    "ReviveRequest",
    "applies",
    "diff",
    "digest",
    "events_of",
    "expand",
    "resolved_anew",
    "review",
    "revive",
    "stranded",
]

"""The order of calls of one firing, and what becomes of a connector that does not keep to it."""

import asyncio
import traceback
from dataclasses import replace

import pytest

from promo_scheduler.channels.act import act, request_of
from promo_scheduler.connector import (
    Capabilities,
    Conflict,
    Connector,
    Health,
    Invalid,
    Observed,
    ObservedState,
    OutcomeUnknown,
    RateLimited,
    RemoteRef,
    Retryable,
)
from promo_scheduler.plan import Action
from promo_scheduler.testing import a_firing, a_request, an_offer

KEY = a_firing().natural_key


class Shelf(Connector):
    """A channel in memory. `trouble` names the call that raises, and what; `calls` is its diary."""

    def __init__(self, *ids, trouble=None, ignore=None, capabilities=None):
        self.held = dict.fromkeys(ids, Observed.ACTIVE)
        self.requests = {}
        self.calls = []
        self.trouble = trouble or {}
        self.ignore = ignore or {}
        self.capabilities = capabilities or Capabilities()

    def note(self, call, what=""):
        self.calls.append(f"{call} {what}".strip())
        if call in self.trouble:
            raise self.trouble[call]

    async def find(self, natural_key):
        self.note("find")
        return tuple(RemoteRef(one, natural_key) for one in self.held)

    async def ensure(self, request):
        self.note("ensure", request.found.id if request.found else "new")
        ref = RemoteRef(request.found.id if request.found else "1", request.natural_key)
        self.requests[ref.id] = replace(request, **self.ignore)
        self.held.setdefault(ref.id, Observed.ENDED)
        return ref

    async def activate(self, ref):
        self.note("activate", ref.id)
        assert ref.request is not None
        self.held[ref.id] = Observed.ACTIVE

    async def deactivate(self, ref):
        self.note("deactivate", ref.id)
        assert ref.request is not None
        self.held[ref.id] = Observed.ENDED

    async def read(self, ref):
        self.note("read", ref.id)
        asked = self.requests.get(ref.id)
        known = (asked.start, asked.end, asked.offer, asked.target) if asked else ()
        return ObservedState(self.held.get(ref.id, Observed.ABSENT), *known)

    async def poll(self, ref):
        self.note("poll", ref.id)
        return ObservedState(Observed.ACTIVE)

    async def health(self):
        return Health(ok=True)


async def failure(connector, action=Action.ACTIVATE):
    with pytest.raises(Exception) as caught:
        await act(connector, a_firing(action))
    return caught.value


# ── the sequence ────────────────────────────────────────────────────────────────────────────────
async def test_an_activation_finds_ensures_activates_and_reads_back():
    shelf = Shelf()
    receipt = await act(shelf, a_firing())
    assert shelf.calls == ["find", "ensure new", "activate 1", "read 1"]
    assert receipt.ref == RemoteRef("1", KEY)
    assert receipt.observed.state is Observed.ACTIVE


async def test_what_is_found_is_changed_and_not_made_again():
    shelf = Shelf("7")
    await act(shelf, a_firing())
    assert shelf.calls == ["find", "ensure 7", "activate 7", "read 7"]


async def test_staging_does_not_activate():
    shelf = Shelf("7")
    await act(shelf, a_firing(Action.STAGE))
    assert shelf.calls == ["find", "ensure 7", "read 7"]


async def test_doubles_are_ended_and_named_and_one_is_kept():
    shelf = Shelf("7", "8", "9")
    shelf.held["9"] = Observed.ENDED
    receipt = await act(shelf, a_firing())
    assert receipt.removed == ("8",)
    assert shelf.held == {"7": Observed.ACTIVE, "8": Observed.ENDED, "9": Observed.ENDED}


async def test_an_ending_ends_every_double_and_reads_each_back():
    shelf = Shelf("7", "8")
    receipt = await act(shelf, a_firing(Action.DEACTIVATE))
    assert set(shelf.held.values()) == {Observed.ENDED}
    assert receipt.removed == ("8",)
    assert "read 7" in shelf.calls
    assert "read 8" in shelf.calls


async def test_an_ending_of_what_was_never_there_is_done():
    receipt = await act(Shelf(), a_firing(Action.DEACTIVATE))
    assert receipt.observed.state is Observed.ABSENT


async def test_a_channel_that_answers_later_is_polled():
    shelf = Shelf(capabilities=Capabilities(async_result=True))
    await act(shelf, a_firing())
    assert shelf.calls[-1] == "poll 1"


def test_a_request_says_what_the_firing_means():
    assert request_of(a_firing()) == a_request()


# ── reading back ────────────────────────────────────────────────────────────────────────────────
async def test_a_field_that_the_channel_ignored_is_noticed():
    error = await failure(Shelf(ignore={"offer": an_offer("5")}))
    assert isinstance(error, Invalid)
    assert "value: expected 25 %, found 5 %" in str(error)


async def test_a_naive_instant_is_told_as_a_bug_and_not_taken_for_utc():
    naive = a_request().end.replace(tzinfo=None)
    assert isinstance(await failure(Shelf(ignore={"end": naive})), Invalid)


async def test_what_is_not_live_yet_after_an_activation_is_tried_again():
    class Lazy(Shelf):
        async def activate(self, ref):
            self.held[ref.id] = Observed.SCHEDULED

    error = await failure(Lazy())
    assert isinstance(error, Retryable)
    assert "expected active, found scheduled" in str(error)


async def test_an_ending_that_does_not_show_is_tried_again():
    class Stubborn(Shelf):
        async def deactivate(self, ref):
            return

    assert isinstance(await failure(Stubborn("7"), Action.DEACTIVATE), Retryable)


@pytest.mark.parametrize(
    ("state", "error"), [(Observed.PENDING, Retryable), (Observed.FAILED, Invalid)]
)
async def test_states_that_are_no_success(state, error):
    class Slow(Shelf):
        async def activate(self, ref):
            self.held[ref.id] = state

    assert type(await failure(Slow())) is error


async def test_unknown_is_accepted_only_where_nothing_can_be_asked():
    class Mute(Shelf):
        async def read(self, ref):
            return ObservedState(Observed.UNKNOWN)

    assert isinstance(await failure(Mute()), Retryable)
    blind = Mute(capabilities=Capabilities(reads_back=False))
    assert (await act(blind, a_firing())).observed.state is Observed.UNKNOWN


async def test_one_double_that_cannot_be_ended_does_not_save_the_others():
    class Sticky(Shelf):
        async def deactivate(self, ref):
            if ref.id == "7":
                raise Conflict("stuck")
            await super().deactivate(ref)

    shelf = Sticky("7", "8")
    assert isinstance(await failure(shelf, Action.DEACTIVATE), Conflict)
    assert shelf.held == {"7": Observed.ACTIVE, "8": Observed.ENDED}


# ── what a connector raises ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("call", "raised", "expected"),
    [
        ("find", TimeoutError("token=s3cret"), Retryable),
        ("find", ConnectionError("token=s3cret"), Retryable),
        ("find", ValueError("token=s3cret"), Retryable),
        ("find", TypeError("token=s3cret"), Invalid),
        ("ensure", ConnectionError("token=s3cret"), OutcomeUnknown),
        ("ensure", TypeError("token=s3cret"), OutcomeUnknown),
        ("activate", KeyError("token=s3cret"), OutcomeUnknown),
        ("read", TimeoutError("token=s3cret"), OutcomeUnknown),
    ],
)
async def test_a_foreign_exception_is_mapped_by_what_was_sent_and_keeps_its_text(
    call, raised, expected
):
    error = await failure(Shelf(trouble={call: raised}))
    assert type(error) is expected
    assert f"{call} raised {type(raised).__name__} at test_act.py:" in str(error)
    assert "s3cret" not in "".join(traceback.format_exception(error))


async def test_a_channel_error_of_a_write_stays_as_it_is():
    for raised in (Retryable("refused"), Conflict("taken"), RateLimited("slow down")):
        assert await failure(Shelf(trouble={"ensure": raised})) is raised


async def test_a_read_that_fails_after_a_write_leaves_the_outcome_open():
    assert isinstance(await failure(Shelf(trouble={"read": Retryable("500")})), OutcomeUnknown)
    limited = RateLimited("slow down")
    assert await failure(Shelf(trouble={"read": limited})) is limited


async def test_a_connector_whose_method_has_the_wrong_shape_is_mapped_too():
    class Wrong(Shelf):
        def find(self):
            return ()

    assert isinstance(await failure(Wrong()), Invalid)


async def test_cancellation_is_never_swallowed():
    shelf = Shelf(trouble={"find": asyncio.CancelledError()})
    with pytest.raises(asyncio.CancelledError):
        await act(shelf, a_firing())


@pytest.mark.parametrize("action", [Action.STAGE, Action.ACTIVATE])
async def test_what_is_new_and_reads_back_wrong_is_taken_down_again(action):
    # Given a channel that silently ignores the offer
    shelf = Shelf(ignore={"offer": an_offer(percent="90")})
    if action is Action.STAGE:
        shelf.held["1"] = Observed.SCHEDULED
    # When something new is put up, then it is refused and does not stay
    with pytest.raises(Invalid, match="expected"):
        await act(shelf, a_firing(action))
    assert shelf.calls[-1] == "deactivate 1"


async def test_a_change_of_what_is_live_that_reads_back_wrong_stays_and_is_told():
    shelf = Shelf("7", ignore={"offer": an_offer(percent="90")})
    firing = a_firing(Action.ACTIVATE)
    changed = replace(firing, event=firing.event._replace(generation=2))
    with pytest.raises(Invalid, match="expected"):
        await act(shelf, changed)
    assert not any(call.startswith("deactivate") for call in shelf.calls)

"""The difference between what is wanted and what is there: pure."""

import random
from dataclasses import replace

import pytest

from webapp.subscribers.routers.difference import Difference, Wanted, difference, mark
from webapp.subscribers.routers.records import Secret

BUDI = Secret("budi", "pw", "50M", "10.0.0.2", comment=mark(1))
THERE = replace(BUDI, id="*1")


def wanted(secret: Secret | None = BUDI, line_id: int = 1, **fields: bool) -> Wanted:
    return Wanted(line_id, secret.name if secret else "budi", secret, **fields)


def kinds(found: Difference) -> list[str]:
    return [step.kind for step in found.steps]


def test_what_is_in_step_needs_nothing() -> None:
    assert difference([wanted()], [THERE]) == Difference()


@pytest.mark.parametrize(
    "changes",
    [{"password": "x"}, {"profile": "x"}, {"remote_address": "10.0.0.9"}, {"disabled": True}],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_drifted_is_changed_back(changes: dict[str, object]) -> None:
    [step] = difference([wanted()], [replace(THERE, **changes)]).steps
    assert (step.kind, step.after) == ("change", THERE)


def test_what_is_missing_is_added_and_what_nobody_wants_is_removed() -> None:
    assert kinds(difference([wanted()], [])) == ["add"]
    assert kinds(difference([wanted(None)], [THERE])) == ["remove"]
    assert kinds(difference([wanted(None)], [])) == []


def test_what_others_wrote_behind_our_mark_stays() -> None:
    noted = replace(THERE, comment="gerbang:1 rumah biru")
    assert difference([wanted()], [noted]) == Difference()
    [step] = difference([wanted()], [replace(noted, profile="x")]).steps
    assert step.after == noted
    gone, new = difference([wanted(replace(BUDI, name="budi2"))], [noted]).steps
    assert (gone.kind, new.kind, new.after and new.after.comment) == ("remove", "add", "gerbang:1 rumah biru")


@pytest.mark.parametrize("comment", ["", "rumah biru", "gerbang:", "gerbang:1x", "Gerbang:1", "x gerbang:1"])
def test_secrets_without_our_mark_are_never_touched(comment: str) -> None:
    theirs = replace(THERE, comment=comment, profile="theirs")
    assert difference([wanted(None)], [theirs]) == Difference()
    found = difference([wanted()], [theirs])
    assert (found.steps, [clash.secret for clash in found.clashes]) == ((), [theirs])


def test_adopting_takes_a_secret_over_and_keeps_its_note() -> None:
    theirs = replace(THERE, comment="rumah biru", profile="theirs")
    [step] = difference([wanted()], [theirs], adopt=[1]).steps
    assert step.after == replace(THERE, comment="gerbang:1 rumah biru")


def test_a_mark_of_a_line_that_nobody_knows_is_a_strangers() -> None:
    strange = replace(THERE, comment=mark(77), name="citra")
    found = difference([wanted()], [strange])
    assert (kinds(found), found.strangers) == (["add"], (strange,))
    assert difference([wanted()], [replace(strange, name="budi")]).clashes[0].line_id == 1


def test_an_exempt_line_is_left_alone_whatever_is_there() -> None:
    drifted = replace(THERE, profile="x")
    for secret in (BUDI, None):
        assert difference([wanted(secret, exempt=True)], [drifted]) == Difference()
    assert difference([wanted(exempt=True)], []) == Difference()


def test_two_lines_may_swap_their_names_and_a_free_name_is_given_again() -> None:
    citra = replace(BUDI, name="citra", comment=mark(2))
    lines = [wanted(replace(BUDI, name="citra")), wanted(replace(citra, name="budi"), 2)]
    found = difference(lines, [THERE, replace(citra, id="*2")])
    assert kinds(found) == ["remove", "remove", "add", "add"]
    assert kinds(difference([wanted(None), wanted(replace(BUDI, comment=mark(3)), 3)], [THERE])) == [
        "remove",
        "add",
    ]


def test_of_two_secrets_with_one_mark_the_one_of_the_right_name_stays() -> None:
    copied = replace(THERE, id="*2", name="budi-copy")
    [step] = difference([wanted()], [copied, THERE]).steps
    assert (step.kind, step.before) == ("remove", copied)


def test_off_means_offline_at_once() -> None:
    off = replace(BUDI, disabled=True)
    assert [step.puts_offline for step in difference([wanted(off)], [THERE]).steps] == ["budi"]
    assert [step.puts_offline for step in difference([wanted(None)], [THERE]).steps] == ["budi"]
    assert [step.puts_offline for step in difference([wanted()], []).steps] == [""]


@pytest.mark.parametrize("seed", range(40))
def test_applied_nothing_is_left_and_what_is_not_ours_is_as_it_was(seed: int) -> None:
    draw = random.Random(seed)
    lines = [_line(draw, line_id) for line_id in range(1, 30)]
    unique = {line.name: line for line in lines}.values()
    there = _unique_names([_secret(draw, position) for position in range(40)])
    found = difference(unique, there)
    after = _applied(found, there)
    again = difference(unique, after)
    assert (again.steps, again.clashes, again.strangers) == ((), found.clashes, found.strangers)
    ours = {line.line_id for line in unique if not line.exempt}
    others = [secret for secret in there if not _is_of(secret, ours)]
    assert [secret for secret in after if not _is_of(secret, ours)] == others


def _line(draw: random.Random, line_id: int) -> Wanted:
    name = f"user{draw.randrange(40)}"
    secret = Secret(
        name, draw.choice("ab"), draw.choice("pq"), disabled=draw.random() < 0.3, comment=mark(line_id)
    )
    return Wanted(line_id, name, secret if draw.random() < 0.7 else None, exempt=draw.random() < 0.1)


def _secret(draw: random.Random, position: int) -> Secret:
    comment = draw.choice([mark(draw.randrange(1, 35)), f"{mark(draw.randrange(1, 35))} note", "", "theirs"])
    return Secret(
        f"user{draw.randrange(40)}", draw.choice("ab"), draw.choice("pq"), comment=comment, id=f"*{position}"
    )


def _unique_names(secrets: list[Secret]) -> list[Secret]:
    return list({secret.name: secret for secret in secrets}.values())


def _is_of(secret: Secret, line_ids: set[int]) -> bool:
    return any(secret.comment == mark(one) or secret.comment.startswith(f"{mark(one)} ") for one in line_ids)


def _applied(found: Difference, there: list[Secret]) -> list[Secret]:
    """As a router would: one secret of a name, in the order of the steps."""
    kept = {secret.id: secret for secret in there}
    for number, step in enumerate(found.steps):
        if step.before is not None:
            del kept[step.before.id]
        if step.after is not None:
            assert step.after.name not in {secret.name for secret in kept.values()}
            after = step.after if step.before else replace(step.after, id=f"*new{number}")
            kept[after.id] = after
    return list(kept.values())

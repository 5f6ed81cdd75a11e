"""Which rule holds: against a reference that knows a rule by what it applies to alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import (
    Clock,
    Period,
    PolicyBundle,
    Retention,
    RetentionAction,
    RetentionRule,
    Tenant,
    shipped_taxonomy,
)
from retention.resolve import narrower, resolve

ERASE, REVIEW = RetentionAction.ERASE, RetentionAction.REVIEW
DATASETS = ("orders", "tickets")
CLASSES = ("user", "user.contact", "user.contact.email", "user.contact.phone_number", "user.name")
# Two tenants of every tier and region: only then does what a rule applies to tell how specific it is.
TENANTS = {
    f"t{number}_{tier}_{region}": Tenant(f"t{number}_{tier}_{region}", "A company", region, tier, "49")
    for number, tier, region in product((1, 2), ("basic", "gold"), ("eu", "us"))
}  # fmt: skip
PERIODS = (Period(12), Period(days=365), Period(days=366), Period(1), Period(days=30), Period(120))


@st.composite
def rules(draw: st.DrawFn) -> RetentionRule:
    def maybe(options):
        return draw(st.none() | st.sampled_from(options))

    data_class, tenant = maybe(CLASSES), maybe(sorted(TENANTS))
    action = draw(st.sampled_from([ERASE, REVIEW] if data_class else list(RetentionAction)))
    tier, region = (None, None) if tenant else (maybe(("basic", "gold")), maybe(("eu", "us")))
    return RetentionRule(
        action, draw(st.sampled_from(PERIODS)), draw(st.sampled_from(list(Clock))), "why", data_class,
        maybe(DATASETS), tenant, tier, region,
    )  # fmt: skip


def distinct(found: list[RetentionRule]) -> tuple[RetentionRule, ...]:
    """One rule an action and scope, as the policies have it."""
    return tuple({(rule.action, rule.scope): rule for rule in found}.values())


RULES = st.lists(rules(), max_size=12).map(distinct)
PIECES = st.tuples(
    st.sampled_from(sorted(TENANTS)), st.sampled_from(DATASETS), st.none() | st.sampled_from(CLASSES)
)  # fmt: skip


def bundle(found) -> PolicyBundle:
    return PolicyBundle("sha256:0", shipped_taxonomy(), TENANTS, (), (), {}, Retention(tuple(found)))


def applies_to(rule: RetentionRule) -> frozenset[tuple[str, str, str | None]]:
    """Everything that there is and the rule is about."""
    return frozenset(
        (tenant.id, dataset, name)
        for tenant in TENANTS.values()
        for dataset in DATASETS
        for name in (None, *CLASSES)
        if (name is None) == (rule.data_class is None)
        if name is None or f"{name}.".startswith(f"{rule.data_class}.")
        if rule.dataset is None or rule.dataset == dataset
        if rule.tenant is None or rule.tenant == tenant.id
        if rule.tier is None or rule.tier == tenant.tier
        if rule.region is None or rule.region == tenant.region
    )


def reference(found, piece) -> dict[RetentionAction, RetentionRule]:
    """By action: the shortest of the rules about the piece that apply to no more than any other does."""
    won: dict[RetentionAction, RetentionRule] = {}
    for rule in found:
        mine = applies_to(rule)
        rivals = [each for each in found if each.action is rule.action and piece in applies_to(each)]
        if piece not in mine or any(applies_to(rival) < mine for rival in rivals):
            continue
        best = won.get(rule.action)
        days = rule.period.months * 146097 / 4800 + rule.period.days
        if best is None:
            won[rule.action] = rule
            continue
        other = best.period.months * 146097 / 4800 + best.period.days
        if (days, str(rule.clock) == "ingested_at", rule.scope) < (
            other,
            str(best.clock) == "ingested_at",
            best.scope,
        ):
            won[rule.action] = rule
    return won


@given(RULES, PIECES)
def test_the_rule_that_holds_is_that_of_the_reference(found, piece):
    assert {one.action: one.rule for one in resolve(bundle(found), *piece)} == reference(found, piece)


@given(RULES, PIECES, st.randoms())
def test_the_order_of_rules_does_not_matter(found, piece, random):
    mixed = list(found)
    random.shuffle(mixed)
    assert resolve(bundle(mixed), *piece) == resolve(bundle(found), *piece)


@given(RULES, PIECES)
def test_every_rule_about_the_same_holds_or_is_told_why_not(found, piece):
    about = {rule for rule in found if piece in applies_to(rule)}
    rulings = resolve(bundle(found), *piece)
    assert {one.rule for one in rulings} | {lost.rule for one in rulings for lost in one.lost} == about
    for one in rulings:
        for lost in one.lost:
            assert lost.to is not lost.rule
            assert narrower(lost.to, lost.rule) == (lost.why == "less specific")


@given(RULES, PIECES)
def test_renaming_tenants_renames_the_outcome_and_nothing_else(found, piece):
    def named(id_: str | None) -> str | None:
        return id_ and f"x{id_[::-1]}"

    others = {named(id_): replace(tenant, id=named(id_)) for id_, tenant in TENANTS.items()}
    renamed = replace(
        bundle([replace(rule, tenant=named(rule.tenant)) for rule in found]), tenants=others
    )  # fmt: skip
    before = resolve(bundle(found), *piece)
    after = resolve(renamed, named(piece[0]), *piece[1:])
    assert [replace(one.rule, tenant=named(one.rule.tenant)) for one in before] == [one.rule for one in after]
    assert [len(one.lost) for one in before] == [len(one.lost) for one in after]


@given(RULES, PIECES, st.data())
def test_a_rule_that_lost_could_as_well_not_be_there(found, piece, data):
    rulings = resolve(bundle(found), *piece)
    losers = [lost.rule for one in rulings for lost in one.lost]
    if losers:
        gone = data.draw(st.sampled_from(losers))
        rest = resolve(bundle([rule for rule in found if rule is not gone]), *piece)
        assert [one.rule for one in rest] == [one.rule for one in rulings]


def rule(period: Period, clock: Clock = Clock.OCCURRED, action: RetentionAction = ERASE, **scope: str):
    return RetentionRule(action, period, clock, "why", **scope)


@pytest.mark.parametrize(
    ("winner", "loser", "why"),
    [
        (rule(Period(120), dataset="orders"), rule(Period(12)), "less specific"),
        (rule(Period(120), tenant="t1_gold_eu"), rule(Period(12), region="eu", tier="gold"), "less specific"),
        (rule(Period(12), dataset="orders"), rule(Period(120), tenant="t1_gold_eu"), "lasts longer"),
        (rule(Period(12)), rule(Period(12), Clock.INGESTED), "begins later"),
    ],
)
def test_a_rule_loses_for_a_reason(winner: RetentionRule, loser: RetentionRule, why: str):
    (ruling,) = resolve(bundle([loser, winner]), "t1_gold_eu", "orders")
    assert ruling.rule == winner
    assert [(lost.rule, lost.to) for lost in ruling.lost] == [(loser, winner)]
    assert why in ruling.lost[0].why


def test_a_review_and_an_erasure_hold_side_by_side():
    rulings = resolve(bundle([rule(Period(12), action=REVIEW), rule(Period(120))]), "t1_gold_eu", "orders")
    assert [(one.action, one.rule.period) for one in rulings] == [(ERASE, Period(120)), (REVIEW, Period(12))]


def test_a_rule_for_a_class_says_nothing_of_the_row_and_the_other_way_round():
    found = bundle([rule(Period(12), data_class="user.contact"), rule(Period(120), dataset="orders")])
    assert [one.rule.period for one in resolve(found, "t1_gold_eu", "orders")] == [Period(120)]
    assert [one.rule.period for one in resolve(found, "t1_gold_eu", "orders", "user.contact.email")] == [
        Period(12)
    ]
    assert resolve(found, "t1_gold_eu", "orders", "user.name") == ()


def test_no_rule_is_no_ruling():
    assert resolve(bundle([rule(Period(12), dataset="tickets")]), "t1_gold_eu", "orders") == ()

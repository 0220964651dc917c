"""Only what today's rows touch: their pairs with known records, and the groups that these pairs, or rows that left, reach.

The outcome is that of comparing everything, but for scores of untouched pairs that would move in the second decimal as
values become more common; a run over everything (`whole_above`, `--whole`) brings those up to date.
"""

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...decisions import active_decisions, keys_of, pending_decisions, records_of
from ...dedup.policy.switches import off_columns
from ...io.store.publish import Change
from ...io.store.store import Store
from ...schemas import FEATURE, RECORD
from ..clean import features
from ..context import RunContext
from .affected import NOBODY, Persons, ResolveContext, ResolveRequest, ResolveResult, resolve_level
from .candidates import candidate_records, count_companies, count_people
from .component import held, members_of, people
from .levels import Level, policies, told
from .plan import plan_merges
from .previous_run import PreviousRun
from .resolution import Resolution, Today, applied_in, level_frames
from .shared_values import count_shared

_ANYBODY = """
SELECT coalesce(bool_or(person_name IS NOT NULL OR unread), false) AS persons,
       coalesce(bool_or(coalesce(company_key, code, code_partial) IS NOT NULL), false) AS companies
FROM main.record JOIN main.feature USING (record_key) WHERE record_key NOT IN (SELECT record_key FROM superseded)
"""


class Affected(NamedTuple):
    """Both levels where today's rows touch them."""

    contact: ResolveResult
    account: ResolveResult


def settle_affected(run: RunContext, known: PreviousRun, store: Store, today: Today, found: Affected) -> Resolution:
    """What was reached → merge plans, and what changes in the tables of groups."""
    contact, account, config = found.contact, found.account, run.config
    members = pl.concat([contact.level.members, account.level.members])
    known_members = members.select("record_key").unique().join(today.record, on="record_key", how="anti")["record_key"]
    record = pl.concat([held(store, RECORD, known_members), today.record])
    whole = ("record_key", "name_kind")
    kinds = pl.concat([held(store, FEATURE, known_members, whole), today.features.select(whole)])
    contacts = _with_stored_contacts(contact.level, account.level, store)
    force, applied = active_decisions(known.decisions), applied_in(store)
    plan = plan_merges(record, kinds, (contacts, account.level), config, force, applied)
    frames = level_frames(contact.level, account.level, plan)
    entities = pl.concat([contact.entities(), account.entities()])
    groups = store.query("SELECT level, entity_id, group_id FROM main.duplicate_group")
    groups = groups.join(entities, on=["level", "entity_id"], how="semi")
    region = pl.concat([contact.region(), account.region()])
    planned = "account" if account.action == "merge" else "contact"
    pairs = pl.concat([contact.pairs, account.pairs])
    scopes = {
        "duplicate_group": entities,
        "entity_member": region,
        "merge_plan": pl.concat([groups.select("group_id"), frames["merge_plan"].select("group_id")]),
        "golden_value": entities.select("entity_id").unique(),
        "decision_status": pl.concat([frames["decision_status"].select("decision_id"), _ended(store, known)]),
    }
    changes = {name: Change(frame, scopes.get(name)) for name, frame in frames.items()}
    replaced = pl.concat([contact.replaced, account.replaced, pairs])
    changes["pair"] = Change(pairs, replaced.select("level", "record_key_l", "record_key_r"))
    shared = count_shared(store, today, off_columns(config.evidence.off), people=planned == "contact")
    findings = pl.concat([contact.cut, account.cut, plan.finding, *([] if shared is None else [shared])])
    return Resolution(changes, told(findings, run.language), region, planned, shared is not None)


def _with_stored_contacts(contact: Level, account: Level, store: Store) -> Level:
    """The contact level with the entities of all records that the touched companies hold."""
    others = account.members.join(contact.members, on="record_key", how="anti")["record_key"]
    return replace(contact, members=pl.concat([contact.members, members_of(store, "contact", others)]))


def resolve_affected(today: Today, store: Store, known: PreviousRun, config: Config) -> Affected:
    """Both levels where today's rows touch them; contact groups first, which are evidence at account level."""
    persons, companies = policies(config)
    if not has_people(store, today):
        persons = replace(persons, keys=())  # a table of companies only: nobody is compared as a person
    action = "link" if persons.keys else "merge"
    force = active_decisions(known.decisions)
    superseded = today.delta.superseded()
    context = ResolveContext(
        store,
        config,
        known.number,
        force,
        frozenset(_spoken(store, known, force, {*superseded, *today.delta.fresh})),
        today.record.select("record_key", "source_record_id"),
    )
    fresh, counts = today.features, count_people(store, today.features, superseded, today.features)
    near = candidate_records(store, fresh, superseded, counts.rows)
    request = ResolveRequest(fresh, superseded, near, counts, NOBODY, lambda frame: frame)
    contact = resolve_level(context, persons, request, "merge")
    regrouped = _regrouped(contact, superseded)
    further = pl.concat([regrouped["record_key"], _mates(contact, fresh["record_key"])]).unique()
    further = further.filter(~further.is_in(near["record_key"].implode()))
    near = pl.concat([near, contact.rows.filter(pl.col("record_key").is_in(further.implode()))])
    named = fresh
    if regrouped.height:  # their pairs are weighed again: by what is rare among all, and not among today's neighbours
        again = near.join(regrouped, on="record_key", how="semi")
        beside = candidate_records(store, again, superseded, counts.rows, persons=False)
        near = pl.concat([near, beside.join(near, on="record_key", how="anti")])
        named = pl.concat([fresh, again])
    counts = count_companies(store, fresh, superseded, named, counts.rows)
    request = ResolveRequest(fresh, superseded, near, counts, regrouped, _persons(store, contact))
    return Affected(contact, resolve_level(context, companies, request, action))


def has_people(store: Store, today: Today) -> bool:
    """Of all records, of today or known and not superseded: see features.Named."""
    told = features.who_is_named(today.features, today.record)
    if told.persons:
        return True
    with store.given(today.delta.superseded().to_frame(), "superseded"):
        known = features.Named(*store.query(_ANYBODY).row(0))
    return features.Named(known.persons, told.companies or known.companies).has_people()


def merges_people(store: Store) -> bool:
    """Whether the last run merged persons (or, with companies only, companies)."""
    links = store.query(
        "SELECT count(*) > 0 AS some FROM main.duplicate_group WHERE level = 'account' AND action = 'merge'"
    )
    return not bool(links["some"][0])


def _regrouped(contact: ResolveResult, superseded: pl.Series) -> pl.DataFrame:
    """`record_key, was, now` (entities) of known records that have come together with, or parted from, other known ones.

    Those who were one and still are keep what their pairs weigh, whoever has joined them.
    """
    now = contact.level.members.select("record_key", now="entity_id").filter(
        ~pl.col("record_key").is_in(superseded.implode())
    )
    both = now.join(contact.before.rename({"entity_id": "was"}), on="record_key")
    changed = (pl.col("was").n_unique().over("now") > 1) | (pl.col("now").n_unique().over("was") > 1)
    return both.filter(changed).select("record_key", "was", "now")


def _mates(contact: ResolveResult, fresh: pl.Series) -> pl.Series:
    """Known records that are one person with one of today's: they meet as colleagues of themselves."""
    members = contact.level.members.select("entity_id", "record_key", fresh=pl.col("record_key").is_in(fresh.implode()))
    return members.filter(~pl.col("fresh") & pl.col("fresh").any().over("entity_id"))["record_key"]


def _persons(store: Store, contact: ResolveResult) -> Persons:
    """Adds `person`: the contact entity of each record, as of this run, null where it stands alone."""
    members = contact.level.members.select("record_key", person="entity_id")
    now = members.filter(pl.len().over("person") > 1)

    def add(frame: pl.DataFrame) -> pl.DataFrame:
        stored = people(store, frame.select("record_key").join(members, on="record_key", how="anti"))
        return frame.join(pl.concat([now, stored]), on="record_key", how="left", maintain_order="left")

    return add


def _spoken(store: Store, known: PreviousRun, force: pl.DataFrame, today: set[str]) -> set[str]:
    """Records whose decisions must be heard: new ones, ones taken back, and all that speak of a row of today."""
    news = pending_decisions(known.decisions, store.table("decision"))
    each = [keys_of(keys) for keys in force["record_keys"].to_list()]
    return records_of(news) | {key for keys in each if not today.isdisjoint(keys) for key in keys}


def _ended(store: Store, known: PreviousRun) -> pl.DataFrame:
    """Decisions that stand no more: their status ends."""
    kept = store.query("SELECT decision_id FROM main.decision_status")
    return kept.join(active_decisions(known.decisions), on="decision_id", how="anti")

"""Who is who after today's rows: only where they touch what is known, or over everything."""

from ...io.store.store import Store
from ..context import RunContext
from .incremental import Affected, has_people, merges_people, resolve_affected, settle_affected
from .previous_run import PreviousRun
from .resolution import Resolution, Today
from .whole import Everything, compare_all, settle_all


def resolve_entities(
    run: RunContext, previous: PreviousRun, before: Store | None, today: Today, mode: str
) -> Affected | Everything:
    """Both levels of what is compared. before: the store as it was; without it, or where persons come into a table of companies,
    that is everything."""
    if mode == "incremental" and before is not None and has_people(before, today) == merges_people(before):
        return resolve_affected(today, before, previous, run.config)
    return compare_all(run, previous, before, today)


def plan_entities(
    run: RunContext, previous: PreviousRun, before: Store | None, today: Today, found: Affected | Everything
) -> Resolution:
    """The merges of what was resolved, and the changes to the tables of groups."""
    if isinstance(found, Affected):
        assert before is not None
        return settle_affected(run, previous, before, today, found)
    return settle_all(run, previous, before, found)

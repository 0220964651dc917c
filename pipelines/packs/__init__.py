"""Tables beside the customers and what packs say of them.

In: sources with a `kind`. Out: `lead`, `activity` …, and of the packs `finding`, `metric`, `plan_item`, `score_card`.
"""

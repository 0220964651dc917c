"""Features to entities: pairs, groups, identities through the nights, plans.

Out: `pair`, `duplicate_group`, `entity_member`, `merge_plan`, `golden_value`.
"""

"""What numbers of one thing give away by following each other: who came and went, and what lies between two windows."""

from collections.abc import Iterator

from orgnet.attack.copy import Copy, Finding

# Numbers of people as of a day, or of different people in a window: one that differs little tells of a few.
_STOCKS = """
SELECT 'network_metrics' AS place, metric AS entity, slice_start, value AS n FROM network_metrics
WHERE metric = 'joint_roles_active' AND value IS NOT NULL
UNION ALL SELECT 'group_metrics', 'joint_roles of ' || professional_group, slice_start, value FROM group_metrics
WHERE metric = 'joint_roles' AND value IS NOT NULL
UNION ALL SELECT 'group_metrics', 'n_people of ' || professional_group, slice_start, max(n_people) FROM group_metrics
WHERE n_people IS NOT NULL GROUP BY ALL
UNION ALL SELECT 'ties', 'people of ' || layer || ' ' || source_id || ' ' || target_id, slice_start, people FROM ties
WHERE people IS NOT NULL
UNION ALL SELECT 'ties', layer || ' ' || source_id || ' ' || target_id, slice_start, weight FROM ties
WHERE layer = 'joint_roles' AND weight IS NOT NULL
"""
# Numbers of what happened in a window: two windows that share days can be taken from each other.
_FLOWS = """
SELECT 'ties' AS place, layer || ' ' || source_id || ' ' || target_id AS entity, slice_start, window_start, slice_end
FROM ties WHERE layer IN ('referrals', 'referrals_back') AND weight IS NOT NULL
"""


def attack_over_time(copy: Copy) -> Iterator[Finding]:
    """Exact numbers that differ by a few people, and exact numbers of windows that overlap."""
    if copy.step > 1 or not copy.has("ties", "network_metrics", "group_metrics"):
        return
    near = copy.rows(
        f"""
        SELECT place, entity, count(*) FROM (
            SELECT *, lag(n) OVER (PARTITION BY place, entity ORDER BY slice_start) AS before FROM ({_STOCKS})
        ) WHERE n <> before AND abs(n - before) <= {copy.small} GROUP BY ALL ORDER BY ALL
        """
    )
    for place, entity, n in near:
        yield Finding("two slices differ by a few people", f"{place}: {entity}", f"{n} times")
    shared = copy.rows(
        f"""
        SELECT place, entity, count(*) FROM (
            SELECT *, lag(slice_end) OVER (PARTITION BY place, entity ORDER BY slice_end) AS ended FROM ({_FLOWS})
        ) WHERE window_start < ended GROUP BY ALL ORDER BY ALL
        """
    )
    for place, entity, n in shared:
        yield Finding("exact numbers of windows that overlap", f"{place}: {entity}", f"{n} times")

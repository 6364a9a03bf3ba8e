"""Joint roles: one person holding posts in two organisations at once.

They come from records of joint roles, and from posts in different organisations that overlap in time (end exclusive).
Overlapping posts are candidates: an honorary contract or a post nobody ended looks the same.
"""

from dataclasses import dataclass

import duckdb
import numpy as np

from orgnet.config import Config
from orgnet.ties.tiles import Held, Ints
from orgnet.vocabulary import Layer
from orgnet.windows import FOREVER, Calendar

_PAIRS = """
SELECT person, source, target, first_day, end_day, stated FROM (
    SELECT person_id AS person, least(a.org, b.org) AS source, greatest(a.org, b.org) AS target,
        CAST(start - DATE '1970-01-01' AS BIGINT) AS first_day,
        coalesce(CAST("end" - DATE '1970-01-01' AS BIGINT), {forever}) AS end_day, true AS stated
    FROM joint_roles, (SELECT unnest(org_ids) AS org) a, (SELECT unnest(org_ids) AS org) b
    WHERE a.org < b.org
    UNION ALL
    SELECT a.person, least(a.org, b.org), greatest(a.org, b.org), greatest(a.first_day, b.first_day),
        least(a.end_day, b.end_day), false
    FROM posts a JOIN posts b ON a.person = b.person AND a.post < b.post AND a.org <> b.org
        AND a.first_day < b.end_day AND b.first_day < a.end_day
    WHERE {from_posts}
)
ORDER BY ALL
"""


@dataclass(frozen=True)
class JointRoleCounts:
    """What was found over the whole period, for the manifest."""

    stated: int
    overlapping_posts: int
    people: int
    organisation_pairs: int


def find_joint_roles(
    con: duckdb.DuckDBPyConnection, config: Config, calendar: Calendar, has_people: bool
) -> tuple[Held, JointRoleCounts]:
    """Every joint role as a pair of organisations held by one person from one day to another."""
    posts = (
        "SELECT row_number() OVER (ORDER BY person_id, org_id, start, spell_id) AS post, person_id AS person, "
        f"org_id AS org, coalesce(CAST(start - DATE '1970-01-01' AS BIGINT), -{FOREVER}) AS first_day, "
        f"coalesce(CAST(\"end\" - DATE '1970-01-01' AS BIGINT), {FOREVER}) AS end_day FROM people"
        if has_people
        else "SELECT 0::BIGINT AS post, 0 AS person, 0 AS org, 0::BIGINT AS first_day, 0::BIGINT AS end_day WHERE false"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE posts AS {posts}")
    rows = con.sql(
        _PAIRS.format(forever=FOREVER, from_posts=str(config.ties.joint_roles_from_affiliations).lower())
    ).fetchnumpy()
    column = {name: np.asarray(values) for name, values in rows.items()}
    number: dict[str, Ints] = {name: values.astype(np.int64) for name, values in column.items()}
    first, last = calendar.held_at_end(number["first_day"], number["end_day"])
    stated = column["stated"].astype(bool)
    pairs = np.unique(np.stack([number["source"], number["target"]]), axis=1).shape[1] if len(stated) else 0
    counts = JointRoleCounts(int(stated.sum()), int((~stated).sum()), len(np.unique(number["person"])), pairs)
    held = Held(
        layer=Layer.JOINT_ROLES,
        source=number["source"],
        target=number["target"],
        person=number["person"],
        first=first,
        last=np.minimum(last, len(calendar) - 1),
        first_day=number["first_day"],
        end_day=number["end_day"],
        records=np.ones(len(stated), dtype=np.int64),
        stated=stated,
    )
    return held, counts

"""What a copy gives away outright: small numbers that stand in it, by themselves, in shares, or in words."""

import re
from collections.abc import Iterator

from orgnet.attack.copy import COUNTED, Copy, Finding

_MEETINGS = "'governance_meetings_held', 'learning_events_held'"
_NO_PEOPLE = "'organisations', 'meetings', 'documents', 'coverage'"
# Columns of numbers of people: table, column, which rows.
_NUMBERS = (
    ("ties", "people", "true"),
    ("ties", "weight", f"layer IN ({COUNTED})"),
    ("ties", "events", f"layer IN ({COUNTED})"),
    ("tie_changes", "weight_before", f"layer IN ({COUNTED})"),
    ("tie_changes", "weight_after", f"layer IN ({COUNTED})"),
    ("pair_metrics", "value", f"metric = 'weight' AND layer IN ({COUNTED})"),
    (
        "organisation_metrics",
        "value",
        f"metric IN ('strength', 'in_strength', 'out_strength') AND layer IN ({COUNTED})",
    ),
    ("group_metrics", "n_people", "true"),
    ("group_metrics", "value", "metric = 'joint_roles'"),
    ("network_metrics", "value", "metric IN ('joint_roles_active', 'mdt_cases')"),
    ("indicators", "n_people", "true"),
    ("activity", "n", f"metric NOT IN ({_MEETINGS})"),
    ("activity", "value", "metric = 'referrals_made'"),
    ("survey_scores", "n_people", "true"),
    ("maturity_matrix", "n_people", "true"),
    ("survival", "n_people", "true"),
    ("survival", "n_spells", "true"),
    ("survival", "n_at_risk", "true"),
    ("survival", "n_ended", "true"),
    ("survival", "n_censored", "true"),
    ("coverage", "received_n", f"record_kind NOT IN ({_NO_PEOPLE})"),
    ("coverage", "expected_n", f"record_kind NOT IN ({_NO_PEOPLE})"),
    ("changes", "value_before", "metric IN ('joint_roles', 'joint_roles_active', 'mdt_cases')"),
    ("changes", "value_after", "metric IN ('joint_roles', 'joint_roles_active', 'mdt_cases')"),
)
# Shares of people, with the number that they are shares of.
_SHARES = (
    ("group_metrics", "value", "n_people", "metric = 'acq_reach'"),
    ("survey_scores", "value", "n_people", "measure = 'survey_agreement'"),
    *(("maturity_matrix", f"share_level_{level}", "n_people", "true") for level in (1, 2, 3)),
    (
        "activity",
        "value",
        "n",
        "metric IN ('deferral_missing_info_rate', 'dial_in_failure_rate', 'referral_to_specialist_share')",
    ),
)
_LEVELS = "(t.level_lo IS NOT NULL OR t.level_hi IS NOT NULL OR t.proxy_level IS NOT NULL)"
_OF_LEVEL = "t JOIN indicators i ON i.slice = t.slice AND i.indicator = t.indicator AND i.status = 'suppressed' AND"
# What may remain of something withheld: the attack, the table, others that it needs, the rows that give it away.
_REMAINS = (
    (
        "a withheld tie still has its days or people",
        "ties",
        (),
        "ties WHERE weight IS NULL AND (first_seen IS NOT NULL OR last_seen IS NOT NULL "
        "OR people IS NOT NULL OR events IS NOT NULL)",
    ),
    (
        "a withheld row still has its numbers",
        "indicators",
        (),
        "indicators WHERE status = 'suppressed' "
        "AND (level IS NOT NULL OR n_organisations IS NOT NULL OR n_events IS NOT NULL OR len(evidence) > 0)",
    ),
    (
        "a withheld tie stands in another table",
        "pair_metrics",
        ("ties",),
        "ties t JOIN pair_metrics p ON p.slice = t.slice AND p.layer = t.layer "
        "AND p.organisation_id = t.source_id AND p.other_organisation_id = t.target_id "
        "WHERE t.weight IS NULL AND p.value IS NOT NULL AND p.metric IN ('weight', 'age', 'days_since_first', 'recency')",
    ),
    (
        "a withheld level stands in another table",
        "sensitivity",
        ("indicators",),
        f"sensitivity {_OF_LEVEL} (i.scope_type, i.scope_id) = (t.scope_type, t.scope_id) WHERE {_LEVELS}",
    ),
    (
        "a withheld level stands in another table",
        "kiviat",
        ("indicators",),
        f"kiviat {_OF_LEVEL} i.scope_type = 'network' WHERE {_LEVELS}",
    ),
)
_IN_WORDS = re.compile(
    r"(?<!than )(?<!least )(?<![\d.,])(?<!1 to )(\d+) (people|respondents|cases|joint roles|referrals|attempts|leaders)\b"
)
_ROSTER = re.compile(r"people on the roster: (\d+) before, (\d+) after")
_HASHED = re.compile(r"\b[0-9a-f]{32,}\b")


def attack_shown(copy: Copy) -> Iterator[Finding]:
    """Small numbers in the open, numbers that are not rounded as they should be, and what words and codes tell."""
    for table, column, where in _NUMBERS:
        if copy.has(table):
            yield from _numbers(copy, table, column, where)
    for table, column, of, where in _SHARES:
        if copy.has(table) and copy.step == 1:
            yield from _shares(copy, table, column, of, where)
    yield from _words(copy)
    yield from _codes(copy)
    yield from _left_standing(copy)


def _numbers(copy: Copy, table: str, column: str, where: str) -> Iterator[Finding]:
    small = f"{column} > 0 AND {column} < {copy.small + 1}"
    unrounded = f"{column} > 0 AND {column} % {copy.step} <> 0" if copy.step > 1 else "false"
    for attack, wanted in (("a small number is shown", small), ("a number is not rounded", unrounded)):
        found = copy.rows(f"SELECT count(*), min({column}), max({column}) FROM {table} WHERE ({where}) AND {wanted}")
        n, low, high = found[0]
        if n:
            yield Finding(attack, f"{table}.{column}", f"{n} rows, from {low:g} to {high:g}")


def _shares(copy: Copy, table: str, column: str, of: str, where: str) -> Iterator[Finding]:
    """Exact shares of exact numbers: the number that makes the share, or the rest."""
    part = f"round({column} * {of})"
    found = copy.rows(
        f"SELECT count(*) FROM {table} WHERE ({where}) AND {column} IS NOT NULL AND {of} IS NOT NULL "
        f"AND ({part} BETWEEN 1 AND {copy.small} OR {of} - {part} BETWEEN 1 AND {copy.small})"
    )
    if found[0][0]:
        yield Finding("a share tells a small number", f"{table}.{column}", f"{found[0][0]} rows")


def _words(copy: Copy) -> Iterator[Finding]:
    """Numbers of people that stand in reasons."""
    for table in ("indicators", "changes", "robustness", "typologies", "turnover"):
        if not copy.has(table):
            continue
        reasons = [str(row[0]) for row in copy.rows(f"SELECT DISTINCT unnest(reasons) FROM {table}")]
        numbers = [int(m[1]) for reason in reasons for m in _IN_WORDS.finditer(reason)]
        numbers += [int(n) for reason in reasons for m in _ROSTER.finditer(reason) for n in m.groups()]
        small = sorted({n for n in numbers if 0 < n <= copy.small})
        loose = sorted({n for n in numbers if n % copy.step})
        if small:
            yield Finding("a small number stands in words", f"{table}.reasons", ", ".join(map(str, small)))
        if loose:
            yield Finding("a number in words is not rounded", f"{table}.reasons", ", ".join(map(str, loose)))


def _codes(copy: Copy) -> Iterator[Finding]:
    """What looks like the hash of a person's identifier."""
    for path in sorted(copy.folder.glob("*.parquet")):
        columns = copy.rows(f'DESCRIBE "{path.stem}"')
        for name, kind in ((str(row[0]), str(row[1])) for row in columns):
            if kind != "VARCHAR":
                continue
            words = copy.rows(f'SELECT DISTINCT "{name}" FROM "{path.stem}" WHERE "{name}" IS NOT NULL')
            n = sum(bool(_HASHED.search(str(word[0]))) for word in words)
            if n:
                yield Finding("what looks like a hashed identifier", f"{path.stem}.{name}", f"{n} values")


def _left_standing(copy: Copy) -> Iterator[Finding]:
    """What still stands of a value that is withheld elsewhere in the copy."""
    for attack, table, others, rows in _REMAINS:
        n = copy.rows(f"SELECT count(*) FROM {rows}")[0][0] if copy.has(table, *others) else 0
        if n:
            yield Finding(attack, table, f"{n} rows")

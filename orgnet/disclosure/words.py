"""Reasons in plain words, without the numbers in them that are protected elsewhere."""

import re

from orgnet.disclosure.about import About, about_table
from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.sums import told

WITHHELD = "withheld: over too few people, or to be worked out from others that are"
_NOUNS = "people|respondents|cases|joint roles|referrals|attempts|leaders|attendances|spells|patients"
_NUMBER = re.compile(rf"(?<!than )(?<!least )(?<![\d.,])(\d[\d,]*) ({_NOUNS})\b")
_ROSTER = re.compile(r"(people on the roster: )(\d+) before, (\d+) after")


def counted() -> list[str]:
    """Measures whose values are numbers or shares of individuals, by name."""
    rows = about_table()
    found = {
        metric
        for metric, about in zip(rows["metric"].to_pylist(), rows["about"].to_pylist(), strict=True)
        if about in (About.INDIVIDUALS, About.SHARE)
    }
    return sorted({*found, "survey_agreement"})


_NAMES = "|".join(counted())
_FOUND = re.compile(rf"\b({_NAMES})( [<>=!]+ [-\d.]+)? \(found [^)]*\)")
_MOVED = re.compile(rf"^({_NAMES}) (rose|fell) by more than chance: .*$")


def _shown(number: str, profile: Profile) -> str:
    """A number of individuals as it may be told."""
    n = told(int(number.replace(",", "")), profile)
    if n is None:
        return f"1 to {profile.withhold_up_to}" if profile.withhold_up_to > 1 else "few"
    return f"{n:,}"


def without_numbers(reason: str, profile: Profile) -> str:
    """A reason in which numbers of individuals are protected, and what was found of protected measures is left out."""
    left = _MOVED.sub(r"\1 \2 by more than chance", reason)
    left = _FOUND.sub(r"\1\2", left)
    left = _ROSTER.sub(lambda m: f"{m[1]}{_shown(m[2], profile)} before, {_shown(m[3], profile)} after", left)
    return _NUMBER.sub(lambda m: f"{_shown(m[1], profile)} {m[2]}", left)

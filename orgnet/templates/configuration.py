"""The configuration that a new network begins with: each setting with what it means, optional ones commented out."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from orgnet.config import Compute, Config, SliceRule, TieRules
from orgnet.config.models import Kept, Uncertainty
from orgnet.config.quality import Quality
from orgnet.schema.kinds import KINDS
from orgnet.vocabulary import PROFESSIONAL_GROUPS, OrganisationBasis, RecordKind

KEY_FILE = "person.key"
FIRST = (
    RecordKind.ORGANISATIONS,
    RecordKind.PEOPLE,
    RecordKind.MEETINGS,
    RecordKind.ATTENDANCE,
    RecordKind.REFERRALS,
    RecordKind.JOINT_ROLES,
    RecordKind.COVERAGE,
)
"""The kinds that ties are made of, and coverage; the others are switched on where a network has them."""

_OPENING = """\
# A network for orgnet. What follows # explains; where a name stands right after the #, it is a setting that is switched
# on by taking the # away. Every name here is checked: a misspelt one is refused, and the nearest told.
# Files are looked for beside this one. On Windows too, write folders with /, as in C:/records/people.csv.
"""
_KEY = f"""\
# The key that person identifiers are hashed with as they are read. It was made for this network alone. Whoever has it
# and a staff list can tell who is who: keep it where only those may read who may read the records, out of version
# control (.gitignore sees to it) and out of e-mail. Keep a copy in a safe place too: with another key, people can no
# longer be told to be the same as in earlier runs. It can stand elsewhere: {{file: C:/safe/north.key}}, or in an
# environment variable: {{env: ORGNET_KEY}}.
person_key: {{file: {KEY_FILE}}}
"""
_SOURCES = """\
# Where the records are, one line for each kind. What a heading means: `orgnet describe attendance`. A kind that you do
# not have: leave its line out. What it would have shown is then marked as not known, never as zero.
sources:
"""
_OF_SOURCES = """\
# A source may also say, within its brackets:
#   columns: {Staff no: person_id}         their heading: ours, where your headings are others
#   values: {group: {Consultant surgeon: surgeon}}    our column: your word: our word
#   date_format: '%d/%m/%Y'                where its dates are written otherwise than those of the others
#   encoding: cp1252                       where a spreadsheet on Windows saved it as CSV, but not as "CSV UTF-8"
#   delimiter: ';'                         what stands between values; left out, it is told by the headings
# and a path may be a pattern, such as staff/*.csv; Parquet and JSON Lines are read as well.
"""


def _plain(value: Any) -> str:
    """A value as YAML has it; every JSON value is one."""
    return json.dumps(getattr(value, "value", value), ensure_ascii=False)


def _name(text: str) -> str:
    """Text as YAML has it, plain where it stays the same text."""
    simple = text.replace("-", "").replace("_", "").isalnum() and text.isascii() and text[0].isalpha()
    return text if simple and text.lower() not in ("null", "true", "false") else _plain(text)


def _beside(setting: str, meaning: str) -> str:
    return f"{setting:<56} # {meaning}"


def _setting(place: str, model: type[BaseModel], field: str) -> str:
    """A setting of a part of the configuration at its default, commented out, with what it means."""
    declared = model.model_fields[field]
    said = f"#{place}: {{{field}: {_plain(declared.default)}}}"
    return _beside(said, f"{declared.description} Default: {_plain(declared.default)}.")


def _optional(first: date, last: date) -> Iterator[str]:
    middle, groups = first + (last - first) // 2, ", ".join(PROFESSIONAL_GROUPS)
    yield "# Names for parts of the period, to be compared: [first day, first day after]. Default: none."
    yield f"#phases: {{before: [{first}, {middle}], after: [{middle}, {last}]}}"
    yield "# The professional groups, if yours are others. Default: these."
    yield f"#professional_groups: [{groups}]"
    yield "# How records become ties."
    rules = {"min_overlap_minutes": "", "acquainted_after": ""}
    given = ", ".join(f"{name}: {_plain(TieRules.model_fields[name].default)}" for name in rules)
    yield f"#ties: {{{given}}}"
    for name in rules:
        declared = TieRules.model_fields[name]
        yield f"#   {name}: {declared.description} Default: {_plain(declared.default)}."
    yield "# Where organisations merged or split: as recorded, or each as what it became, or as what it came from."
    yield f"#organisations: {{basis: {OrganisationBasis.AS_RECORDED.value}}}       # or {', '.join(list(OrganisationBasis)[1:])}"
    yield "# A file of your own thresholds for indicators. Default: the ones that come with orgnet."
    yield "#indicators: thresholds.yaml"
    yield "# How sure levels are, what is asked of records, which results are kept, and how many processes work."
    yield _setting("uncertainty", Uncertainty, "replicates")
    yield _setting("quality", Quality, "on_breach")
    yield _beside("#snapshots: {keep: 12}", f"{Kept.model_fields['keep'].description} Default: all.")
    yield _setting("compute", Compute, "workers")


def _period(start: date, end: date | None) -> str:
    days = f"start: {start}" + (f", end: {end}" if end else "")
    said = "the end is the first day after" if end else "no end: it ends with the last slice that has ended"
    return _beside(f"period: {{{days}}}", f"the days studied; {said}")


def _sources() -> Iterator[str]:
    for kind in sorted(KINDS, key=lambda kind: kind not in FIRST):
        off = "" if kind in FIRST else "#"
        yield _beside(f"  {off}{kind.value}: {{path: {kind.value}.csv}}", KINDS[kind].sentence)


def configuration(network: str, start: date, end: date | None, today: date) -> str:
    """The text of a new network's configuration; `today` only serves examples where no end is given."""
    slices, clocks = SliceRule(), Config.model_fields["timezone"].default
    lines = [
        _beside(f"network: {_name(network)}", "the network's name, as results bear it"),
        _beside(f"timezone: {clocks}", "times in the records are of this place's clocks; this is the default"),
        _period(start, end),
        _beside(
            f"slices: {{every: {slices.every}, window: {slices.window}}}",
            "results for each quarter, looking back over twelve months; this is the default",
        ),
        _beside(
            "#date_format: '%d/%m/%Y'",
            "if dates are written as 01/04/2022, as spreadsheets do; 2022-04-01 always is read",
        ),
        _beside("out: results", "the folder for results; default: out"),
    ]
    return (
        _OPENING
        + "\n".join(lines)
        + f"\n\n{_KEY}\n{_SOURCES}"
        + "\n".join(_sources())
        + f"\n{_OF_SOURCES}\n"
        + "\n".join(_optional(start, end or max(today, start)))
        + "\n"
    )

"""What the measures of each slice rest on, so that those of slices that nothing has changed for are not taken again.

Graphs rest on their ties and on who is on the roster. Measures of professional groups rest on the records that a window
holds, and on attendance up to a window before it: how familiar people were is told by how often they had met before.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.made_from import CODE, SETTINGS, SLICE, MadeFrom, Plan, code_digest, digest_of, runs_of
from orgnet.metrics.groups import GroupMeasures, measure_all, of_known_groups
from orgnet.metrics.kept import arrays_of_groups, groups_of_arrays
from orgnet.metrics.measure import SliceTask
from orgnet.metrics.posts import group_posts
from orgnet.partials import key_of
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.seen import Seen
from orgnet.slices import SliceTies
from orgnet.ties.make import Ties
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar
from orgnet.work import Arrays, Work

Ints = NDArray[np.int64]
GRAPHS, GROUPS = "graphs", "professional groups"
ORGANISATIONS, COVERAGE = "organisations", "coverage"
_ROSTER = ("present", "provider", "specialist", "core_agency", "network_body", "kind")
_OF_WINDOWS = (RecordKind.REFERRALS, RecordKind.MDT_CASES)
_LOOKED_BACK_ON = (
    RecordKind.MEETINGS,
    RecordKind.ATTENDANCE,
    RecordKind.PEOPLE,
    RecordKind.JOINT_ROLES,
    RecordKind.LEAD_ROLES,
)


def graphs_made_from(tasks: Sequence[SliceTask]) -> list[MadeFrom]:
    """What the measures of each slice's graphs rest on."""
    return [{CODE: code_digest(), **_of_graphs(task)} for task in tasks]


def _of_graphs(task: SliceTask) -> MadeFrom:
    names, kinds = ([each[code] for code in task.roster.tolist()] for each in (task.names, task.kinds))
    flags = [task.covered[layer][task.roster] for layer in sorted(task.covered)]
    supplied = ",".join(sorted(task.supplied))
    panel = np.isin(task.roster, task.panel)
    ties = {f"ties of {t.layer.value}": _of_ties(t, task.roster) for t in task.layers}
    return {ORGANISATIONS: key_of(*names, *kinds, panel), COVERAGE: key_of(supplied, *flags), **ties}


def _of_ties(ties: SliceTies, roster: Ints) -> str:
    """A digest of a layer's ties between organisations on the roster, whatever numbers these have been given."""
    ends = np.stack([ties.source, ties.target])
    inside = np.isin(ends, roster).all(axis=0)
    return key_of(np.searchsorted(roster, ends[:, inside]), ties.weight[inside], str(ties.nominal))


def groups_made_from(
    seen: Seen, records: Records, roster: Roster, coverage: Coverage, config: Config, calendar: Calendar
) -> list[MadeFrom]:
    """What the measures of professional groups rest on in each slice."""
    posts = group_posts(records, config, calendar)
    there = [name for name, group in zip(config.professional_groups, posts, strict=True) if len(group.people)]
    rules = config.ties.model_dump(mode="json")
    settings = digest_of([rules, config.professional_groups, there, sorted(kind.value for kind in records.read)])
    found: list[MadeFrom] = []
    for number, each in enumerate(calendar.slices):
        low, high = calendar.part(slice(number, number + 1)).looked_at()
        own: MadeFrom = {
            CODE: code_digest(),
            SETTINGS: settings,
            SLICE: digest_of([each.start, each.end, each.window_start, each.whole, calendar.window.short]),
            **of_organisations(roster, coverage, number),
            **seen.between(_LOOKED_BACK_ON, low, high),
            **seen.between(_OF_WINDOWS, int(calendar.window_starts[number]), high),
        }
        found.append(own)
    return found


def of_organisations(roster: Roster, coverage: Coverage, number: int) -> MadeFrom:
    """Digests of who is on a slice's roster, as what, and whose records are whole."""
    columns = np.stack([getattr(roster, name)[:, number].astype(np.int8) for name in _ROSTER])
    whole = np.stack([coverage.of(kind)[:, number] for kind in RecordKind])
    told = sorted(kind.value for kind in coverage.whole)
    known = np.flatnonzero(columns[:-1].any(axis=0))
    covered = np.flatnonzero(whole.any(axis=0))
    names, covered_names = ([roster.names[code] for code in codes.tolist()] for codes in (known, covered))
    return {
        ORGANISATIONS: key_of(*names, columns[:, known]),
        COVERAGE: key_of(*told, *covered_names, whole[:, covered]),
    }


def measure_kept(
    ties: Ties,
    records: Records,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
    work: Work,
    plan: Plan,
    drawn_anew: Sequence[int] = (),
) -> GroupMeasures:
    """Every group metric, taken up where it is kept, and measured and kept where it is not.

    Evidence, of which nothing is kept, is given for the slices of `drawn_anew`: a measure for each run of them.
    """
    taken_up: dict[int, Arrays] = dict(plan.taken_up)
    posts = group_posts(records, config, calendar)
    people = {number: group.size for number, group in enumerate(posts) if len(group.people)}
    homes = {number: posts[number].home for number in people}
    stretches: list[tuple[slice, GroupMeasures]] = []
    for at in runs_of({*plan.anew, *drawn_anew}):
        bare = not set(drawn_anew) & set(range(at.start, at.stop))
        during = replace(ties, joint_roles=ties.joint_roles.during(at))
        cut = roster.during(at), coverage.during(at), config, calendar.part(at)
        measured = measure_all(during, records, *cut, work, bare)
        for number in range(at.start, at.stop):
            taken_up[number] = arrays_of_groups(measured, number - at.start)
            if number in plan.anew:
                plan.keep(number, taken_up[number])
        if not bare:
            stretches.append((at, measured))
    like = GroupMeasures(config.professional_groups, {}, people=people, homes=homes)
    whole = groups_of_arrays([taken_up[number] for number in range(len(calendar))], like)
    return replace(of_known_groups(whole), stretches=stretches)

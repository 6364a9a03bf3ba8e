"""What each slice's window shows of how the network is run and of who came to what: kept, and taken up again."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.made_from import CODE, SETTINGS, SLICE, MadeFrom, Plan, code_digest, digest_of, runs_of
from orgnet.metrics.conduct import Conduct, observe
from orgnet.metrics.conduct_meetings import find_meetings
from orgnet.metrics.kept import arrays_of_graphs, as_text, as_values, blocks_of_arrays
from orgnet.metrics.measure import Measured, joined
from orgnet.metrics.reuse import COVERAGE, ORGANISATIONS, of_organisations
from orgnet.metrics.two_mode import measure_two_mode
from orgnet.metrics.window_counts import WindowCounts, count_windows
from orgnet.partials import key_of
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.seen import EVENTS, Seen
from orgnet.ties.make import Ties, connect
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar
from orgnet.work import Arrays

WINDOWS = "meetings and referrals"
_COUNTS, _NAMES = "counts", "names"


def windows_made_from(
    seen: Seen, records: Records, roster: Roster, coverage: Coverage, config: Config, calendar: Calendar
) -> list[MadeFrom]:
    """What the records of each window show rests on: them, people's posts meanwhile, and organisations' kinds and roles.

    Whether an organisation is a provider at any time decides which meetings are of several.
    """
    rules = config.ties.model_dump(mode="json")
    settings = digest_of([rules, config.professional_groups, sorted(kind.value for kind in records.read)])
    providers = [roster.names[code] for code in np.flatnonzero(roster.provider.any(axis=1)).tolist()]
    organisations = [of_organisations(roster, coverage, number) for number in range(len(calendar))]
    found: list[MadeFrom] = []
    for number, each in enumerate(calendar.slices):
        low, high = int(calendar.window_starts[number]), int(calendar.ends[number])
        first = int(np.searchsorted(calendar.ends, low, side="right"))
        meanwhile = [there[ORGANISATIONS] for there in organisations[first : number + 1]]
        own: MadeFrom = {
            CODE: code_digest(),
            SETTINGS: settings,
            SLICE: digest_of([each.start, each.end, each.window_start, each.whole, calendar.window.short]),
            ORGANISATIONS: key_of(*meanwhile, *providers),
            COVERAGE: organisations[number][COVERAGE],
            **seen.between((*EVENTS, RecordKind.PEOPLE), low, high),
        }
        found.append(own)
    return found


def conduct_kept(
    ties: Ties,
    records: Records,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
    plan: Plan,
) -> tuple[Conduct, Measured]:
    """How the network is run, and the two-mode metrics: taken up where they are kept, else found and kept."""
    with connect(records) as con:
        meetings = find_meetings(con, ties.presence, roster)
    slices = dict(plan.taken_up)
    for at in runs_of(plan.anew):
        counts = count_windows(records, meetings, ties.presence, config.ties, roster, calendar, at)
        two_mode = measure_two_mode(ties.presence, records, roster, coverage, calendar, at)
        for number in range(at.start, at.stop):
            slices[number] = arrays_of_windows(counts, two_mode, number, at, roster)
            plan.keep(number, slices[number])
    counts, two_mode = windows_of_arrays([slices[number] for number in range(len(calendar))], roster)
    standing = config.ties.standing_meetings_per_year
    return observe(records, ties, roster, calendar, standing, meetings, counts), two_mode


def arrays_of_windows(counts: WindowCounts, two_mode: Measured, number: int, at: slice, roster: Roster) -> Arrays:
    """What one window shows, of a run of slices; of organisations, those that there is anything of, by name."""
    flat = {name: values[..., [number - at.start]] for name, values in _flat(counts, _COUNTS).items()}
    any_of = [values.any(axis=1) for values in flat.values() if values.ndim == 2]
    codes = np.flatnonzero(np.logical_or.reduce(any_of))
    arrays: Arrays = {name: values[codes] if values.ndim == 2 else values for name, values in flat.items()}
    arrays[_NAMES] = as_text([roster.names[code] for code in codes.tolist()])
    blocks = [[block for block in of_level if block.slice == number] for of_level in vars(two_mode).values()]
    return arrays | arrays_of_graphs(Measured(*blocks))


def windows_of_arrays(slices: Sequence[Arrays], roster: Roster) -> tuple[WindowCounts, Measured]:
    """What all windows show, in order, as one."""
    place = {name: code for code, name in enumerate(roster.names)}
    whole: dict[str, list[NDArray[Any]]] = {}
    two_mode = []
    for number, arrays in enumerate(slices):
        codes = [place[name] for name in as_values(arrays[_NAMES])]
        rest = {name: values for name, values in arrays.items() if not name.startswith(_COUNTS) and name != _NAMES}
        two_mode.append(blocks_of_arrays(rest, number, roster.on(number)))
        for name in arrays.keys() - rest.keys() - {_NAMES}:
            values = arrays[name]
            if values.ndim == 2:
                values = np.zeros((len(roster.names), 1), dtype=values.dtype)
                values[codes] = arrays[name]
            whole.setdefault(name, []).append(values)
    joint = {name: np.concatenate(parts, axis=-1) for name, parts in whole.items()}
    counts: WindowCounts = _built(WindowCounts, joint, _COUNTS)
    return counts, joined(two_mode)


def _flat(found: Any, name: str) -> dict[str, NDArray[Any]]:
    """Every array of some counts, and of the counts within them, by name."""
    if not is_dataclass(found):
        return {name: np.asarray(found)}
    return {
        inner: values
        for field in fields(found)
        for inner, values in _flat(getattr(found, field.name), f"{name}/{field.name}").items()
    }


def _built(kind: Any, flat: Mapping[str, NDArray[Any]], name: str) -> Any:
    """Counts of a kind from their arrays by name."""
    if not is_dataclass(kind):
        return flat[name]
    hints, make = get_type_hints(kind), cast(Any, kind)
    return make(**{field.name: _built(hints[field.name], flat, f"{name}/{field.name}") for field in fields(kind)})

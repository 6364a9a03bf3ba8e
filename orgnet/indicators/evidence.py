"""All that indicators are scored from, and what is known of one slice at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.indicators.coded import CodedEvidence, find_codes
from orgnet.indicators.damour import Damour
from orgnet.indicators.documents import Documents, measure_documents
from orgnet.indicators.instruments import all_instruments
from orgnet.indicators.surveys import SurveyScores, score_surveys
from orgnet.indicators.waves import Answers, read_answers
from orgnet.metrics.groups import GroupMeasures
from orgnet.metrics.scopes import Scopes
from orgnet.metrics.series import ConductMeasures
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import NodeSet, RecordKind
from orgnet.windows import Calendar, parse_step

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """All that indicators are scored from.

    `network` is the table of the network's metrics, for those shown beside; `scopes` are the measures of parts of it.
    """

    config: Config
    damour: Damour
    records: Records
    roster: Roster
    coverage: Coverage
    calendar: Calendar
    groups: GroupMeasures
    conduct: ConductMeasures
    network: pa.Table | None = None
    scopes: Scopes = field(default_factory=dict)

    @cached_property
    def beside(self) -> dict[tuple[str, str, str], float | None]:
        """The network's own metrics by slice label, layer and name, over the roster; empty if they are not at hand."""
        if self.network is None:
            return {}
        wanted = {(m.layer.value, m.measure) for declared in self.damour.indicators.values() for m in declared.beside}
        names = pa.array(sorted({name for _, name in wanted}))
        chosen = pc.and_(
            pc.is_in(self.network.column("metric"), names),
            pc.equal(self.network.column("node_set"), NodeSet.ROSTER.value),
        )
        rows = self.network.filter(chosen).select(["slice", "layer", "metric", "value"]).to_pylist()
        return {(r["slice"], r["layer"], r["metric"]): r["value"] for r in rows if (r["layer"], r["metric"]) in wanted}

    def under(self, damour: Damour) -> "Evidence":
        """The same evidence, to be read by other rules."""
        return self._kept(replace(self, damour=damour))

    def of(self, config: Config) -> "Evidence":
        """The same evidence, under settings that change nothing of what was measured."""
        return self._kept(replace(self, config=config))

    def _kept(self, other: "Evidence") -> "Evidence":
        for name in ("answers", "surveys", "documents", "coded", "beside", "_whole", "_shares"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other

    @cached_property
    def answers(self) -> Answers:
        """The answers to every survey."""
        instruments = all_instruments(self.config.surveys.instruments, self.config.folder)
        return read_answers(self.records, instruments)

    @cached_property
    def surveys(self) -> SurveyScores:
        """The scores of every survey wave."""
        rules = self.damour.survey
        return score_surveys(self.answers, self.calendar, rules.respondents, parse_step(rules.carried_for))

    @cached_property
    def documents(self) -> Documents | None:
        """The measures of documents."""
        return measure_documents(self.records, self.roster, self.calendar)

    @cached_property
    def coded(self) -> CodedEvidence:
        """What researchers coded."""
        return find_codes(self.records, self.config.network, self.calendar)

    @cached_property
    def _whole(self) -> dict[RecordKind, Flags]:
        providers = self.roster.provider
        some = providers.any(axis=0)
        lacking = {kind: (providers & ~self.coverage.of(kind)).any(axis=0) for kind in RecordKind}
        return {kind: np.asarray(some & ~lacks) for kind, lacks in lacking.items()}

    def complete(self, number: int, organisation: int | None = None) -> dict[RecordKind, bool]:
        """Per kind, whether all providers' records of a slice's window are known to be whole; not if there are none.

        Given the code of an organisation, whether its own are.
        """
        if organisation is not None:
            return {kind: bool(self.coverage.of(kind)[organisation, number]) for kind in RecordKind}
        return {kind: bool(whole[number]) for kind, whole in self._whole.items()}

    @cached_property
    def _shares(self) -> dict[RecordKind, Floats]:
        return {kind: self.coverage.share(kind, self.roster.provider) for kind in RecordKind}

    def share(self, kinds: Sequence[RecordKind], number: int, organisation: int | None = None) -> float:
        """The smallest share of providers with whole records over several kinds; NaN if unknown.

        Given the code of an organisation, 1 if its own records of all these kinds are whole, else 0.
        """
        if organisation is None:
            shares = [self._shares[kind][number] for kind in kinds]
        else:
            stated_kinds = [kind for kind in kinds if kind in self.coverage.whole]
            shares = [float(self.coverage.whole[kind][organisation, number]) for kind in stated_kinds]
        stated = [share for share in shares if not np.isnan(share)]
        return float(min(stated)) if stated else float("nan")

"""The configuration of a network, as checked models."""

import hashlib
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from orgnet.config.compute import Compute
from orgnet.config.disclosure import Disclosure
from orgnet.config.instruments import Instrument
from orgnet.config.quality import Quality
from orgnet.config.source import Sources
from orgnet.config.values import DateFormat, Day, StepText, Strict, TimeZone, TwoDays
from orgnet.vocabulary import PROFESSIONAL_GROUPS, OrganisationBasis, RecordKind
from orgnet.windows import Calendar, Step, last_ended, parse_step


class Period(Strict):
    """The days studied, half-open."""

    start: Day
    end: Day = Field(
        default_factory=lambda: date.max,
        description="Left out: the end of the last slice that has ended by the day of the run.",
    )

    @property
    def open_ended(self) -> bool:
        """Whether nothing was said of the end; a configuration that has been checked always has one."""
        return "end" not in self.model_fields_set

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.end <= self.start:
            raise ValueError(f"it ends on {self.end}, which is not after its start, {self.start}")
        return self


class SliceRule(Strict):
    """How the period is cut, and how far back each slice's window looks."""

    every: StepText = "quarter"
    window: StepText = "12 months"
    origin: Day | None = Field(
        default=None, description="Slices begin at origin + k times every; left out, at the period's start."
    )


class TieRules(Strict):
    """How records become ties."""

    min_overlap_minutes: float = Field(default=15, ge=0, description="People met if both were there for so long.")
    acquainted_after: int = Field(default=2, ge=1, description="Two people are acquainted after so many meetings.")
    opportunity_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="An opportunity to meet gathers people from at least this share of providers.",
    )
    standing_meetings_per_year: float = Field(default=4, gt=0, description="A standing venue meets at least so often.")
    standing_organisations: int = Field(default=3, ge=2, description="And typically gathers so many organisations.")
    projection: Literal["newman", "count", "hours"] = Field(
        default="newman",
        description="What two people who met add to their organisations' tie: 1/(k - 1) with k people there, "
        "1 for each meeting, or the hours they were there together.",
    )
    event_size_cap: int | None = Field(
        default=None,
        ge=2,
        description="Meetings with more people present make no ties and no acquaintances; left out: all do.",
    )
    half_life_days: float | None = Field(
        default=None,
        gt=0,
        description="Older meetings and referrals weigh half after so many days; left out: no decay.",
    )
    joint_roles_from_affiliations: bool = Field(
        default=True, description="A person with posts in two organisations at once counts as a joint role."
    )


class PersonKey(Strict):
    """Where the secret key is that person identifiers are hashed with; exactly one of the three."""

    file: str | None = None
    env: str | None = None
    ephemeral: bool = Field(default=False, description="A new random key for each run, kept nowhere.")

    @model_validator(mode="after")
    def _one_place_and_not_the_key(self) -> "PersonKey":
        if sum([self.file is not None, self.env is not None, self.ephemeral]) != 1:
            raise ValueError("expected exactly one of: file, env, ephemeral: true")
        if re.fullmatch("[0-9a-fA-F]{32,}", (self.file or self.env or "").strip()):
            raise ValueError(
                "found what looks like the key itself, expected where it is kept: the name of a file or of an "
                "environment variable. A key that has been written here is no longer secret: make a new one"
            )
        return self


class Split(Strict):
    """What an organisation goes on as where the records name several that followed it (or that it came from)."""

    organisation: str = Field(min_length=1)
    on: Day | None = Field(default=None, description="The day of the split; may be left out if there is only one.")
    goes_on_as: str = Field(
        min_length=1, description="One of those that followed, or the organisation itself if it outlived the day."
    )


class OrganisationsOverTime(Strict):
    """As which organisations records are stated when organisations merge, split or change their codes."""

    basis: OrganisationBasis = Field(
        default=OrganisationBasis.AS_RECORDED,
        description="As recorded; or every organisation as what it became, or as what it came from.",
    )
    splits: list[Split] = Field(default_factory=list)


class Surveys(Strict):
    """Instruments of the network's own, beside those that come with orgnet."""

    instruments: dict[str, Instrument] = Field(default_factory=dict)


class Uncertainty(Strict):
    """How often records are drawn again to see how sure a level is, and from which seed."""

    replicates: int = Field(default=200, ge=0, description="Resamples of the meetings behind each level; 0: none.")
    seed: int = Field(default=20081018, ge=0, description="Where random draws start; the same seed, the same draws.")
    sensitivity: Literal["none", "thresholds", "all"] = Field(
        default="thresholds",
        description="What is varied to see which levels move: nothing; each threshold; or also the window, what counts "
        "as having met, and records left out, which takes about as long as the run itself for each.",
    )


class Change(Strict):
    """What is asked of a difference before it is called one."""

    false_discovery_rate: float = Field(
        default=0.05, gt=0, lt=1, description="A difference counts if its q-value is at most this."
    )
    margin: float = Field(
        default=0.1, ge=0, description="Unchanged: the whole interval lies within this share of the value before."
    )
    coverage_tolerance: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Share of organisations whose records may be whole on one side only before a comparison is refused.",
    )
    series_step: StepText = Field(default="month", description="The step of the series of what happened.")
    permutations: int = Field(default=1999, ge=99, description="Arrangements drawn where there are too many for all.")
    change_points: bool = Field(
        default=False,
        description="Look for when each series changed, whatever the phases say; needs the extra change-points.",
    )


class Kept(Strict):
    """Which snapshots are kept: all, unless said otherwise; the current one always."""

    keep: int | None = Field(default=None, ge=1, description="The newest so many are kept.")
    keep_days: float | None = Field(default=None, ge=0, description="And those of so many days.")


_BEARS_ON_NO_RESULT = ("quality", "snapshots", "disclosure", "compute", "out", "person_key", "folder")


class Config(Strict):
    """A network's configuration."""

    network: str = Field(min_length=1)
    timezone: TimeZone = "Europe/London"
    period: Period
    slices: SliceRule = SliceRule()
    phases: dict[str, TwoDays] = Field(default_factory=dict)
    professional_groups: list[str] = Field(default=list(PROFESSIONAL_GROUPS), min_length=1)
    ties: TieRules = TieRules()
    organisations: OrganisationsOverTime = OrganisationsOverTime()
    sources: dict[RecordKind, Sources] = Field(min_length=1)
    date_format: DateFormat | None = Field(
        default=None, description="How dates are written in sources that do not say it of themselves, such as %d/%m/%Y."
    )
    person_key: PersonKey | None = None
    indicators: str | None = Field(
        default=None, description="A file of indicator thresholds; left out: the ones that come with orgnet."
    )
    surveys: Surveys = Surveys()
    uncertainty: Uncertainty = Uncertainty()
    change: Change = Change()
    quality: Quality = Quality()
    snapshots: Kept = Kept()
    disclosure: Disclosure = Disclosure()
    compute: Compute = Compute()
    out: str = Field(default="out", description="The folder that results are published in.")
    folder: SkipJsonSchema[Path] = Field(
        default=Path(), exclude=True, description="Set on reading: paths are relative to it."
    )
    as_of: SkipJsonSchema[date | None] = Field(
        default=None, exclude=True, description="Set on reading: the day that the period's end was worked out from."
    )

    @field_validator("professional_groups")
    @classmethod
    def _groups_apart(cls, groups: list[str]) -> list[str]:
        lowered = [group.strip().lower() for group in groups]
        twice = sorted({group for group in lowered if lowered.count(group) > 1})
        if twice or "" in lowered:
            raise ValueError(f"found {', '.join(twice) or 'an empty name'}, expected each group once, by name")
        return groups

    @field_validator("phases")
    @classmethod
    def _phases_apart(cls, phases: dict[str, tuple[date, date]]) -> dict[str, tuple[date, date]]:
        ended: tuple[date, str] | None = None
        for name, (start, end) in sorted(phases.items(), key=lambda item: item[1]):
            if end <= start:
                raise ValueError(f"phase {name!r} ends on {end}, which is not after its start, {start}")
            if ended and start < ended[0]:
                raise ValueError(f"phase {name!r} begins on {start}, before phase {ended[1]!r} has ended")
            ended = (end, name)
        return phases

    @model_validator(mode="after")
    def _period_with_an_end(self, info: ValidationInfo) -> "Config":
        """An end left out is worked out here, once, so that nothing else ever sees a period without one."""
        if not self.period.open_ended:
            return self
        day = self._day((info.context or {}).get("as_of"))
        every, origin = parse_step(self.slices.every), self.slices.origin
        end = last_ended(self.period.start, day, every, origin)
        if end is None:
            raise ValueError(
                f"period: starts on {self.period.start}, and no slice ({self.slices.every}) has ended by {day}, "
                "expected at least one; wait until one has ended, or give an `end`"
            )
        return self.model_copy(update={"period": Period(start=self.period.start, end=end), "as_of": day})

    def _day(self, as_of: date | None) -> date:
        """A day in the network's time zone: the one given, that of a moment, or today."""
        if isinstance(as_of, datetime):
            return as_of.astimezone(self.zone).date()
        return as_of or datetime.now(self.zone).date()

    @property
    def calendar(self) -> Calendar:
        """The slices and windows."""
        rule = self.slices
        return Calendar.make(
            self.period.start, self.period.end, parse_step(rule.every), parse_step(rule.window), rule.origin
        )

    @property
    def window(self) -> Step:
        """How far back a slice's window looks."""
        return parse_step(self.slices.window)

    @property
    def zone(self) -> ZoneInfo:
        """The network's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def out_folder(self) -> Path:
        """Where results are published."""
        return self.folder / self.out

    @property
    def digest(self) -> str:
        """SHA-256 of everything in the configuration that can change a result."""
        bearing = self.model_dump(mode="json", exclude={*_BEARS_ON_NO_RESULT})
        return hashlib.sha256(json.dumps(bearing, sort_keys=True).encode()).hexdigest()

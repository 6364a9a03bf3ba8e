"""One YAML file per network, checked whole before anything is read."""

import difflib
import hashlib
import json
from collections.abc import Hashable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from orgnet.errors import InputFault
from orgnet.vocabulary import PROFESSIONAL_GROUPS, RecordKind
from orgnet.windows import Calendar, Step, parse_step


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _a_step(text: str) -> str:
    parse_step(text)
    return text


def _a_timezone(name: str) -> str:
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), 1)
        raise ValueError(f"found {name!r}, expected a time zone such as {near[0] if near else 'Europe/London'}")
    return name


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


StepText = Annotated[str, AfterValidator(_a_step)]


class Period(_Strict):
    """The days studied, half-open."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.end <= self.start:
            raise ValueError(f"it ends on {self.end}, which is not after its start, {self.start}")
        return self


class SliceRule(_Strict):
    """How the period is cut, and how far back each slice's window looks."""

    every: StepText = "quarter"
    window: StepText = "12 months"
    origin: date | None = Field(
        None, description="Slices begin at origin + k times every; left out, at the period's start."
    )


class Source(_Strict):
    """Where the records of one kind are, and how their columns and words become ours."""

    path: str = Field(description="A file, or a pattern such as feeds/*.csv; relative to the configuration.")
    format: Literal["csv", "parquet", "jsonl"] | None = Field(None, description="Left out: by the file's ending.")
    encoding: str = "utf-8"
    delimiter: str = ","
    date_format: str | None = Field(
        None, description="How dates are written, such as %d/%m/%Y; left out: ISO, 2016-03-04."
    )
    columns: dict[str, str | list[str]] = Field(
        default_factory=dict, description="Their column: our field, or several of our fields."
    )
    derive: dict[str, str] = Field(
        default_factory=dict, description="Our field: a DuckDB expression over their columns, row by row."
    )
    constants: dict[str, str] = Field(default_factory=dict, description="Our field: one value for every row.")
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Our field: their word: our word."
    )
    distinct: bool = Field(False, description="One record per distinct mapped row, as from a flat file.")


class TieRules(_Strict):
    """How records become ties."""

    min_overlap_minutes: float = Field(15, ge=0, description="People met if both were there for so long.")
    acquainted_after: int = Field(2, ge=1, description="Two people are acquainted after so many meetings.")
    opportunity_share: float = Field(
        0.25, gt=0, le=1, description="An opportunity to meet gathers people from at least this share of providers."
    )
    standing_meetings_per_year: float = Field(4, gt=0, description="A standing venue meets at least so often.")
    standing_organisations: int = Field(3, ge=2, description="And typically gathers so many organisations.")
    half_life_days: float | None = Field(
        None, gt=0, description="Older meetings and referrals weigh half after so many days; left out: no decay."
    )
    joint_roles_from_affiliations: bool = Field(
        True, description="A person with posts in two organisations at once counts as a joint role."
    )


class PersonKey(_Strict):
    """Where the secret key is that person identifiers are hashed with; exactly one of the three."""

    file: str | None = None
    env: str | None = None
    ephemeral: bool = Field(False, description="A new random key for each run, kept nowhere.")

    @model_validator(mode="after")
    def _one(self) -> "PersonKey":
        if sum([self.file is not None, self.env is not None, self.ephemeral]) != 1:
            raise ValueError("expected exactly one of: file, env, ephemeral: true")
        return self


class Compute(_Strict):
    """Where the work is done; it never changes a result."""

    engine: Literal["local"] = "local"
    workers: int = Field(2, ge=1)


Sources = Annotated[list[Source], BeforeValidator(_as_list)]


class Config(_Strict):
    """A network's configuration."""

    network: str = Field(min_length=1)
    timezone: Annotated[str, AfterValidator(_a_timezone)] = "Europe/London"
    period: Period
    slices: SliceRule = SliceRule()
    phases: dict[str, tuple[date, date]] = Field(default_factory=dict)
    professional_groups: list[str] = Field(default=list(PROFESSIONAL_GROUPS), min_length=1)
    ties: TieRules = TieRules()
    sources: dict[RecordKind, Sources] = Field(min_length=1)
    person_key: PersonKey | None = None
    indicators: str | None = Field(
        None, description="A file of indicator thresholds; left out: the ones that come with orgnet."
    )
    compute: Compute = Compute()
    out: str = Field("out", description="The folder that results are published in.")
    folder: Path = Field(Path(), exclude=True, description="Set on reading: paths are relative to it.")

    @model_validator(mode="after")
    def _phases_in_order(self) -> "Config":
        ends: list[tuple[date, str]] = []
        for name, (start, end) in self.phases.items():
            if end <= start:
                raise ValueError(f"phase {name!r} ends on {end}, which is not after its start, {start}")
            if ends and start < max(ends)[0]:
                raise ValueError(f"phase {name!r} begins on {start}, before phase {max(ends)[1]!r} has ended")
            ends.append((end, name))
        return self

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
        bearing = self.model_dump(mode="json", exclude={"compute", "out", "person_key", "folder"})
        return hashlib.sha256(json.dumps(bearing, sort_keys=True).encode()).hexdigest()


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key given twice is a fault, not a silent overwrite."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} is given twice", key_node.start_mark
            )
        seen.add(key)
    return dict(yaml.SafeLoader.construct_mapping(loader, node, deep=True))


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises InputFault if it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)
    except FileNotFoundError:
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*")], 1)
        hint = f"; did you mean {path.parent / near[0]}?" if near else ""
        raise InputFault(f"{path}: no such file{hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputFault(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise InputFault(f"{path}: is not valid YAML: {' '.join(str(error).split())}") from None


def _known_names(location: tuple[str | int, ...]) -> list[str]:
    """The names that could have stood at a place in the configuration."""
    model: Any = Config
    for step in location[:-1]:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step) if hasattr(model, "model_fields") else None
        if field is None:
            model = Source
            continue
        model = Source if step == "sources" else field.annotation
    if "sources" in location[:1] and len(location) <= 3:
        return [kind.value for kind in RecordKind]
    return list(getattr(model, "model_fields", {}))


def explain(path: Path, error: ValidationError) -> list[str]:
    """A validation error as one plain line per fault: where, what was found, and what to do."""
    lines = []
    for fault in error.errors():
        location = tuple(part for part in fault["loc"] if part != "[key]")
        where = ".".join(str(part) for part in location)
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden" or "[key]" in fault["loc"]:
            near = difflib.get_close_matches(str(location[-1]), _known_names(location), 1)
            message = "is not a known name" + (f"; did you mean {near[0]!r}?" if near else "")
        elif fault["type"] == "missing":
            message = "is missing"
        lines.append(f"{path}: {where}: {message}" if where else f"{path}: {message}")
    return lines


def load_config(path: Path) -> Config:
    """Read and check a configuration.

    Raises InputFault, with every fault in it, if the file is missing, is not YAML, or says something it must not.
    """
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise InputFault(f"{path}: found {type(content).__name__}, expected names and values such as `network: ...`")
    try:
        config = Config.model_validate(content)
    except ValidationError as error:
        raise InputFault(explain(path, error)) from None
    return config.model_copy(update={"folder": path.resolve().parent})

"""From a YAML file to a checked configuration, with every fault in it told at once and in plain words."""

import difflib
import re
from collections.abc import Hashable, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from orgnet.config.models import Config
from orgnet.errors import InputFault, near, nearest

Stated = TypeVar("Stated", bound=BaseModel)


class _Plain(yaml.SafeLoader):
    """YAML without its traps.

    A key given twice is a fault, not a silent overwrite; only `true` and `false` are truth values, so that a word such
    as No stays one; and a number with a leading zero, such as a code, stays text.
    """


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    kept = {
        first: [(tag, pattern) for tag, pattern in entries if tag not in _REPLACED]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for tag, (pattern, firsts) in _REPLACED.items():
        for first in firsts:
            kept.setdefault(first, []).append((tag, re.compile(pattern)))
    return kept


_REPLACED = {
    "tag:yaml.org,2002:bool": ("(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    "tag:yaml.org,2002:int": ("[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
}
_Plain.yaml_implicit_resolvers = _resolvers()


def _mapping(loader: _Plain, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        wrong = "is given twice" if isinstance(key, Hashable) and key in seen else ""
        if wrong or not isinstance(key, Hashable):
            found = f"{key!r} {wrong}" if wrong else "a name must be a word, not a list or a mapping"
            raise yaml.constructor.ConstructorError(None, None, found, key_node.start_mark)
        seen.add(key)
    return dict(yaml.SafeLoader.construct_mapping(loader, node, deep=True))


def _day(loader: _Plain, node: yaml.ScalarNode) -> Any:
    """A day, or the text itself if there is no such day: the configuration's own check says where it stands."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Plain.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Plain.add_constructor("tag:yaml.org,2002:timestamp", _day)


def read_yaml(text: str) -> Any:
    """What a text in YAML says."""
    return yaml.load(text, _Plain)


def load_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises InputFault if it cannot be read."""
    try:
        return read_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*")], 1)
        hint = f"; did you mean {path.parent / near[0]}?" if near else ""
        raise InputFault(f"{path}: no such file{hint}") from None
    except UnicodeDecodeError:
        raise InputFault(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise InputFault(f"{path}: cannot be read: {error.strerror or error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        said = " ".join(str(error).split())
        hint = "; write paths with / or in single quotes" if "escape" in said else ""
        raise InputFault(f"{path}: is not valid YAML: {said}{hint}") from None


def _bare(annotation: Any) -> Any:
    """A type without what pydantic hangs on it: `Annotated[X, ...] | None` is X."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(part for part in get_args(annotation) if part is not NoneType)
        else:
            return annotation


def _within(annotation: Any, step: str | int) -> Any:
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(step))
        return field.annotation if field else None
    return get_args(annotation)[-1] if get_args(annotation) else None


def _known_names(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The names that could have stood at a place in the configuration."""
    holder: Any = model
    for step in location[:-1]:
        holder = _within(holder, step)
    holder = _bare(holder)
    if isinstance(holder, type) and issubclass(holder, BaseModel):
        return [name for name, field in holder.model_fields.items() if not field.exclude]
    keys = get_args(holder)[0] if get_args(holder) else None
    return [word.value for word in keys] if isinstance(keys, type) and issubclass(keys, Enum) else []


def _unknown(model: type[BaseModel], location: tuple[str | int, ...]) -> str:
    known = _known_names(model, location)
    return "is not a known name" + (nearest(str(location[-1]), known) if known else "")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "names and values"
    return {list: "a list", NoneType: "nothing", bool: str(value).lower()}.get(type(value), repr(value))


_EXPECTED = {
    "model_type": "names and values",
    "dict_type": "names and values",
    "list_type": "a list",
    "string_type": "text (put a number in quotes)",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
}


def _said(fault: Any, location: tuple[str | int, ...], model: type[BaseModel]) -> str:
    """One fault in plain words: what was found and what was expected."""
    if fault["type"] == "extra_forbidden" or "[key]" in fault["loc"]:
        return _unknown(model, location)
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] in ("too_short", "string_too_short"):
        return "is empty"
    if fault["type"] == "value_error":
        return str(fault["msg"]).removeprefix("Value error, ")
    expected = _EXPECTED.get(fault["type"]) or str(fault["msg"]).removeprefix("Input should be ")
    if expected.startswith(("greater", "less")):
        expected = f"a number {expected}"
    if location[0] == "person_key":  # what was found may be the key itself
        return f"expected {expected}"
    known = re.findall("'([^']+)'", expected) if fault["type"] in ("enum", "literal_error") else []
    return f"found {_shown(fault['input'])}, expected {expected}{near(str(fault['input']), known)}"


def _where(location: tuple[str | int, ...], content: Any) -> str:
    """A place in the file; which one of a list, counted from 1, only where there is a list."""
    words = ""
    for step in location:
        if isinstance(content, list) and isinstance(step, int):
            words += f"[{step + 1}]"
            content = content[step]
        elif isinstance(step, str) or (isinstance(content, Mapping) and step in content):
            words += f".{step}"
            content = content.get(step) if isinstance(content, Mapping) else None
        # Else the one source of a kind, given without a list.
    return words.removeprefix(".")


def explain(path: Path, error: ValidationError, model: type[BaseModel] = BaseModel, content: Any = None) -> list[str]:
    """A validation error as one plain line per fault: where, what was found, and what to do.

    With the model and the file's content, it also knows which name was meant and which of several sources is at fault.
    """
    lines: dict[str, str] = {}
    for fault in error.errors():
        location = tuple(part for part in fault["loc"] if part not in ("[key]", "str", "list[str]"))
        where = _where(location, content)
        said = _said(fault, location or ("",), model)
        lines.setdefault(where, f"{path}: {where}: {said}" if where else f"{path}: {said}")
    return list(lines.values())


def read_stated(folder: Path, model: type[Stated], content: Any) -> Stated:
    """What the manifest of a run states: its configuration, or its indicators.

    Raises InputFault if the run is of a version that knew other settings.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        names = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
    raise InputFault(
        f"{folder}: the run is of another version of orgnet, whose settings are not the same here "
        f"({', '.join(filter(None, names)) or 'none are stated'}); run it again"
    )


def load_config(path: Path, as_of: date | None = None) -> Config:
    """Read and check a configuration.

    Where the period's end is left out, it is the end of the last slice that has ended by `as_of`: a day, or a moment,
    whose day in the network's time zone counts; left out, today. Where the end is given, `as_of` is not used.
    Raises InputFault, with every fault in it, if the file is missing, is not YAML, or says something it must not.
    """
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise InputFault(f"{path}: found {_shown(content)}, expected names and values such as `network: ...`")
    ours = [name for name, field in Config.model_fields.items() if field.exclude and name in content]
    if ours:
        raise InputFault([f"{path}: {name}: {_unknown(Config, (name,))}" for name in ours])
    try:
        read = Config.model_validate(content, context={"as_of": as_of})
        return read.model_copy(update={"folder": path.resolve().parent})
    except ValidationError as error:
        faults = explain(path, error, Config, content)
    raise InputFault(faults)

"""Single values of a configuration: what each may be, and what to say when it is something else."""

import difflib
import re
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from orgnet.windows import parse_step


class Strict(BaseModel):
    """A part of a configuration: it knows all its names, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _a_step(text: str) -> str:
    parse_step(text)
    return text


def _a_timezone(name: str) -> str:
    try:
        if name.split("/")[0] in ("localtime", "posix", "posixrules", "right"):
            raise ValueError("this computer's, or no zone of its own")
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(available_timezones()), 1)
        hint = near[0] if near else "Europe/London"
        raise ValueError(f"found {name!r}, expected a time zone such as {hint}") from None
    return name


def _as_text(value: Any) -> Any:
    """A number, a day or a truth value as it was written; nothing at all as the empty text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if value is None:
        return ""
    return str(value) if isinstance(value, (int, float)) else value


def _a_day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"found {value!r}, expected a day that exists, such as 2016-03-04") from None


def _two_days(value: Any) -> Any:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError("expected two days: [first day, first day after], such as [2014-05-01, 2015-11-01]")
    return tuple(value)


def _a_delimiter(text: str) -> str:
    text = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(text) != 1 or not text.isascii() or text in '"\r\n':
        raise ValueError(f"found {text!r}, expected one character, such as ';' or '|', or the word tab")
    return text


def _an_encoding(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise ValueError(f"found {name!r}, expected an encoding such as utf-8, cp1252 or utf-16") from None
    return name


_DATE_PARTS = ("dejxc", "mbBjxc", "Yyxc")
_DATE_CODES = set("aAdeBbmyYHIpMSfgnjzcxX%")


def _a_date_format(text: str) -> str:
    codes = re.findall("%-?(.?)", text)
    if not set(codes) <= _DATE_CODES or not all(set(codes) & set(part) for part in _DATE_PARTS):
        raise ValueError(
            f"found {text!r}, expected a pattern with day, month and year, such as %d/%m/%Y or %d/%m/%Y %H:%M"
        )
    return text


StepText = Annotated[str, AfterValidator(_a_step)]
TimeZone = Annotated[str, AfterValidator(_a_timezone)]
Text = Annotated[str, BeforeValidator(_as_text)]
Day = Annotated[date, BeforeValidator(_a_day)]
TwoDays = Annotated[tuple[Day, Day], BeforeValidator(_two_days)]
Delimiter = Annotated[str, AfterValidator(_a_delimiter)]
Encoding = Annotated[str, AfterValidator(_an_encoding)]
DateFormat = Annotated[str, AfterValidator(_a_date_format)]

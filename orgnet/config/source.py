"""Where records are, and how a file's columns and words become ours."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from orgnet.config.values import DateFormat, Delimiter, Encoding, Strict, Text


class Source(Strict):
    """Where the records of one kind are, and how their columns and words become ours.

    A column that bears the name of one of our fields is that field, unless `columns`, `derive` or `constants` say
    where the field comes from: what is written down comes before what merely has the same name. Only one of the three
    may speak of a field, and only once, because two answers to one question are a fault.
    """

    path: str = Field(
        min_length=1, description="A file, or a pattern such as feeds/*.csv; relative to the configuration."
    )
    format: Literal["csv", "parquet", "jsonl"] | None = Field(
        default=None, description="Left out: by the file's ending."
    )
    encoding: Encoding = "utf-8"
    delimiter: Delimiter | None = Field(
        default=None,
        description="Left out: a tab in a .tsv file, else what stands between the column names: a comma, a semicolon or a tab.",
    )
    date_format: DateFormat | None = Field(
        default=None,
        description="How dates are written, such as %d/%m/%Y (with or without a time behind them); 2016-03-04 is read in any case.",
    )
    columns: dict[Text, str | list[str]] = Field(
        default_factory=dict, description="Their column: our field, or several of our fields."
    )
    derive: dict[str, Text] = Field(
        default_factory=dict, description="Our field: a DuckDB expression over their columns, row by row."
    )
    constants: dict[str, Text] = Field(default_factory=dict, description="Our field: one value for every row.")
    values: dict[str, dict[Text, Text]] = Field(
        default_factory=dict,
        description="Our field: their word: our word. The empty text stands for no value, on either side.",
    )
    distinct: bool = Field(default=False, description="One record per distinct mapped row, as from a flat file.")

    @property
    def stated(self) -> list[str]:
        """The fields that `columns`, `derive` and `constants` speak of."""
        renamed = [[name] if isinstance(name, str) else name for name in self.columns.values()]
        return [*(name for names in renamed for name in names), *self.derive, *self.constants]

    @model_validator(mode="after")
    def _each_field_from_one_place(self) -> "Source":
        empty = [name for name, expression in self.derive.items() if not expression.strip()]
        if empty:
            raise ValueError(f"found nothing under `derive` for {', '.join(empty)}, expected a DuckDB expression")
        twice = sorted({name for name in self.stated if self.stated.count(name) > 1})
        if twice:
            raise ValueError(
                f"found {', '.join(twice)} more than once in `columns`, `derive` and `constants`; expected one place "
                "to take each field from"
            )
        return self


def _as_list(value: Any) -> Any:
    """One source or several, as a list."""
    sources = value if isinstance(value, list) else [value]
    if not sources or None in sources:
        raise ValueError("is empty; expected where the records are, such as {path: records.csv}")
    for source in sources:
        if isinstance(source, str):
            raise ValueError(f"found {source!r}, expected {{path: {source}}}")
    return sources


Sources = Annotated[list[Source], BeforeValidator(_as_list)]

"""What `recordbus search` can be asked: its options by group, in the order of its help.

Each class is a group of options: an attribute is an option, with its type and its default. What is
typed becomes Criteria and Context under the names that they have there.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar, get_type_hints

import typer

from consumers.search.criteria import Context, Criteria, IdentifierAsked
from consumers.search.document import Span
from consumers.search.plan import Sort

Command = TypeVar("Command", bound=Callable[..., Any])
Many = list[str] | None


def span(text: str) -> Span:
    """Read `20-30` or `25`; heights may be written as feet and inches: `5'8"` or `5'8-6'1`."""
    parts = re.fullmatch(r"""\s*(\d+'\d*|\d+)"?\s*(?:-\s*(\d+'\d*|\d+)"?)?\s*""", text)
    if parts is None:
        raise typer.BadParameter("write a number or low-high, for example 20-30")
    low = _number(parts[1])
    return Span(low, _number(parts[2]) if parts[2] else low)


def identifier(text: str) -> IdentifierAsked:
    """Read `type:value` or `type:value:issuer`."""
    kind, _, rest = text.partition(":")
    value, _, issuer = rest.partition(":")
    if not value:
        raise typer.BadParameter("write type:value or type:value:issuer, for example ssn:...")
    return IdentifierAsked(kind.strip(), value.strip(), issuer.strip() or None)


def _number(text: str) -> int:
    feet, mark, inches = text.partition("'")
    return int(feet) * 12 + int(inches or 0) if mark else int(feet)


def _says(help_: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_, **more)


def _range(help_: str) -> Any:
    return typer.Option(parser=span, metavar="FROM-TO", help=help_)


class Text:
    """Words of the record."""

    text: Annotated[str, typer.Argument(help="Words to find; quote phrases, * ends a word.")] = ""


class People:
    """Who somebody is, and how somebody looks."""

    name: Annotated[str, _says("A person's name, in any order, with * and ?.")] = ""
    dob: Annotated[str, _says("Date of birth: YYYY-MM-DD, YYYY-MM or YYYY.")] = ""
    sex: Annotated[Many, _says("Sex: code or word.")] = None
    age: Annotated[Span | None, _range("Age today: 20-30.")] = None
    age_at_event: Annotated[Span | None, _range("Age when it happened: 20-30.")] = None
    height: Annotated[Span | None, _range("Height in inches, or 5'8-6'0.")] = None
    weight: Annotated[Span | None, _range("Weight in pounds.")] = None
    build: Annotated[Many, _says("Build: code or word.")] = None
    hair: Annotated[Many, _says("Hair colour: code or word.")] = None
    eyes: Annotated[Many, _says("Eye colour: code or word.")] = None
    complexion: Annotated[Many, _says("Complexion; see --suspect-record.")] = None
    race: Annotated[Many, _says("Race; see --suspect-record.")] = None
    ethnicity: Annotated[Many, _says("Ethnicity; see --suspect-record.")] = None
    country_of_birth: Annotated[Many, _says("Country of birth; only to identify a person.")] = None
    marks: Annotated[
        Many, _says("Scar, mark or tattoo: 'TAT L ARM' or 'tattoo left arm dragon'.")
    ] = None
    category: Annotated[Many, _says("In what capacity a person is named.")] = None


class Vehicles:
    """What a vehicle is known by."""

    plate: Annotated[str, _says("Plate or a part of one, with * and ?.")] = ""
    plate_state: Annotated[str, _says("State of the plate.")] = ""
    vin: Annotated[str, _says("VIN, or its last eight characters.")] = ""
    make: Annotated[Many, _says("Vehicle make: code or word.")] = None
    model: Annotated[str, _says("Vehicle model.")] = ""
    style: Annotated[Many, _says("Vehicle style: code or word.")] = None
    colour: Annotated[Many, _says("Vehicle colour: code or word.", "--colour", "--color")] = None
    year: Annotated[Span | None, _range("Model year: 2010-2015.")] = None


class Contacts:
    """Where somebody is reached, and by what numbers somebody is known."""

    organisation: Annotated[
        str, _says("Name of an organisation.", "--organisation", "--organization")
    ] = ""
    phone: Annotated[str, _says("Phone, with or without area code.")] = ""
    email: Annotated[str, _says("E-mail address.")] = ""
    address: Annotated[str, _says("Address or a part of one.")] = ""
    identifiers: Annotated[
        list[IdentifierAsked] | None,
        _says(
            "type:value or type:value:issuer.", "--identifier", parser=identifier,
            metavar="TYPE:VALUE[:ISSUER]",
        ),
    ] = None  # fmt: skip


class Records:
    """Which records count."""

    number: Annotated[str, _says("Incident, case or record number.")] = ""
    offence: Annotated[Many, _says("Offence: NIBRS code.")] = None
    any_of: Annotated[str, _says("Words of which one must be there.", "--any")] = ""
    none_of: Annotated[str, _says("Words that must not be there.", "--none")] = ""
    department: Annotated[Many, _says("Only records of this department.")] = None
    kind: Annotated[Many, _says("Only this kind of record.")] = None
    basis: Annotated[Many, _says("Only with an association on this basis.")] = None
    evidence: Annotated[Many, _says("Only fact, or only assessment.")] = None
    from_: Annotated[datetime | None, _says("First day.", "--from", formats=["%Y-%m-%d"])] = None
    to: Annotated[datetime | None, _says("Last day.", formats=["%Y-%m-%d"])] = None


class Results:
    """How results come."""

    sort: Annotated[Sort, _says("Order of the results.")] = Sort.BEST
    page: Annotated[int, _says("Which page of results.")] = 1
    page_size: Annotated[int, _says("Results on a page.")] = 25
    hide_small_counts: Annotated[
        bool, _says("Hide counts under 5, round the others.", "--hide-small-counts")
    ] = False


class Asker:
    """Who asks, and why (R-28)."""

    purpose: Annotated[str, _says("Why: a purpose of the closed list.")] = ""
    case: Annotated[str, _says("For which case.")] = ""
    requester: Annotated[str, _says("Who asks.")] = ""
    on_behalf_of: Annotated[
        str | None, _says("For which agency, if for another than that of this terminal.")
    ] = None
    suspect_record: Annotated[
        str | None, _says("Number of the record that describes the suspect.")
    ] = None


OF_CRITERIA: Final = (Text, People, Vehicles, Contacts, Records, Results)
_IN_CRITERIA: Final = {
    "any_of": "text_any", "none_of": "text_none", "dob": "date_of_birth", "category": "categories",
    "year": "vehicle_year", "offence": "offences", "department": "departments",
    "kind": "record_kinds", "basis": "bases", "from_": "from_day", "to": "until_day",
}  # fmt: skip
_IN_CONTEXT: Final = {
    "case": "case_number", "suspect_record": "described_suspect",
}  # fmt: skip


def criteria_of(asked: Mapping[str, Any]) -> Criteria:
    """Give what to look for, out of the options of `OF_CRITERIA`; what is None was not asked."""
    typed = {name: asked[name] for group in OF_CRITERIA for name in group.__annotations__}
    return Criteria(
        **{
            _IN_CRITERIA.get(name, name): _plain(value)
            for name, value in typed.items()
            if value is not None
        }
    )


def context_of(asked: Mapping[str, Any]) -> Context:
    """Give who asks and why, out of the options of `Asker`."""
    return Context(**{_IN_CONTEXT.get(name, name): asked[name] for name in Asker.__annotations__})


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.date() if isinstance(value, datetime) else value


def takes(*groups: type) -> Callable[[Command], Command]:
    """Give a command the options of groups, before its own; they come as keyword arguments."""

    def given(command: Command) -> Command:
        hints = {
            name: (hint, getattr(group, name))
            for group in groups
            for name, hint in get_type_hints(group, include_extras=True).items()
        }
        own = inspect.signature(command, eval_str=True).parameters.values()
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter(name, kind, default=default, annotation=hint)
            for name, (hint, default) in hints.items()
        ]
        parameters += [each for each in own if each.kind is kind]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        return command

    return given

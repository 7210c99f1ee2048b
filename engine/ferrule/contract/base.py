"""The base of all contract models, and the kinds of value they hold.

Nothing is guessed: a boolean is a boolean and never the word "true", a number is never read out of text, and text is
text. The one conversion is an integer where text is asked for: many apps number their accounts, and `12345` is
`"12345"` without loss. A fraction is not taken as text, because its digits may already be gone when JSON is read.
"""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, GetCoreSchemaHandler, PlainSerializer, Strict
from pydantic_core import PydanticCustomError, core_schema

from ferrule.attribute_docs import Documented
from ferrule.secret import Secret


class Model(Documented):
    """A value of the contract. Keys it does not know are dropped, as the published types do."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", protected_namespaces=(), defer_build=True)


class Open(Model):
    """A value to which an app adds fields of its own. They are kept as they come."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")


class Private(Model):
    """A value that holds secrets: a finding about it never shows what was given."""

    model_config: ClassVar[ConfigDict] = ConfigDict(hide_input_in_errors=True)


class Empty(Model):
    """A request with nothing to say."""


_TEXT = (core_schema.str_schema(strict=True), core_schema.no_info_after_validator_function(str, core_schema.int_schema(strict=True)))
_NOT_TEXT = "text is expected here (an integer will do)"


def conceal(value: Any) -> Any:
    """`value` with every text below it made a `Secret`; keys stay readable."""
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, dict):
        return {key: conceal(item) for key, item in value.items()}
    return [conceal(item) for item in value] if isinstance(value, list) else value


def mask(value: Any) -> Any:
    """`value` with every `Secret` below it as its mask."""
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return str(value) if isinstance(value, Secret) else value


class _String:
    """Text as it is; an integer as its digits."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.union_schema(
            [*_TEXT],
            mode="left_to_right",
            custom_error_type="text",
            custom_error_message=_NOT_TEXT,
            serialization=core_schema.to_string_ser_schema(),
        )

    @staticmethod
    def __get_pydantic_json_schema__(schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string"}


class _Secret:
    """Text that becomes a `Secret`. Dumped as JSON it is masked; dumped as Python values it stays a `Secret`."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.no_info_after_validator_function(Secret, core_schema.union_schema([*_TEXT], mode="left_to_right"))
        return core_schema.union_schema(
            [core_schema.is_instance_schema(Secret), text],
            mode="left_to_right",
            custom_error_type="text",
            custom_error_message=_NOT_TEXT,
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )

    @staticmethod
    def __get_pydantic_json_schema__(schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string"}


class _Time:
    """ISO 8601 text, checked and kept as written, or a `datetime`, written as ISO 8601."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_time_text, core_schema.str_schema(strict=True))


class _Moment:
    """A `datetime`, or ISO 8601 text read as one."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_moment, core_schema.datetime_schema(strict=False))


String = Annotated[str, _String()]
"""Text; an integer is written out."""
SecretString = Annotated[Secret, _Secret()]
"""Text nobody may see."""
SecretMap = Annotated[dict[str, Any], AfterValidator(conceal), PlainSerializer(mask, when_used="json")]
"""A mapping, such as the key file of a service account, whose texts nobody may see."""
Boolean = Annotated[bool, Strict()]
Integer = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Time = Annotated[str, _Time()]
"""Text that must be an ISO 8601 date or date-time: the contract carries most times as text."""
Moment = Annotated[datetime, _Moment()]
"""A date-time, for the few fields the contract types as one."""


_ISO = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\S+)?")


def _moment(value: Any) -> datetime:
    """`datetime.fromisoformat` alone takes any character between date and time, and so would read some epochs as dates."""
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _ISO.fullmatch(value):
            return datetime.fromisoformat(value.upper())
    except ValueError:
        pass
    raise PydanticCustomError("time", "a date or date-time in ISO 8601 text is expected here, such as 2026-01-31T09:30:00Z")


def _time_text(value: Any) -> str:
    moment = _moment(value)
    return str(value) if isinstance(value, str) else moment.isoformat()


def unique(*fields: str) -> dict[str, Any]:
    """The fields that together tell one record from another: `x-unique-hash` in the JSON Schema."""
    return {"x-unique-hash": list(fields)}


def semantic(kind: str) -> Any:
    """The hint that tells a caller's form which id a field wants: `x-semantic` in the JSON Schema."""
    return Field(json_schema_extra={"x-semantic": kind})


ACCOUNT_ID = semantic("account-id")
AUXILIARY_ACCOUNT_ID = semantic("auxiliary-account-id")
RESOURCE_ID = semantic("resource-id")
CREDENTIAL_ID = semantic("credential-id")
ENTITLEMENT_ID = semantic("entitlement-id")
ENTITLEMENT_TYPE_ID = semantic("entitlement-type")
RESOURCE_TYPE_ID = semantic("resource-type")
APPLICATION_ID = semantic("application-instance-id")
NON_HUMAN_ACCOUNT_ID = semantic("non-human-account-id")
RESOURCE_TYPE = Field(json_schema_extra={"x-resource-type": True})
"""The value is one of the resource types that `info` declares."""
ENTITLEMENT_TYPE = Field(json_schema_extra={"x-entitlement-type": True})
"""The value is one of the entitlement types that `info` declares."""

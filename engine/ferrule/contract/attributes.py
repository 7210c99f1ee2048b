"""Attributes that an app adds to the contract's records."""

from typing import Any, Literal

from ferrule.contract.base import Model, String

CustomizedType = Literal["account", "entitlement", "resource", "credential", "non_human_account"]
AttributeType = Literal["string", "user", "boolean", "integer", "datetime"]


class CustomAttributeSchema(Model):
    """An attribute the app knows."""

    customized_type: CustomizedType
    """The kind of record that carries it."""
    name: String
    """Its name."""
    attribute_type: AttributeType
    """What its values are."""
    description: String | None = None
    """What it means, where the name does not say it."""


class CustomAttributeParameter(Model):
    """An attribute to read into the access graph."""

    label: String
    """Its name."""
    type: CustomizedType
    """The kind of record that carries it."""


class CustomAttribute(Model):
    """The value of an attribute on one node of the access graph."""

    record_id: String
    """Id of the record that carries it."""
    label: String
    """Its name, as it was asked for."""
    value: Any
    """Its value; may be null, may not be left out."""
    type: CustomizedType
    """The kind of record that carries it."""

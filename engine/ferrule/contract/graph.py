"""The access graph: resources and entitlements as nodes, and what follows from what as edges."""

from typing import Annotated, Literal

from ferrule.contract.attributes import CustomAttribute, CustomAttributeParameter
from ferrule.contract.base import (
    CREDENTIAL_ID,
    ENTITLEMENT_ID,
    ENTITLEMENT_TYPE_ID,
    RESOURCE_ID,
    RESOURCE_TYPE_ID,
    Boolean,
    Model,
    String,
    unique,
)


class GraphSelection(Model):
    """Which attributes to read into the graph."""

    custom_attributes: list[CustomAttributeParameter] | None = None
    """The custom attributes to read with the nodes."""


class Reference(Model):
    """Another record that stands for the same thing."""

    id: String
    """That record's id."""
    type: Literal["account"]
    """That record's kind."""


class AccessGraphResource(Model, json_schema_extra=unique("id", "resource_type")):
    """A resource as a node."""

    id: Annotated[String, RESOURCE_ID]
    """Its id, unique in the whole tenant."""
    resource_type: Annotated[String, RESOURCE_TYPE_ID]
    """One of the types that `info` declares."""
    reference: Reference | None = None
    """The account this resource is as well."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it is for."""
    is_terminal: Boolean | None = None
    """Access ends here."""
    is_credential_bearing: Boolean | None = None
    """It holds a secret, and access goes on through it."""
    linked_credential_ids: Annotated[list[String] | None, CREDENTIAL_ID] = None
    """The credentials it holds."""


class AccessGraphResourceRelationship(Model):
    """One resource leads to others."""

    from_id: String
    """The resource it starts at."""
    to_ids: list[String]
    """The resources it leads to."""
    label: String
    """What the relation is called."""


class ResourceGraph(Model):
    """Resources and their relations."""

    resources: list[AccessGraphResource]
    """The nodes."""
    resource_relationships: list[AccessGraphResourceRelationship]
    """The edges."""
    custom_attributes: list[CustomAttribute]
    """Attributes of the nodes."""


class AccessGraphEntitlement(Model, json_schema_extra=unique("id", "resource_id")):
    """An entitlement as a node."""

    id: Annotated[String, ENTITLEMENT_ID]
    """Its id, unique in the whole tenant."""
    entitlement_type: Annotated[String, ENTITLEMENT_TYPE_ID]
    """One of the types that `info` declares."""
    resource_id: Annotated[String, RESOURCE_ID]
    """The resource it is a right on."""
    is_assignable: Boolean | None = None
    """Whether it can be given to an account."""
    denies_access: Boolean
    """True: it takes access away, and wins over what gives it."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it allows or denies."""


class AccessGraphEntitlementIdentifier(Model):
    """One entitlement of the graph."""

    entitlement_id: String
    """Its id."""
    resource_id: String
    """The resource it is a right on."""


class AccessGraphImpliedAccess(Model):
    """Who holds one entitlement holds others too."""

    from_entitlement: AccessGraphEntitlementIdentifier
    """The one that is held."""
    to_entitlements: list[AccessGraphEntitlementIdentifier]
    """The ones that follow."""


class AccessGraphEntitlementRule(Model):
    """Every resource of a type has this entitlement."""

    entitlement_type: String
    """The entitlement's type."""
    entitlement_id: String
    """The entitlement's id, the same on every such resource."""
    resource_type: String
    """The type of the resources."""
    is_assignable: Boolean | None = None
    """Whether it can be given to an account."""
    denies_access: Boolean
    """True: it takes access away."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it allows or denies."""


class AccessGraphImpliedAccessRule(Model):
    """An entitlement on resources of one type implies another entitlement."""

    from_entitlement_type: String
    """Type of the one that is held."""
    from_entitlement_id: String
    """Id of the one that is held."""
    from_resource_type: String
    """Type of the resource it is held on."""
    relationship_label: String | None = None
    """The relation along which it carries over to other resources; without one it stays on the same resource."""
    to_entitlement_type: String
    """Type of the one that follows."""
    to_entitlement_id: String
    """Id of the one that follows."""
    to_resource_type: String
    """Type of the resource it follows on."""


class AccessGraphEntitlementType(Model):
    """A type of entitlement that the graph uses."""

    type_id: String
    """The type's id."""
    type_label: String
    """What people call it."""
    resource_type_id: String
    """The type of the resources it is a right on."""


class EntitlementGraph(Model):
    """Entitlements and what each implies."""

    nodes: list[AccessGraphEntitlement]
    """The nodes."""
    entitlement_implications: list[AccessGraphImpliedAccess]
    """The edges."""
    custom_attributes: list[CustomAttribute]
    """Attributes of the nodes."""
    access_graph_entitlement_rules: list[AccessGraphEntitlementRule] = []
    """Entitlements that come with every resource of a type, where they differ between tenants."""
    access_graph_implied_access_rules: list[AccessGraphImpliedAccessRule] = []
    """Implications that hold for whole types, where they differ between tenants."""


class AccessGraphEntitlementAssignment(Model, json_schema_extra=unique("resource_id", "entitlement_id", "entitlement_resource_id")):
    """A resource, such as an account, holds an entitlement."""

    resource_id: Annotated[String, RESOURCE_ID]
    """The resource that holds it."""
    entitlement_id: Annotated[String, ENTITLEMENT_ID]
    """The entitlement that is held."""
    entitlement_resource_id: Annotated[String, RESOURCE_ID]
    """The resource it is a right on."""

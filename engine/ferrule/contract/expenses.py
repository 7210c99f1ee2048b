"""Expenses: what was paid for software, by whom, to whom."""

from typing import Any, Literal

from ferrule.contract.base import Model, String, Time

ExpenseType = Literal["reimbursement", "card_transaction"]
NormalizedApprovalStatus = Literal["pending", "approved", "rejected", "canceled", "unknown"]
NormalizedPaymentStatus = Literal["paid", "unpaid"]


class TimeRange(Model):
    """From one day to another; either end may be open."""

    start_date: String | None = None
    """The first day."""
    end_date: String | None = None
    """The last day."""


class ExpenseFilters(Model):
    """Which expenses are wanted."""

    transaction_date: TimeRange | None = None
    """Only those paid in this time."""


class ListExpenses(Model):
    """Expenses that pass a filter."""

    filters: ExpenseFilters
    """Which ones; an empty filter means all."""


class Amount(Model):
    """A sum of money."""

    amount: String
    """The figure, as decimal text: no digit is lost."""
    currency: String
    """Three letters of ISO 4217."""


class Vendor(Model):
    """Who sold it."""

    id: String | None = None
    """The seller's id in the app."""
    name: String | None = None
    """The seller's name."""
    description: String | None = None
    """What is known of the seller."""


class SpendUser(Model):
    """Who handed it in."""

    id: String | None = None
    """The person's id in the app."""
    email: String | None = None
    """The person's e-mail address."""
    full_name: String | None = None
    """The whole name."""
    given_name: String | None = None
    """First name."""
    family_name: String | None = None
    """Last name."""


class ExpenseApprovalStatus(Model):
    """How far the approval has come."""

    id: String | None = None
    """The state's id in the app."""
    display_value: String | None = None
    """The state as people read it."""
    value: String | None = None
    """The state as the app has it."""
    normalized_value: NormalizedApprovalStatus
    """The state in the contract's words."""


class ExpensePaymentStatus(Model):
    """Whether it has been paid back."""

    id: String | None = None
    """The state's id in the app."""
    display_value: String | None = None
    """The state as people read it."""
    value: String | None = None
    """The state as the app has it."""
    normalized_value: NormalizedPaymentStatus
    """The state in the contract's words."""


class Expense(Model):
    """One thing that was paid for."""

    id: String
    """The expense's id in the app; it never changes."""
    report_id: String | None = None
    """The report it was handed in with."""
    transaction_date: Time
    """When the seller was paid."""
    payment_date: Time | None = None
    """When the company paid."""
    total_amount: Amount
    """What the company owes for it."""
    paid_amount: Amount | None = None
    """What the company has paid so far."""
    seller: Vendor
    """Who sold it."""
    description: String
    """What was bought."""
    submitter: SpendUser
    """Who handed it in."""
    type: ExpenseType
    """Paid by a person first, or by a company card."""
    approval_status: ExpenseApprovalStatus
    """How far the approval has come."""
    payment_status: ExpensePaymentStatus
    """Whether it has been paid back."""
    url: String | None = None
    """Where a person can look at it."""
    attributes: dict[str, Any] | None = None
    """The app's own attributes, the same for every tenant."""
    custom_attributes: dict[str, Any] | None = None
    """Attributes of this tenant."""

"""What Microsoft's pages show of users: each record as the page has it that is named beside it."""

from __future__ import annotations

from typing import Any

API = "https://learn.microsoft.com/en-us/graph/api/"

ADAMS, ADMIN, ADELE, ALEX = (
    "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0",
    "4562bcc8-c436-4f95-b7c0-4f8ce89dca5e",
    "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
    "cdb555e3-b33e-4fd5-a427-17fadacbdfa7",
)
GOLF_ASSIST, GOLF_DISCUSSION = "45b7d2e7-b882-4a80-ba97-10b7a63b8fa4", "d7797254-3084-44d0-99c9-a3b5ab149538"
APP, NO_ROLE = "8e881353-1735-45af-af21-ee1344582a4d", "00000000-0000-0000-0000-000000000000"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
E5, CRM = "c7df2760-2c81-4ef7-b578-5b5392b571df", "d17b27af-3f49-4822-99f9-56a661538792"
UPN = "AdeleV@contoso.onmicrosoft.com"

USER, GROUP = {"@odata.type": "#microsoft.graph.user"}, {"@odata.type": "#microsoft.graph.group"}
ON = {"accountEnabled": True, "userType": "Member"}


def shown(value: Any, **more: Any) -> Any:
    """A record of a page, with fields that it leaves out."""
    return {**value, **more}


ADELE_VANCE = {  # user-get
    "businessPhones": ["+1 425 555 0109"],
    "displayName": "Adele Vance",
    "givenName": "Adele",
    "jobTitle": "Retail Manager",
    "mail": "AdeleV@contoso.com",
    "mobilePhone": "+1 425 555 0109",
    "officeLocation": "18/2111",
    "preferredLanguage": "en-US",
    "surname": "Vance",
    "userPrincipalName": "AdeleV@contoso.com",
    "id": ADELE,
}
SARA_DAVIS = {  # user-list-manager
    "id": "111048d2-2761-4347-b978-07354283363b",
    "accountEnabled": True,
    "city": "San Diego",
    "country": "United States",
    "department": "Sales & Marketing",
    "displayName": "Sara Davis",
    "givenName": "Sara",
    "jobTitle": "Finance VP",
    "mail": "SaraD@contoso.onmicrosoft.com",
    "mailNickname": "SaraD",
    "surname": "Davis",
    "usageLocation": "US",
    "userPrincipalName": "SaraD@contoso.onmicrosoft.com",
}
REPRESENTATION = {  # resources/user: each property with its type for a value
    "accountEnabled": True,
    "companyName": "String",
    "createdDateTime": "String (timestamp)",
    "department": "String",
    "displayName": "String",
    "employeeId": "String",
    "givenName": "String",
    "id": "String (identifier)",
    "jobTitle": "String",
    "mail": "String",
    "officeLocation": "String",
    "onPremisesSyncEnabled": True,
    "surname": "String",
    "usageLocation": "String",
    "userPrincipalName": "String",
    "userType": "String",
}
USERS = {  # user-list, example 1
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users",
    "value": [
        shown({"displayName": "Conf Room Adams", "mail": "Adams@contoso.com", "userPrincipalName": "Adams@contoso.com", "id": ADAMS}, **ON),
        shown(
            {
                "displayName": "MOD Administrator",
                "givenName": "MOD",
                "mail": None,
                "surname": "Administrator",
                "userPrincipalName": "admin@contoso.com",
                "id": ADMIN,
            },
            **ON,
        ),
    ],
}
LICENSED = {  # user-list, example 9
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(id,mail,assignedLicenses)",
    "value": [
        {
            "id": "cb4954e8-467f-4a6d-a8c8-28b9034fadbc",
            "mail": "admin@contoso.com",
            "assignedLicenses": [{"disabledPlans": [], "skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"}],
        },
        {
            "id": "81a133c2-bdf2-4e67-8755-7264366b04ee",
            "mail": "DebraB@contoso.com",
            "assignedLicenses": [{"disabledPlans": [], "skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"}],
        },
    ],
}
SIGNED_IN = {  # user-list, example 11
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(displayName,userPrincipalName,signInActivity)",
    "value": [
        {
            "displayName": "Adele Vance",
            "userPrincipalName": "AdeleV@contoso.com",
            "id": "1aecaf40-dc3a-461f-88a8-d06994e12898",
            "signInActivity": {
                "lastSignInDateTime": "2021-06-17T16:41:33Z",
                "lastSignInRequestId": "d4d31c40-4c36-4775-ad59-7d1e6a171f00",
                "lastNonInteractiveSignInDateTime": "0001-01-01T00:00:00Z",
                "lastNonInteractiveSignInRequestId": "",
            },
        },
        {
            "displayName": "Alex Wilber",
            "userPrincipalName": "AlexW@contoso.com",
            "id": "f0662ee5-84b1-43d6-8338-769cce1bc141",
            "signInActivity": {
                "lastSignInDateTime": "2021-07-29T15:53:27Z",
                "lastSignInRequestId": "f3149ee1-e347-4181-b45b-99a1f82b1c00",
                "lastNonInteractiveSignInDateTime": "2021-07-29T17:53:42Z",
                "lastNonInteractiveSignInRequestId": "868efa6a-b2e9-40e9-9b1c-0aaea5b50200",
            },
        },
    ],
}
NEW_USER = {  # user-post-users, example 1
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
    "id": ADELE,
    "businessPhones": [],
    "displayName": "Adele Vance",
    "givenName": "Adele",
    "jobTitle": "Product Marketing Manager",
    "mail": UPN,
    "mobilePhone": "+1 425 555 0109",
    "officeLocation": "18/2111",
    "preferredLanguage": "en-US",
    "surname": "Vance",
    "userPrincipalName": UPN,
}
LICENSE_ASSIGNED = {  # user-assignlicense
    "accountEnabled": True,
    "assignedLicenses": [{"disabledPlans": ["11b0131d-43c8-4bbb-b2c8-e80f9a50834a"], "skuId": "0118A350-71FC-4EC3-8F0C-6A1CB8867561"}],
    "companyName": "companyName-value",
}

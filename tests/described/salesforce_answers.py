"""How Salesforce answers: to queries in SOQL, and with what its pages show for writes. It publishes no description.

The answer to a query has the form that the page on queries shows (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_query.htm):
each record has its `attributes` and the fields that were selected. Which records those are is said by the query: what it compares for
equality is compared. Their values are those of the Object Reference, of the REST API Developer Guide and of the page on identity URLs,
which is where the two people come from:

- https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm and its neighbours
  of the same guide, for permission sets, their groups, licences and assignments, roles, logins and the audit trail;
- https://developer.salesforce.com/docs/atlas.en-us.mobile_sdk.meta/mobile_sdk/oauth_using_identity_urls.htm, for a user and an org.

What no page shows is written so that it says nothing new:

- an id is the object's prefix with zeros, the way Salesforce.org writes ids in the tests of its tool CumulusCI;
- the second user is called as the page on users writes an alias, at the first one's domain;
- a role, a group and a queue have the name that their pages have for their kind, and a description is what the page says of that field;
- a licence is counted as often as it is assigned here; another field is null.

An answer that leads on has the first record, and what its locator leads to the others.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import Asked, answer
from described.description import Described, Turn, put
from ferrule.http import Response

INSTANCE = "https://MyDomainName.my.salesforce.com"
DATA = "/services/data/v67.0"
LOCATOR = f"{DATA}/query/01gD0000002HU6KIAW-2000"
"""The locator of the page on queries."""

ORG, VAN, KEPT = "00Dx0000001T0zk", "005x0000001S2b9", "005600000017cKt"
EMAIL, OTHER_EMAIL = "admin@2060747062579699.com", "jsmith@2060747062579699.com"
ADMINISTRATOR, STANDARD = "00e000000000000", "00e000000000001"
ROLE, PERMISSION_SET, PERMISSION_SET_GROUP, LICENSE = "00ED0000000xicT", "0PS30000000000e", "0PG000000000000", "0PLD000000003mwOAA"
GROUP, QUEUE = "00Gx00000000000", "00Gx00000000001"
NEW = "005D0000001KyEIIA0"
ASSIGNMENT, LICENSE_ASSIGNMENT, MEMBERSHIP, LOGIN = "0Pa000000000000", "2LA000000000000", "011000000000000", "0Yw000000000000"
LOGGED_IN = "2010-09-20T22:16:30.000+0000"

Record = Mapping[str, Any]


def user(id_: str, email: str, *names: str, license_: str = "Salesforce", **more: Any) -> Record:
    given, family = names if len(names) == 2 else (None, names[0])
    details = {"Title": None, "Department": None, "EmployeeNumber": None, "LastLoginDate": None}
    full = {"Username": email, "Email": email, "FirstName": given, "LastName": family, "Name": " ".join(names), "IsActive": True}
    rights = {"UserType": "Standard", "ProfileId": ADMINISTRATOR, "UserRoleId": None}
    return {"Id": id_, **full, **details, **rights, "Profile": {"UserLicense": {"Name": license_}}, **more}


RECORDS: Mapping[str, Sequence[Record]] = {
    "Organization": [{"Id": ORG, "LanguageLocaleKey": "en_US", "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "America/Los_Angeles"}],
    "User": [
        user(VAN, EMAIL, "Alan", "Van", UserRoleId=ROLE, LastLoginDate=LOGGED_IN),
        user(KEPT, OTHER_EMAIL, "jsmith", IsActive=False, ProfileId=STANDARD, Email=EMAIL),
    ],
    "UserLogin": [{"Id": LOGIN, "UserId": VAN, "IsFrozen": False}],
    "Profile": [
        {
            "Id": ADMINISTRATOR,
            "Name": "System Administrator",
            "Description": "Description of the profile.",
            "UserLicense": {"Name": "Salesforce"},
        },
        {"Id": STANDARD, "Name": "Standard User", "Description": None, "UserLicense": {"Name": "Salesforce"}},
    ],
    "UserRole": [{"Id": ROLE, "Name": "Executive", "RollupDescription": "Description of the forecast rollup."}],
    "PermissionSet": [{"Id": PERMISSION_SET, "Label": "MAD", "Description": "A description of the permission set."}],
    "PermissionSetGroup": [
        {"Id": PERMISSION_SET_GROUP, "MasterLabel": "sales_label", "Description": "The permission set group description."}
    ],
    "PermissionSetGroupComponent": [{"PermissionSetGroupId": PERMISSION_SET_GROUP, "PermissionSetId": PERMISSION_SET}],
    "PermissionSetLicense": [{"Id": LICENSE, "MasterLabel": "Identity Connect", "Status": "Active", "TotalLicenses": 1, "UsedLicenses": 1}],
    "PermissionSetAssignment": [
        {"Id": ASSIGNMENT, "AssigneeId": VAN, "PermissionSetId": PERMISSION_SET, "PermissionSetGroupId": None},
        {
            "Id": "0Pa000000000001",
            "AssigneeId": VAN,
            "PermissionSetId": "0PS000000000000",
            "PermissionSetGroupId": PERMISSION_SET_GROUP,
        },
    ],
    "PermissionSetLicenseAssign": [{"Id": LICENSE_ASSIGNMENT, "AssigneeId": VAN, "PermissionSetLicenseId": LICENSE}],
    "Group": [
        {"Id": GROUP, "Name": "Standard public group", "Description": "The description of the group.", "Type": "Regular"},
        {"Id": QUEUE, "Name": "Queue", "Description": None, "Type": "Queue"},
    ],
    "GroupMember": [
        {"Id": MEMBERSHIP, "GroupId": GROUP, "UserOrGroupId": VAN},
        {"Id": "011000000000001", "GroupId": QUEUE, "UserOrGroupId": GROUP},
    ],
    "SetupAuditTrail": [
        {
            "Id": "0Ym000000000000",
            "Action": "PermSetCreate",
            "Section": "Manage Users",
            "Display": "Created permission set MAD: with user license Salesforce.",
            "CreatedDate": LOGGED_IN,
            "CreatedById": VAN,
            "DelegateUser": OTHER_EMAIL,
        }
    ],
    "LoginHistory": [
        {
            "Id": "0Ya000000000000",
            "UserId": VAN,
            "LoginTime": LOGGED_IN,
            "LoginType": "Remote Access 2.0",
            "Status": "Success",
            "Application": "Partner Product",
            "SourceIp": "126.7.4.2",
        }
    ],
}

IDENTITY = {
    "sub": f"https://login.salesforce.com/id/{ORG}/{VAN}",
    "user_id": VAN,
    "organization_id": ORG,
    "nickname": "admin1.2777578168398293E12foofoofoofoo",
    "name": "Alan Van",
    "email": EMAIL,
    "urls": {"rest": f"{INSTANCE}{DATA.replace('67.0', '{version}')}/", "custom_domain": INSTANCE},
    "active": True,
    "user_type": "STANDARD",
    "language": "en_US",
    "locale": "en_US",
    "utcOffset": -28800000,
}


class Salesforce(Described):
    """Queries are known by the object they are about, what else is asked by its path below the version."""

    _after: dict[str, Any]
    """What the locator leads to."""

    def __call__(self, asked: Asked) -> Response:
        name = self.place(asked)
        turn = self._turn(name)
        if turn.page is not None:
            return answer(turn.page, turn.status or 200, turn.headers)
        if asked.method == "POST":
            return answer({"id": NEW, "errors": [], "success": True, **turn.instead}, 201)
        if asked.method != "GET":
            return answer(None, turn.status or 204)
        if name == f"GET {LOCATOR.removeprefix(DATA)}":
            return answer(self._after)
        body = result(asked.one("q"), name.removeprefix("GET "))
        for place, value in turn.instead.items():
            put(body, place.split("."), value)
        if "nextRecordsUrl" in body:
            self._after = {**body, "records": body["records"][1:]}
            del self._after["nextRecordsUrl"]
            body |= {"done": False, "records": body["records"][:1]}
        return answer(body, 200, turn.headers)

    def place(self, asked: Asked) -> str:
        path = super().place(asked).removeprefix(DATA)
        about = re.search(r" FROM (\w+)", asked.one("q"))
        if about is not None:
            return f"GET {about[1]}"
        steps = path.split("/")
        return f"{asked.method} {'/'.join(steps[:3]) if steps[1] == 'sobjects' else path}"


def result(query: str, name: str) -> dict[str, Any]:
    """The answer to a query: the records that have the values it compares with, and of them the fields that it selects."""
    selected = query.split(" FROM ")[0].removeprefix("SELECT ").split(", ")
    within = "IN (SELECT Id FROM Group" in query
    asked = re.sub(r"\(SELECT [^)]*\)", "()", query)
    found = [
        record
        for record in RECORDS[name]
        if all(record[field] == value for field, value in re.findall(r"\b(\w+) = '([^']*)'", asked))
        and all(record[field] is not None for field in re.findall(r"\b(\w+) != null", asked))
        and not (" Id IN (" in asked and record["Id"] not in asked)
        and not (within and record["UserOrGroupId"] != GROUP)
    ]
    return {"totalSize": len(found), "done": True, "records": [chosen(record, selected, name) for record in found]}


def chosen(record: Record, fields: Sequence[str], name: str) -> dict[str, Any]:
    """A record with the fields that were selected, those of its relations below them."""
    made: dict[str, Any] = {"attributes": {"type": name, "url": f"{DATA}/sobjects/{name}/{record.get('Id', '')}"}}
    for field in fields:
        made[field.split(".")[0]] = copy.deepcopy(record[field.split(".")[0]])
    return made


def told(*records: Record, more: str | None = None, **size: Any) -> Turn:
    """An answer with these records, and the locator of those after them."""
    led = {"nextRecordsUrl": more} if more else {}
    return Turn(page={"totalSize": len(records), "done": more is None, **led, "records": [dict(each) for each in records], **size})


def refused(status: int, code: str, message: str, *fields: str) -> Turn:
    """A refusal in the form of the page on errors. A message that no page shows is what the page on codes says of the code."""
    return Turn(status, page=[{"message": message, "errorCode": code, **({"fields": list(fields)} if fields else {})}])

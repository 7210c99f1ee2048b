"""What AWS IAM is asked that a stand-in for it cannot show: pages, refusals, what a deletion comes to, other partitions.

IAM is described by the model that the SDKs are made of (botocore's `service-2` and `examples-1`), which is no OpenAPI: an answer is the
example's output, written in XML as the Query protocol has it. Where the examples lack one, it is that of the AWS CLI's reference.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from app import Asked
from described.asked import App, Recording, Rights, walk
from described.description import Described, Turn, put
from ferrule.http import Response
from ferrule.record import Question

_CLI = "https://docs.aws.amazon.com/cli/latest/reference/iam/"
_API = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
SOURCE = "https://github.com/boto/botocore/blob/develop/botocore/data/iam/2010-05-08/examples-1.json"
MARKER = "EXAMPLEkakv9BCuUNFDtxWSyfzetYwEx2ADc8dnzfvERF5S6YMvXKx41t6gCl/eeaCX3Jo94/bKqezEAg8TEVS99EKFLxm3jtbpl25FDWEXAMPLE"
"""The CLI's example of a marker."""
BOB, JUAN, ANIKA = "Bob", "Juan", "Anika"
DENY_ALL = {"PolicyName": "AWSDenyAll", "PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}


class Model:
    """The model of IAM, with the examples that lie beside it."""

    def __init__(self, path: Path) -> None:
        self.model = json.loads(gzip.decompress(path.read_bytes()))
        beside = path.with_name(path.name.replace("service-2", "examples-1"))
        self.examples = json.loads(gzip.decompress(beside.read_bytes()))["examples"]

    @property
    def version(self) -> str:
        version: str = self.model["metadata"]["apiVersion"]
        return version

    def output(self, action: str) -> dict[str, Any]:
        """The output of an action's first example; nothing where it gives nothing. Raises `LookupError` where there is none."""
        if "output" not in self.model["operations"][action]:
            return {}
        output: dict[str, Any] = copy.deepcopy(self.examples[action][0]["output"])
        return output

    def refusal(self, code: str) -> tuple[int, str]:
        """Status and words of an error of this service."""
        found = next(s for s in self.model["shapes"].values() if s.get("exception") and s.get("error", {}).get("code") == code)
        sentence = re.sub(r"</?p>", "", found["documentation"]).partition(". ")[0]
        return found["error"]["httpStatusCode"], sentence.removesuffix(".") + "."

    def written(self, action: str, output: Mapping[str, Any]) -> str:
        """An answer in XML."""
        said = self.model["operations"][action].get("output")
        result = ""
        if said:
            result = f"<{said['resultWrapper']}>{self._element(said['shape'], output)}</{said['resultWrapper']}>"
        request = "<ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ResponseMetadata>"
        return f'<{action}Response xmlns="{self.model["metadata"]["xmlNamespace"]}">{result}{request}</{action}Response>'

    def _element(self, name: str, value: Any) -> str:
        shape = self.model["shapes"][name]
        if shape["type"] == "structure":
            assert value.keys() <= shape["members"].keys(), f"{name} has no {value.keys() - shape['members'].keys()}"
            return "".join(f"<{n}>{self._element(m['shape'], value[n])}</{n}>" for n, m in shape["members"].items() if n in value)
        if shape["type"] == "list":
            return "".join(f"<member>{self._element(shape['member']['shape'], each)}</member>" for each in value)
        assert "enum" not in shape or value in shape["enum"]
        return escape(str(value).lower() if shape["type"] == "boolean" else str(value))


class Iam(Described):
    """IAM. A list is cut as it was asked for; the marker leads to what is left."""

    description: Model  # type: ignore[assignment]

    def __call__(self, asked: Asked) -> Response:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode(), keep_blank_values=True).items()}
        action = form["Action"]
        turn = self._turn(action)
        if turn.status:
            code, message = turn.page
            kind = "Sender" if turn.status < 500 else "Receiver"
            space = self.description.model["metadata"]["xmlNamespace"]
            error = f"<Error><Type>{kind}</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            return _answered(
                f'<ErrorResponse xmlns="{space}">{error}<RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ErrorResponse>',
                turn.status,
            )
        if turn.example:  # an error of the service, by its code
            status, message = self.description.refusal(turn.example)
            self._turns[action] = [Turn(status, page=(turn.example, message)), *self._turns[action]]
            return self(asked)
        output = copy.deepcopy(turn.page) if turn.page is not None else self.description.output(action)
        for place, value in turn.instead.items():
            put(output, place.split("."), value)
        return _answered(self.description.written(action, _cut(output, form)))


def _answered(text: str, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/xml"}, text.encode())


def _cut(output: dict[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """A list from the place that was asked for, as long as was asked for."""
    name = next((name for name, value in output.items() if isinstance(value, list)), None)
    if name is None or "IsTruncated" in output:
        return output
    size = int(form.get("MaxItems", "100"))
    left = output[name][size:] if "Marker" in form else output[name]
    more = {"Marker": MARKER} if left[size:] else {}
    return {**output, name: left[:size], "IsTruncated": bool(more), **more}


def refused(code: str) -> Turn:
    """An error of the service, as the model has it."""
    return Turn(example=code)


GONE = refused("NoSuchEntity")


taken = Rights(BOB, lambda kind, resource: "group" if resource else "").taken


def attached(*policies: dict[str, str], cut: bool = False) -> Turn:
    """The policies that are attached to somebody; the CLI's two and these."""
    return Turn(page={"AttachedPolicies": [*ATTACHED, *policies], "IsTruncated": cut, **({"Marker": MARKER} if cut else {})})


ATTACHED = [
    {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    {"PolicyName": "SecurityAudit", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"},
]
INLINE = ["ExamplePolicy", "TestPolicy"]
GIT = [
    {
        "UserName": "developer",
        "Status": "Inactive",
        "ServiceUserName": "developer-at-123456789012",
        "CreateDate": "2019-10-01T04:31:41Z",
        "ServiceSpecificCredentialId": "ACCAQFODXMPL4YFHP7DZE",
        "ServiceName": "codecommit.amazonaws.com",
    },
    {
        "UserName": "developer",
        "Status": "Active",
        "ServiceUserName": "developer+1-at-123456789012",
        "CreateDate": "2019-10-01T04:31:45Z",
        "ServiceSpecificCredentialId": "ACCAQFOXMPL6VW57M7AJP",
        "ServiceName": "codecommit.amazonaws.com",
    },
]
SSH = [{"UserName": "sofia", "SSHPublicKeyId": "APKA1234567890EXAMPLE", "Status": "Inactive", "UploadDate": "2019-04-18T17:04:49+00:00"}]
MFA = [
    {"UserName": BOB, "SerialNumber": "arn:aws:iam::123456789012:mfa/BobsMFADevice", "EnableDate": "2015-06-16T22:36:37Z"},
    {"UserName": BOB, "SerialNumber": "GAHT12345678", "EnableDate": "2015-06-16T22:36:37Z"},
]
"""The CLI's example, and the example of a hardware device's number in the description of AWS STS."""

USED = {"UserName": BOB, "AccessKeyLastUsed": {"Region": "us-east-1", "ServiceName": "iam", "LastUsedDate": "2015-06-16T22:45:00Z"}}
NEVER = {"UserName": BOB, "AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}}
"""The CLI's example, and what the model says of a key that was never used."""
_JUAN = {
    "Path": "/division_abc/subdivision_xyz/engineering/",
    "UserName": JUAN,
    "UserId": "AID2MAB8DPLSRHEXAMPLE",
    "Arn": "arn:aws:iam::123456789012:user/division_abc/subdivision_xyz/engineering/Juan",
    "CreateDate": "2012-09-05T19:38:48Z",
    "PasswordLastUsed": "2016-09-08T21:47:36Z",
}
"""The first of the example of `ListUsers`."""

BOUNDARY = {
    "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
    "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/intern-boundary",
}
"""The CLI's example, as the model has it."""

PAGES = Recording(
    "pages",
    [
        Question("validate_credentials", {}),
        *walk("list_resources", size=2),
        *walk("list_resources", size=5000),
        *walk("list_credentials", "get_credential_last_activity", "list_credentials", size=100),
        *walk("get_last_activity", size=100, account_ids=[JUAN, BOB]),
    ],
    {
        "ListAccessKeys": [*[Turn(instead={"AccessKeyMetadata.1.Status": "Expired"})] * 4, GONE, Turn()],
        "GetAccessKeyLastUsed": [Turn(page=USED), Turn(page=NEVER)],
        "GetUser": [Turn(page={"User": _JUAN}), Turn()],
    },
    page=f"{_CLI}get-access-key-last-used.html",
)
BOUNDED = Recording(
    "bounded",
    [Question("get_account", {"account_id": BOB})],
    {"GetUser": [Turn(instead={"User.PermissionsBoundary": BOUNDARY})], "ListAttachedUserPolicies": [attached()]},
    page=f"{_CLI}put-user-permissions-boundary.html",
)
CUT = Recording(
    "cut",
    [
        taken("group_member", "member", "Admins"),
        taken("policy", "arn:aws:iam::aws:policy/AdministratorAccess"),
        taken("inline_policy", "Bob/OtherPolicy"),
        Question("activate_account", {"account_id": BOB}),
    ],
    {
        "ListGroupsForUser": [
            Turn(instead={"IsTruncated": True, "Marker": MARKER}),
            Turn(instead={"IsTruncated": True, "Marker": MARKER}),
            Turn(),
        ],
        "ListAttachedUserPolicies": [
            Turn(page={"AttachedPolicies": ATTACHED[1:], "IsTruncated": True, "Marker": MARKER}),
            Turn(page={"AttachedPolicies": ATTACHED[1:], "IsTruncated": True, "Marker": MARKER}),
            Turn(page={"AttachedPolicies": ATTACHED[1:], "IsTruncated": False}),
            attached(cut=True),
            attached(cut=True),
            attached(),
        ],
        "ListUserPolicies": [
            Turn(page={"PolicyNames": INLINE, "IsTruncated": True, "Marker": MARKER}),
            Turn(page={"PolicyNames": INLINE, "IsTruncated": True, "Marker": MARKER}),
            Turn(page={"PolicyNames": INLINE, "IsTruncated": False}),
        ],
    },
    page=f"{_CLI}list-user-policies.html",
)
_OWN = {
    "ListServiceSpecificCredentials": [Turn(page={"ServiceSpecificCredentials": GIT})],
    "ListSSHPublicKeys": [Turn(page={"SSHPublicKeys": SSH})],
    "ListMFADevices": [Turn(page={"MFADevices": MFA})],
    "ListAttachedUserPolicies": [attached()],
    "ListUserPolicies": [Turn(page={"PolicyNames": INLINE})],
}
_ME = Turn(page={"User": _JUAN})
_DELETING = [
    "DeleteLoginProfile",
    "DeleteAccessKey",
    "DeleteServiceSpecificCredential",
    "DeleteSSHPublicKey",
    "DeleteSigningCertificate",
    "DeactivateMFADevice",
    "DeleteVirtualMFADevice",
    "RemoveUserFromGroup",
    "DetachUserPolicy",
    "DeleteUserPolicy",
    "DeleteUser",
]
_PAGE = f"{_CLI}list-service-specific-credentials.html"
DELETED = Recording(
    "deleted",
    [Question("delete_account", {"account_id": BOB})] * 3,
    {
        **_OWN,
        "GetUser": [_ME, Turn(), GONE, _ME, GONE, _ME, Turn()],
        "DeleteUser": [Turn(), refused("DeleteConflict")],
    },
    page=_PAGE,
)
DELETED_MEANWHILE = Recording(
    "deleted_meanwhile",
    [Question("delete_account", {"account_id": BOB})],
    {**_OWN, "GetUser": [_ME, Turn(), GONE], **{action: [GONE] for action in _DELETING}},
    page=_PAGE,
)


def _unsuited(code: str, message: str, status: int = 400) -> Turn:
    """A row of the page on errors that all actions share."""
    return Turn(status, page=(code, message))


_VALIDATION = _unsuited("ValidationError", "The input fails to satisfy the constraints specified by an AWS service.")
ROLE = Recording(
    "role",
    [
        Question("deactivate_account", {"account_id": BOB}),
        Question("delete_account", {"account_id": BOB}),
        Question("activate_account", {"account_id": BOB}),
    ],
    {
        "GetUser": [_VALIDATION, _VALIDATION, GONE],
        "ListAttachedUserPolicies": [attached(), attached(DENY_ALL), attached(DENY_ALL), attached()],
    },
    page=f"{_API}CommonErrors.html",
)
_THROTTLED = _unsuited("ThrottlingException", "The request was denied due to request throttling.")
_COMMON = [
    _unsuited(
        "ExpiredTokenException", "The security token included in the request has expired. Request a new security token and try again.", 403
    ),
    _unsuited("IncompleteSignature", "The request signature does not conform to AWS standards."),
    _unsuited("InvalidClientTokenId", "The X.509 certificate or AWS access key ID provided does not exist in our records.", 403),
    _unsuited("NotAuthorized", "You do not have permission to perform this action."),
    _unsuited("OptInRequired", "The AWS access key ID needs a subscription for the service.", 403),
    _unsuited(
        "RequestExpired",
        "The request reached the service more than 15 minutes after the date stamp on the request or more than 15 minutes after the "
        "request expiration date (such as for pre-signed URLs), or the date stamp on the request is more than 15 minutes in the future.",
    ),
    _VALIDATION,
]
REFUSED = Recording(
    "refused",
    [Question("get_account", {"account_id": BOB})] * (len(_COMMON) + 1),
    {"ListAttachedUserPolicies": [*_COMMON, _THROTTLED, attached()]},
    page=f"{_API}CommonErrors.html",
)
UNSIGNED = Recording(
    "unsigned",
    walk("list_accounts"),
    {
        "GetAccountAuthorizationDetails": [
            _unsuited(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
                "signing method. Consult the service documentation for details.",
                403,
            )
        ]
    },
    page="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
)
_BUSY = ["EntityTemporarilyUnmodifiable", "ConcurrentModification", "LimitExceeded", "ServiceFailure"]
BUSY = Recording(
    "busy",
    [Question("update_account", {"id": BOB, "email": "bob@example.com"})] * len(_BUSY),
    {"TagUser": [*[refused(code) for code in _BUSY[:-1]], *[refused(_BUSY[-1])] * 4]},
)


def _partition(name: str) -> Recording:
    """The same, in another part of AWS."""
    deny_all = {**DENY_ALL, "PolicyArn": f"arn:{name}:iam::aws:policy/AWSDenyAll"}
    return Recording(
        name.replace("-", "_"),
        [Question("deactivate_account", {"account_id": BOB}), Question("activate_account", {"account_id": BOB})],
        {"GetUser": [_ME], "ListAttachedUserPolicies": [attached(), attached(deny_all), attached(deny_all), attached()]},
        settings={"partition": name},
        page=f"{_CLI}list-attached-user-policies.html",
    )


_CREDENTIAL = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "described-secret"}
RECORDINGS: Sequence[Recording] = [
    PAGES,
    BOUNDED,
    CUT,
    DELETED,
    DELETED_MEANWHILE,
    ROLE,
    REFUSED,
    UNSIGNED,
    BUSY,
    _partition("aws"),
    _partition("aws-us-gov"),
    _partition("aws-cn"),
]
AWS_IAM = App(
    "aws_iam",
    "AWS IAM",
    "aws_iam_service-2.json.gz",
    SOURCE,
    {},
    [replace(each, auth="access_key", credential=_CREDENTIAL) for each in RECORDINGS],
    Iam,
    folder="other",
    reader=Model,
)

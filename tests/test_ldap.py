"""LDAP: how values are written into names and filters, how attributes are read, and a server that does what real ones seldom do."""

from __future__ import annotations

import asyncio
import ssl
import textwrap
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from directory_server import Asked, DirectoryServer, Reply, done, entry, entry_of, judging_binds, reference
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.diagnostics import SpecError
from ferrule.errors import CallError, CredentialError, FerruleError, InvalidPageToken
from ferrule.escapes import Unfit, dn_value, filter_value, whole_dn
from ferrule.instance import Instance
from ferrule.ldap import SYNTAXES, LdapDecoder
from ferrule.ldap.operation import filter_slip
from ferrule.wire import ldap as wire
from ferrule.wire.canned import CannedWire, response
from ferrule.wire.ldap_connection import ldap3

SPEC = textwrap.dedent("""\
    ferrule: 1
    app: {id: acme, name: Acme, vendor_domain: acme.example}
    settings:
      server: {type: string, pattern: "ldaps?://[A-Za-z0-9.:-]+"}
      base_dn: {type: string, default: "dc=acme,dc=example"}
      start_tls: {type: boolean, default: false}
      certificate_authority: {type: string, required: false}
    auth: {service: {kind: bind}}
    http: {base_url: "{{ settings.server }}", retry: {attempts: 1}, timeout: 5}
    ldap:
      start_tls: "{{ settings.start_tls }}"
      certificate_authority: "{{ settings.certificate_authority }}"
      attributes: {objectGUID: guid}
    pagers: {paged: {kind: cursor, next: body.cursor, in: body, param: cursor, size_param: page_size, size: 2}}
    resource_types: {group: {label: Group}}
    entitlement_types: {member: {label: Member, resource_type: group}}
    capabilities:
      validate_credentials:
        request: {ldap: {search: "{{ settings.base_dn | dn }}", scope: base, attributes: [dc]}}
        record: {valid: true, unique_tenant_id: "entries[0].dn"}
      list_accounts:
        request: {ldap: {search: "ou=people,{{ settings.base_dn | dn }}", filter: (objectClass=person), attributes: [uid]}}
        pages: paged
        records: body.entries
        record: {integration_specific_id: "uid[0]"}
      get_account:
        request:
          ldap:
            {search: "uid={{ inputs.account_id }},{{ settings.base_dn | dn }}", filter: "(cn=x{{ inputs.account_id }})", attributes: [uid]}
        records: body.entries[0]
        record: {integration_specific_id: "uid[0]"}
      find_entitlement_associations:
        request: {ldap: {search: "cn=all,{{ settings.base_dn | dn }}", scope: base, attributes: [member]}}
        records: body.entries
        explode: {list: member, as: one}
        record: {account_id: one, integration_specific_entitlement_id: {value: member}, integration_specific_resource_id: dn}
      list_resources:
        request:
          ldap: {search: "cn=all,{{ settings.base_dn | dn }}", scope: base, attributes: ["member;range={{ page.cursor | default('0-*') }}"]}
        pages: {kind: cursor, next: 'body.entries[0]."member;range"'}
        records: body.entries[0].member
        record: {integration_specific_id: "@", label: "@", resource_type: {value: group}}
      delete_account:
        request: {ldap: {delete: "uid={{ inputs.account_id }},{{ settings.base_dn | dn }}"}}
        already: status == `404`
""")
CREDENTIAL = {"username": "cn=reader,dc=acme,dc=example", "password": "open sesame"}


def tenant(address: str, **settings: Any) -> Instance:
    return Connector(compile_text(SPEC)).instance(CREDENTIAL, {"server": address, **settings})


@contextmanager
def asked_of(answer: Any, **more: Any) -> Iterator[tuple[DirectoryServer, Instance]]:
    with DirectoryServer(answer) as server, tenant(server.address, **more) as instance:
        yield server, instance


def walked(instance: Instance, capability: str) -> list[str]:
    return [next(iter(record.model_dump().values())) for page in instance.walk(capability) for record in page.records]


# names and filters


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_value_in_a_name_stays_one_part_of_it(text: str):
    parsed = ldap3.utils.dn.parse_dn(f"cn=a{dn_value(text)},dc=example", escape=False, strip=False)
    assert [(kind, mark) for kind, _, mark in parsed] == [("cn", ","), ("dc", "")]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_value_in_a_filter_is_compared_as_it_is(text: str):
    written = filter_value(text)
    assert not set(written) & set("*()\0")
    assert filter_slip(f"(cn={written})") is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Smith, John", r"Smith\, John"),
        (" #1 ", r"\ \#1\ "),
        ("#1", r"\#1"),
        ("a=b+c", r"a\=b\+c"),
        ("Zoë\n", "Zoë\\0a"),
        (r"a\,b", r"a\\\,b"),
    ],
)
def test_values_in_names_are_escaped_as_rfc_4514_has_it(text: str, written: str):
    assert dn_value(text) == written


def test_a_whole_name_stays_as_it_is():
    for name in (
        "dc=acme,dc=example",
        r"CN=Smith\, John,OU=A+L=B,DC=x",
        "<GUID=82f6b901-f2a1-42db-bdcc-1dbb7ea26ef3>",
        r"cn=\c3\9cnal,dc=x",
    ):
        assert dn_value(whole_dn(name)) == name


@pytest.mark.parametrize("text", ["", "people", "dc=acme,", ",dc=acme", "cn=a,b", "<GUID=a>,dc=x", "cn=a\0", "dc=acme dc=example,"])
def test_what_is_no_whole_name_is_none(text: str):
    with pytest.raises(Unfit):
        whole_dn(text)


@pytest.mark.parametrize(
    "text",
    ["(cn=a)", "(&(cn=a)(!(sn=*b*)))", "(|)", "(uac:1.2.840.113556.1.4.803:=2)", "(cn={{ inputs.x }})", "(& (a=b) (c>=d) )", "(cn=a=b)"],
)
def test_filters(text: str):
    assert filter_slip(text) is None


@pytest.mark.parametrize("text", ["", "cn=a", "(cn)", "(&(cn=a)", "(cn=a))", "(!(a=b)(c=d))", "(cn=a)(sn=b)"])
def test_what_is_no_filter(text: str):
    assert filter_slip(text) is not None


def test_what_a_caller_gives_changes_neither_the_name_nor_the_filter():
    wire = CannedWire([response(404, {"code": 32})])
    with pytest.raises(FerruleError), Connector(compile_text(SPEC)).instance(CREDENTIAL, {"server": "ldaps://d"}, wire=wire) as instance:
        instance.call("get_account", {"account_id": "a,ou=admins)(uid=*"})
    (sent,) = wire.sent
    assert sent.request.url == "ldaps://d/uid=a%5C,ou%5C=admins%29%28uid%5C=%2A,dc=acme,dc=example"
    assert sent.request.body["filter"] == r"(cn=xa,ou=admins\29\28uid=\2a)"


# attributes


@pytest.mark.parametrize(
    ("syntax", "content", "text"),
    [
        ("guid", bytes.fromhex("01b9f682a1f2db42bdcc1dbb7ea26ef3"), "82f6b901-f2a1-42db-bdcc-1dbb7ea26ef3"),
        ("sid", bytes.fromhex("01050000000000051500000045b1c7620decef8af562352363040000"), "S-1-5-21-1657254213-2330979341-590701301-1123"),
        ("sid", bytes.fromhex("01020000000000052000000020020000"), "S-1-5-32-544"),
        ("base64", b"\xff\x00", "/wA="),
        ("quoted_utf16", '"Pä$"'.encode("utf-16-le"), "Pä$"),
    ],
)
def test_syntaxes(syntax: str, content: bytes, text: str):
    read, write = SYNTAXES[syntax]
    assert (read(content), write(text)) == (text, content)


def decoded(content: bytes, **names: str) -> Any:
    return LdapDecoder({name.lower(): name for name in ("member", "mail")}, names).decode(content, "")


def test_attributes_are_called_as_the_spec_calls_them():
    body = decoded(b'{"code":0,"entries":[{"dn":"cn=a","attributes":{"MEMBER":["x"],"other":["y"]}}]}')
    assert body["entries"] == [{"dn": "cn=a", "member": ["x"], "other": ["y"]}]
    assert (body["result"], body["message"], body["cursor"]) == ("success", "success", None)


def test_bytes_where_text_was_due_are_an_error_and_never_half_a_value():
    from ferrule.decoding import DecodeError

    with pytest.raises(DecodeError, match="`member` is not text"):
        decoded(b'{"code":0,"entries":[{"dn":"cn=a","attributes":{"member":[{"base64":"/w=="}]}}]}')
    with pytest.raises(DecodeError, match="is no guid"):
        decoded(b'{"code":0,"entries":[{"dn":"cn=a","attributes":{"member":[{"base64":"eA=="}]}}]}', member="guid")


# what a spec may say


@pytest.mark.parametrize(
    ("operation", "slip"),
    [
        ("{search: dc=x}", "`search` needs `attributes`"),
        ("{search: dc=x, attributes: {a: b}}", "`attributes` is a list of names here"),
        ("{search: dc=x, delete: dc=y}", "LDAP does one operation; this one has `search` and `delete`"),
        ("{delete: dc=x, filter: (a=b)}", "`filter` does not go with `delete`"),
        ("{modify: dc=x, changes: {swap: {a: b}}}", "swap"),
        ("{scope: base}", "LDAP does one operation; this one has none"),
    ],
)
def test_slips_of_an_operation(operation: str, slip: str):
    text = SPEC.replace('{delete: "uid={{ inputs.account_id }},{{ settings.base_dn | dn }}"}', operation)
    with pytest.raises(SpecError) as raised:
        compile_text(text)
    assert slip in str(raised.value)


def test_a_request_of_ldap_has_nothing_of_http():
    with pytest.raises(SpecError, match="`query` is of HTTP"):
        compile_text(SPEC.replace("scope: base, attributes: [dc]}}", "scope: base, attributes: [dc]}, query: {a: b}}"))


def test_an_address_of_http_is_none_of_ldap():
    text = SPEC.replace('pattern: "ldaps?://[A-Za-z0-9.:-]+"', "pattern: '.*'")
    connected = Connector(compile_text(text)).instance(CREDENTIAL, {"server": "https://acme.example"}, wire=CannedWire([]))
    with connected as instance, pytest.raises(FerruleError, match="another protocol"):
        instance.call("validate_credentials")


# values in ranges


def big_group(count: int, step: int) -> Any:
    """A directory as Active Directory is: at most `step` members at a time."""

    def answer(asked: Asked) -> list[Reply]:
        start = int(asked.attributes[0].partition("range=")[2].partition("-")[0] or 0)
        end = min(start + step, count)
        name = f"member;range={start}-{'*' if end == count else end - 1}"
        values = [f"uid={number}" for number in range(start, end)]
        if "range" not in asked.attributes[0] and end == count:
            return [entry(asked.name, member=values), done()]
        return [entry_of(asked.name, {"member": [], name: values}), done()]

    return answer


def test_a_large_group_is_read_whole():
    with asked_of(big_group(5000, 1500)) as (server, instance):
        members = walked(instance, "find_entitlement_associations")
    assert members == [f"uid={number}" for number in range(5000)]
    searches = [asked.attributes[0] for asked in server.asked if asked.operation == "search"]
    assert searches == ["member", "member;range=1500-*", "member;range=3000-*", "member;range=4500-*"]


def test_a_spec_may_ask_range_by_range():
    with asked_of(big_group(5000, 1500)) as (_, instance):
        pages = list(instance.walk("list_resources"))
    assert [len(page.records) for page in pages] == [1500, 1500, 1500, 500]
    assert pages[-1].records[-1].integration_specific_id == "uid=4999"


def test_half_a_group_is_no_group():
    def answer(asked: Asked) -> list[Reply]:
        return [entry_of(asked.name, {"member;range=0-1": ["a", "b"]}), done()] if "range" not in asked.attributes[0] else [done()]

    with asked_of(answer) as (_, instance), pytest.raises(CallError, match="the rest of an attribute did not come"):
        walked(instance, "find_entitlement_associations")


# pages


def people(names: list[str]) -> Any:
    """A directory whose cookies hold on their connection alone."""

    def answer(asked: Asked) -> list[Reply]:
        connection, _, start = asked.cookie.decode().partition(":")
        if asked.cookie and int(connection) != asked.connection:
            return [done(code=53, words="paged results cookie is invalid")]
        at = int(start or 0)
        end = at + (asked.size or len(names))
        cookie = f"{asked.connection}:{end}".encode() if end < len(names) else b""
        return [*(entry(f"uid={name}", uid=[name]) for name in names[at:end]), done(cookie=cookie)]

    return answer


def test_pages_are_asked_for_on_the_connection_of_their_cookie():
    with asked_of(people(list("abcde"))) as (server, instance):
        assert walked(instance, "list_accounts") == list("abcde")
        assert [asked.size for asked in server.asked if asked.operation == "search"] == [2, 2, 2]
        assert {asked.connection for asked in server.asked} == {1}


def test_two_walks_do_not_disturb_one_another():
    with asked_of(people(list("abcde"))) as (server, instance):
        first, second = instance.walk("list_accounts"), instance.walk("list_accounts")
        found = [[r.integration_specific_id for r in page.records] for pair in zip(first, second, strict=True) for page in pair]
        assert found == [["a", "b"], ["a", "b"], ["c", "d"], ["c", "d"], ["e"], ["e"]]
        assert {asked.connection for asked in server.asked} == {1, 2}


def test_a_walk_goes_on_in_another_process():
    with DirectoryServer(people(list("abcde"))) as server:
        with tenant(server.address) as instance:
            token = instance.call("list_accounts", page_size=2).page_token
        with tenant(server.address) as other:
            rest = other.call("list_accounts", page_token=token, page_size=2)
    assert [record.integration_specific_id for record in rest.response] == ["c", "d"]


def test_a_walk_does_not_go_on_where_something_could_be_left_out():
    names = list("abcde")
    with DirectoryServer(people(names)) as server:
        with tenant(server.address) as instance:
            token = instance.call("list_accounts", page_size=2).page_token
        names.remove("a")
        with tenant(server.address) as other, pytest.raises(InvalidPageToken):
            other.call("list_accounts", page_token=token, page_size=2)


def test_a_list_that_the_server_cuts_is_no_list():
    with asked_of(lambda asked: [entry("uid=a", uid=["a"]), done(code=4)]) as (_, instance), pytest.raises(CallError) as raised:
        walked(instance, "list_accounts")
    assert (raised.value.code.name, raised.value.status) == ("bad_request", 413)


# what a server refuses


@pytest.mark.parametrize(
    ("code", "words", "error"),
    [
        (49, "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1", "unauthorized"),
        (49, "… data 525, v1db1", "unauthorized"),
        (49, "… data 775, v1db1", "unauthorized"),
        (49, "… data 533, v1db1", "creds_revoked"),
        (49, "… data 701, v1db1", "creds_revoked"),
        (49, "… data 532, v1db1", "authentication_expired"),
        (49, "… data 773, v1db1", "authentication_expired"),
        (49, "… data 530, v1db1", "permission_denied"),
        (8, "BindSimple: Transport encryption required.", "permission_denied"),
        (51, "", "service_error"),
    ],
)
def test_a_bind_that_is_refused(code: int, words: str, error: str):
    with asked_of(judging_binds(lambda asked: [done(0x61, code, words)])) as (_, instance), pytest.raises(CallError) as raised:
        instance.call("validate_credentials")
    assert raised.value.code.name == error


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *((1, "bad_gateway"), (3, "request_timeout"), (11, "bad_request"), (12, "unsupported_operation"), (32, "not_found")),
        *((50, "permission_denied"), (52, "service_error"), (53, "bad_request"), (68, "conflict"), (16, "conflict"), (80, "bad_gateway")),
    ],
)
def test_result_codes(code: int, error: str):
    with asked_of(lambda asked: [done(code=code, words="why")]) as (_, instance), pytest.raises(CallError) as raised:
        instance.call("validate_credentials")
    assert (raised.value.code.name, raised.value.app_message) == (error, "why")


def test_a_wrong_password_is_tried_once_and_not_for_each_request():
    with asked_of(judging_binds(lambda asked: [done(0x61, 49, "data 52e")])) as (server, instance):
        for _ in range(3):
            with pytest.raises(CredentialError):
                instance.call("validate_credentials")
        assert [asked.operation for asked in server.asked] == ["bind"]


def test_a_referral_is_not_followed():
    with DirectoryServer(lambda asked: []) as other:

        def answer(asked: Asked) -> Iterable[Reply]:
            return [done(0x6B if asked.operation == "delete" else 0x65, 10, referrals=[f"ldap://127.0.0.1:{other.port}/dc=other"])]

        with asked_of(answer) as (_, instance):
            for capability, inputs in (("validate_credentials", {}), ("delete_account", {"account_id": "a"})):
                with pytest.raises(CallError, match="redirected") as raised:
                    instance.call(capability, inputs)
                assert raised.value.code.name == "invalid_response"
        assert other.asked == []


def test_a_reference_is_not_followed_and_no_failure():
    with DirectoryServer(lambda asked: []) as other:
        replies = [entry("dc=acme", dc=["acme"]), reference(f"ldap://127.0.0.1:{other.port}/dc=other"), done()]
        with asked_of(lambda asked: replies) as (_, instance):
            assert instance.call("validate_credentials").response.unique_tenant_id == "dc=acme"
        assert other.asked == []


def test_a_server_that_hangs_up():
    with asked_of(lambda asked: []) as (_, instance), pytest.raises(CallError) as raised:
        instance.call("validate_credentials")
    assert raised.value.code.name == "connection_closed"


def test_a_call_ends_in_its_time_however_long_the_server_takes():
    def answer(asked: Asked) -> list[Reply]:
        time.sleep(3)
        return [done()]

    with asked_of(answer) as (_, instance):
        started = time.monotonic()
        with pytest.raises(CallError) as raised:
            instance.call("validate_credentials", max_seconds=0.5)
        assert raised.value.code.name == "request_timeout"
    assert time.monotonic() - started < 2.5


def test_there_is_no_server():
    with DirectoryServer(lambda asked: []) as server:
        address = server.address
    with tenant(address) as instance, pytest.raises(CallError) as raised:
        instance.call("validate_credentials")
    assert raised.value.code.name == "connection_rejected"


def test_no_secret_is_in_what_is_told():
    refusing = judging_binds(lambda asked: [done(0x61, 49, "no open sesame for cn=reader,dc=acme,dc=example")])
    with asked_of(refusing) as (_, instance), pytest.raises(CallError) as raised:
        instance.call("validate_credentials")
    assert "open sesame" not in f"{raised.value} {raised.value.app_message}"


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serving(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def root(asked: Asked) -> list[Reply]:
    return [entry("dc=acme", dc=["acme"]), done()]


def test_a_certificate_of_the_authority_that_is_named(authority: trustme.CA):
    tls = serving(authority, "127.0.0.1")
    with DirectoryServer(root, tls) as server, tenant(server.address, certificate_authority=pem(authority)) as instance:
        assert instance.call("validate_credentials").response.valid


@pytest.mark.parametrize("trusted", [False, True], ids=["nobody", "another name"])
def test_a_certificate_that_cannot_be_trusted(authority: trustme.CA, trusted: bool):
    settings, tls = {"certificate_authority": pem(authority)} if trusted else {}, serving(authority, "elsewhere.example")
    with (
        DirectoryServer(root, tls) as server,
        tenant(server.address, **settings) as instance,
        pytest.raises(CallError, match="certificate") as raised,
    ):
        instance.call("validate_credentials")
    assert raised.value.code.name == "connection_rejected"
    assert server.asked == []


def test_without_starttls_nothing_is_said_that_matters():
    with asked_of(lambda asked: [done(0x78, 2, "what?")], start_tls=True) as (server, instance), pytest.raises(CallError) as raised:
        instance.call("validate_credentials")
    assert raised.value.code.name == "connection_rejected"
    assert [asked.operation for asked in server.asked] == ["extended"]


def test_without_the_library_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "ferrule.wire.ldap_connection", None)
    monkeypatch.delattr(wire, "ldap_connection", raising=False)
    monkeypatch.delattr(sys.modules["ferrule.wire"], "ldap_connection", raising=False)
    with tenant("ldaps://127.0.0.1:1") as instance, pytest.raises(FerruleError) as raised:
        instance.call("validate_credentials")
    assert raised.value.hint == "pip install 'ferrule[ldap]'"


def test_closing_lets_go_of_all_connections():
    async def main(server: DirectoryServer) -> None:
        instance = tenant(server.address)
        await asyncio.gather(*(instance.acall("validate_credentials") for _ in range(4)))
        await instance.aclose()

    with DirectoryServer(root) as server:
        asyncio.run(main(server))
    assert sorted(asked.operation for asked in server.asked) == ["bind"] * 4 + ["search"] * 4

"""What a caller gives is checked before anything is sent: settings of an instance, inputs of a capability."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ferrule.capabilities import CAPABILITIES, custom
from ferrule.errors import BadInput
from ferrule.inputs import open_inputs, open_settings
from ferrule.misfit import told
from ferrule.secret import Secret
from ferrule.spec.model import SettingSpec

SETTINGS = {
    "address": SettingSpec(type="url"),
    "region": SettingSpec(enum=["us", "eu"], default="us"),
    "team": SettingSpec(pattern="[a-z]{2,8}"),
    "size": SettingSpec(type="integer", default=100),
    "strict": SettingSpec(type="boolean", required=False),
    "note": SettingSpec(required=False),
}
GOOD: dict[str, Any] = {"address": "https://acme.example/api", "team": "core"}


def refused(given: dict[str, Any]) -> BadInput:
    with pytest.raises(BadInput) as caught:
        open_settings(SETTINGS, given)
    return caught.value


def test_defaults_are_filled_in_and_what_may_be_left_out_is_null():
    assert open_settings(SETTINGS, GOOD) == {**GOOD, "region": "us", "size": 100, "strict": None, "note": None}
    assert open_settings(SETTINGS, {**GOOD, "region": None, "size": 5, "strict": False})["region"] == "us"
    assert open_settings({}, {}) == {}


@pytest.mark.parametrize(("given", "names"), [({}, "address, team"), ({"team": None, "address": "https://a.example"}, "team")])
def test_what_is_missing_is_named_in_the_words_of_the_contract(given: dict[str, Any], names: str):
    error = refused(given)
    assert (error.code.name, error.message) == ("bad_request", f"Missing required settings: {names}")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("regoin", "did you mean `region`?"), ("zzz", "the settings are `address`, `region`, `team`, `size`, `strict`, `note`")],
)
def test_an_unknown_setting(name: str, hint: str):
    error = refused({**GOOD, name: "x"})
    assert (error.code.name, error.message, error.hint) == ("bad_request", f"there is no setting `{name}`", hint)
    with pytest.raises(BadInput) as caught:
        open_settings({}, {name: "x"})
    assert caught.value.hint == "there are none"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": "100"}, "setting `size` must be a whole number"),
        ({"size": 1.0}, "setting `size` must be a whole number"),
        ({"size": True}, "setting `size` must be a whole number"),
        ({"strict": "true"}, "setting `strict` must be true or false"),
        ({"strict": 0}, "setting `strict` must be true or false"),
        ({"team": 5}, "setting `team` must be text"),
        ({"team": ["core"]}, "setting `team` must be text"),
        ({"team": "Core"}, "setting `team` must match `[a-z]{2,8}`"),
        ({"team": "core\n"}, "setting `team` must match `[a-z]{2,8}`"),
        ({"team": ""}, "setting `team` must match `[a-z]{2,8}`"),
        ({"region": "US"}, "setting `region` must be one of us, eu"),
        ({"region": ""}, "setting `region` must be one of us, eu"),
        ({"address": 5}, "setting `address` must be text"),
    ],
)
def test_a_setting_that_does_not_fit(given: dict[str, Any], message: str):
    error = refused({**GOOD, **given})
    assert (error.code.name, error.message) == ("invalid_value", message)


def test_the_nearest_word_of_a_setting():
    assert refused({**GOOD, "region": "euu"}).hint == "did you mean `eu`?"


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.example", "http://localhost:8080", "https://acme.example/api/v2", "https://127.0.0.1:8443/x", "http://[::1]:80/",
        "HTTPS://Acme.example",
    ],
)  # fmt: skip
def test_an_address(address: str):
    assert open_settings(SETTINGS, {**GOOD, "address": address})["address"] == address


@pytest.mark.parametrize(
    "address",
    [
        "", "acme.example", "/api", "//acme.example", "ftp://acme.example", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///x",
        "https://ada@acme.example", "https://ada:word@acme.example", "https://@acme.example", "https://acme.example?x=1", "https://acme.example?",
        "https://acme.example#x", "https://acme.example#", "https://acme.example:port", "https://acme.example:99999", "https://acme.example:0",
        "http://[::1", "https://acme example", "https://acme.example/\n", "https://acme.example\\@evil.example", " https://acme.example",
        "https://acme.example/\x00",
    ],
)  # fmt: skip
def test_what_is_no_address(address: str):
    assert (
        refused({**GOOD, "address": address}).message
        == "setting `address` must be an http or https address without user, query or fragment"
    )


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str):
    try:
        opened = open_settings(SETTINGS, {**GOOD, "address": text})
    except BadInput:
        return
    assert opened["address"] == text and text.lower().startswith(("http://", "https://"))


# inputs


def wrong(capability: str, given: dict[str, Any]) -> BadInput:
    with pytest.raises(BadInput) as caught:
        open_inputs(CAPABILITIES[capability], given)
    return caught.value


def test_every_field_of_the_request_is_there():
    assert open_inputs(CAPABILITIES["get_account"], {"account_id": "u1"}) == {"account_id": "u1", "custom_attributes": None}
    opened = open_inputs(CAPABILITIES["create_account"], {"username": "ada", "entitlements": [], "department": "core"})
    assert {"username": "ada", "email": None, "department": "core", "entitlements": []}.items() <= opened.items()
    assert open_inputs(CAPABILITIES["get_last_activity"], {"account_ids": ["a", "007"]}) == {"account_ids": ["a", "007"]}


def test_a_time_is_text_and_a_secret_stays_one():
    opened = open_inputs(CAPABILITIES["list_updated_accounts"], {"since": "2026-01-31T09:30:00+00:00"})
    assert opened["since"] == "2026-01-31T09:30:00+00:00"
    given = {"client_id": "c", "client_secret": "hush", "refresh_token": "hush"}
    opened = open_inputs(CAPABILITIES["refresh_access_token"], given)
    assert isinstance(opened["client_secret"], Secret) and "hush" not in repr(opened)


@pytest.mark.parametrize(
    ("capability", "given", "message", "hint"),
    [
        ("get_account", {"acount_id": "u1"}, "`get_account` takes no `acount_id`", "did you mean `account_id`?"),
        (
            "get_account",
            {"account_id": "u1", "x": 1, "y": 2},
            "`get_account` takes no `x`, `y`",
            "it takes `account_id`, `custom_attributes`",
        ),
        ("validate_credentials", {"x": 1}, "`validate_credentials` takes no `x`", "there are none"),
        ("get_account", {}, "`get_account` cannot be asked so: `account_id` is missing", None),
        ("get_account", {"account_id": None}, "`get_account` cannot be asked so: `account_id` must be text", None),
        ("get_account", {"account_id": 1.5}, "`get_account` cannot be asked so: `account_id` must be text", None),
        ("get_last_activity", {"account_ids": "u1"}, "`get_last_activity` cannot be asked so: `account_ids` must be a list", None),
        ("get_last_activity", {"account_ids": ["u1", []]}, "`get_last_activity` cannot be asked so: `account_ids.1` must be text", None),
        (
            "assign_entitlement",
            {"resource_type": "team"},
            "`assign_entitlement` cannot be asked so: `account_integration_specific_id` is missing; "
            "`resource_integration_specific_id` is missing; `entitlement_type` is missing; "
            "`entitlement_integration_specific_id` is missing",
            None,
        ),
        ("probe_integration", {"checks": ["account"]}, "`checks.0` must be `accounts` or `entitlements` or ", None),
        ("list_updated_accounts", {"since": "yesterday"}, "`since` does not fit: a date or date-time in ISO 8601", None),
    ],
)
def test_inputs_that_do_not_fit(capability: str, given: dict[str, Any], message: str, hint: str | None):
    error = wrong(capability, given)
    assert message in error.message
    assert (error.code.name, error.hint) == ("bad_request", hint)


def test_a_refusal_shows_no_value():
    error = wrong("refresh_access_token", {"client_id": "c", "client_secret": ["canary"], "refresh_token": {"canary": "canary"}})
    assert "canary" not in f"{error} {error.hint} {error.__cause__} {error.__context__}"


def test_a_capability_of_ones_own_takes_anything():
    assert open_inputs(custom("reset_password"), {"a": 1, "b": {"c": [None]}}) == {"a": 1, "b": {"c": [None]}}


@given(
    st.sampled_from(sorted(CAPABILITIES)),
    st.dictionaries(st.text(max_size=8) | st.sampled_from(["account_id", "since", "cursor"]), st.none() | st.text()),
)
def test_any_inputs_are_opened_or_refused_in_words(capability: str, given: dict[str, Any]):
    try:
        open_inputs(CAPABILITIES[capability], given)
    except BadInput as error:
        assert "Input should" not in error.message


# words for what does not fit


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (str, 5, "must be text"),
        (int, "x", "must be a whole number"),
        (float, "x", "must be a number"),
        (bool, [], "must be true or false"),
        (list[int], 5, "must be a list"),
        (dict[str, int], 5, "must be a mapping"),
    ],
)
def test_types_in_words(kind: Any, value: Any, words: str):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert told(caught.value.errors()[0]) == words

"""The OAuth logins a connector carries out for its caller (RFC 6749; PKCE: RFC 7636)."""

from typing import Annotated, Literal

from pydantic import Field

from ferrule.contract.base import Private, SecretString, String

_UNSEEN = Field(repr=False)


class GetAuthorizationUrl(Private):
    """Where to send a person who is to allow access."""

    credential_id: String | None = None
    """Which of the connector's credentials this is for."""
    client_id: String
    """The client's id at the app."""
    scopes: list[String]
    """What to ask for."""
    redirect_uri: String
    """Where the app sends the person afterwards."""
    state: String
    """A value the app hands back, by which the caller knows its own request."""
    form_data: dict[str, String] | None = None
    """More parameters of the address."""


class AuthorizationUrl(Private):
    """The address, and what to keep until the person is back."""

    authorization_url: String
    """Where to send the person."""
    code_verifier: Annotated[String | None, _UNSEEN] = None
    """The secret of PKCE, for the exchange of the code."""


class HandleAuthorizationCallback(Private):
    """A person came back: exchange the code for a token."""

    credential_id: String | None = None
    """Which of the connector's credentials this is for."""
    client_id: String
    """The client's id at the app."""
    client_secret: SecretString
    """The client's secret at the app."""
    redirect_uri_with_code: SecretString
    """The address the person came back to, code and all."""
    state: String | None = None
    """The value that was sent along."""
    code_verifier: SecretString | None = None
    """The secret of PKCE."""


class HandleClientCredentials(Private):
    """Get a token in the client's own name."""

    credential_id: String | None = None
    """Which of the connector's credentials this is for."""
    client_id: String
    """The client's id at the app."""
    client_secret: SecretString
    """The client's secret at the app."""
    scopes: list[String]
    """What to ask for."""


class RefreshAccessToken(Private):
    """Exchange a refresh token for a new access token."""

    credential_id: String | None = None
    """Which of the connector's credentials this is for."""
    client_id: String
    """The client's id at the app."""
    client_secret: SecretString
    """The client's secret at the app."""
    refresh_token: SecretString
    """The refresh token."""
    state: String | None = None
    """A value that is handed back."""


class OauthCredentials(Private):
    """Tokens, for the caller to keep. They are shown to nobody else: printing this leaves them out.

    The contract has no place for the time of expiry; the app's whole answer fits the envelope's `raw_data`.
    """

    access_token: Annotated[String, _UNSEEN]
    """The access token."""
    refresh_token: Annotated[String | None, _UNSEEN] = None
    """The refresh token, where the app gives one."""
    token_type: Literal["bearer"]
    """How the token is sent."""
    state: String | None = None
    """The value that was sent along."""

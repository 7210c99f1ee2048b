"""Auth kinds. This file is their registry: the union below is the type of each value of `auth:`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ferrule.auth import (
    aws_sigv4,
    basic,
    bearer,
    bind,
    body,
    combined,
    cookie,
    digest,
    header,
    headers,
    jwt,
    mtls,
    none,
    oauth1,
    oauth2_authorization_code,
    oauth2_client_credentials,
    oauth2_jwt_bearer,
    oauth2_password,
    oauth2_refresh,
    oauth2_saml_bearer,
    query,
    session,
    signature,
)
from ferrule.auth.grant import Auth, CredentialField, CredentialKind, Grant, Login

AuthSpec = Annotated[
    aws_sigv4.AwsSigV4Spec
    | basic.BasicSpec
    | bearer.BearerSpec
    | bind.BindSpec
    | body.BodySpec
    | combined.CombinedSpec
    | cookie.CookieSpec
    | digest.DigestSpec
    | header.HeaderSpec
    | headers.HeadersSpec
    | jwt.JwtSpec
    | mtls.MtlsSpec
    | none.NoneSpec
    | oauth1.OAuth1Spec
    | oauth2_authorization_code.AuthorizationCodeSpec
    | oauth2_client_credentials.ClientCredentialsSpec
    | oauth2_jwt_bearer.JwtBearerSpec
    | oauth2_password.PasswordSpec
    | oauth2_refresh.RefreshSpec
    | oauth2_saml_bearer.SamlBearerSpec
    | query.QuerySpec
    | session.SessionSpec
    | signature.SignatureSpec,
    Field(discriminator="kind"),
]

__all__ = ["Auth", "AuthSpec", "CredentialField", "CredentialKind", "Grant", "Login"]

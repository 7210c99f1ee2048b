"""OAuth 2 with a SAML assertion (RFC 7522, section 2.1): one that somebody gives, or one that the connector makes and signs.

An assertion says who is meant (`subject`), for whom it is (`audience`, `recipient`) and how long it holds (SAML core, section 2;
RFC 7522, section 3). XML signatures are signxml's work, which comes with the extra `saml`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ferrule.auth.fields import KEY_PAIR, Fields, credential_kind, fields_of, names
from ferrule.auth.grant import CredentialField, CredentialKind, Scope
from ferrule.auth.oauth import OAuth, TokenSpec
from ferrule.errors import BadInput
from ferrule.escapes import text_of
from ferrule.keys import private_key
from ferrule.request import Build, Constant
from ferrule.secret import MASK, Secret, reveal
from ferrule.shape import BY_SHAPE, Compiler, SpecModel
from ferrule.source import Text
from ferrule.templates import Template, TemplateFailure

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:saml2-bearer"
ASSERTION = (CredentialField("assertion", "SAML assertion"),)
NAMESPACE = "urn:oasis:names:tc:SAML:2.0:assertion"
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
EARLIER = 60
"""Seconds before its making from which an assertion holds, for an app whose clock is behind."""
Encoding = Literal["base64url", "base64"]
Element = Any
"""An element of lxml, which has no types."""


class SamlAssertionSpec(SpecModel):
    """An assertion that the connector signs."""

    issuer: Text
    """Template of who makes it."""
    subject: Text
    """Template of whom it is about: the user in whose name the connector acts."""
    subject_format: str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    """What sort of name that is."""
    audience: Text
    """Template of whom it is for."""
    recipient: Text | None = None
    """Template of the address that it is given to. By default the `token_url`."""
    attributes: dict[str, Text] = {}
    """What it says besides: attributes and the templates of their values."""
    key: Text = Text("{{ credential.private_key }}")
    """Template of the private key, in PEM. It is an RSA key; the signature is `rsa-sha256`."""
    passphrase: Text | None = None
    """Template of what the key is encrypted with."""
    certificate: Text | None = None
    """Template of the key's certificate, in PEM, where it goes along. By default the public key does."""
    lifetime: Annotated[int, Field(strict=True, gt=0)] = 300
    """Seconds from its making to its end."""

    def compile(self, compiler: Compiler, token_url: Text) -> SamlAssertion:
        """The compiled assertion."""
        names = ("issuer", "subject", "audience", "key", "passphrase", "certificate")
        texts = {name: text for name in names if (text := getattr(self, name)) is not None}
        texts["recipient"] = self.recipient or Text(token_url)
        return SamlAssertion(
            {name: compiler.template(text) for name, text in texts.items()},
            {name: compiler.template(text) for name, text in self.attributes.items()},
            self.subject_format,
            self.lifetime,
        )


class SamlBearerSpec(TokenSpec):
    """Exchange a SAML assertion for an access token."""

    kind: Literal["oauth2_saml_bearer"]
    assertion: Annotated[Annotated[Text, Tag("text")] | Annotated[SamlAssertionSpec, Tag("mapping")], BY_SHAPE] = Text(
        "{{ credential.assertion }}"
    )
    """Template of the assertion, as XML or encoded; or a mapping with what the connector signs."""
    encoding: Encoding = "base64url"
    """How XML is encoded. `base64url` is the standard's."""
    fields: Fields = {}
    """What the credential holds besides what the client proves itself with. By default `assertion`, or a key pair."""

    @model_validator(mode="after")
    def _whole_address(self) -> SamlBearerSpec:
        if isinstance(self.assertion, SamlAssertionSpec) and self.assertion.recipient is None and self.token_url.startswith("/"):
            raise PydanticCustomError("oauth", "an assertion says where it goes: write `recipient`, or the whole address in `token_url`")
        return self

    def compile(self, compiler: Compiler) -> OAuth:
        signs = isinstance(self.assertion, SamlAssertionSpec)
        fields = self.with_client(fields_of(self.fields, KEY_PAIR if signs else ASSERTION))
        own: CredentialKind = "key_pair" if signs else "token"
        kind = credential_kind(fields) if self.fields or self.client_auth != "none" else own
        with compiler.within(names(fields)):
            grant: dict[str, Build] = {"grant_type": Constant(GRANT_TYPE), "assertion": self._build(compiler)}
            request = self.token_request(grant, compiler, repeatable=True, scoped=True)
            return self.oauth(kind, fields, tuple(field.name for field in fields if field.required), request, compiler)

    def _build(self, compiler: Compiler) -> Build:
        if isinstance(self.assertion, SamlAssertionSpec):
            assertion = self.assertion.compile(compiler, self.token_url)
            return lambda scope: encoded(assertion.made(scope), self.encoding)
        given = compiler.template(self.assertion)

        return lambda scope: encoded(_text(given, scope), self.encoding)


@dataclass(frozen=True, slots=True)
class SamlAssertion:
    """A compiled assertion."""

    parts: Mapping[str, Template]
    attributes: Mapping[str, Template]
    subject_format: str
    lifetime: int

    def made(self, scope: Scope) -> str:
        """The assertion as XML, signed at the time in `scope`. What a masked key signs is masked. Raises `TemplateFailure`."""
        said = {name: _text(template, scope) for name, template in self.parts.items()}
        if said["key"] == MASK:
            return MASK
        attributes = {name: _text(template, scope) for name, template in self.attributes.items()}
        try:
            return signed(self._written(said, attributes, scope["now"]), said["key"], said.get("passphrase"), said.get("certificate"))
        except ValueError as slip:
            raise TemplateFailure(str(slip), self.parts["key"].text) from None

    def _written(self, said: Mapping[str, str], attributes: Mapping[str, str], now: float) -> Element:
        """The assertion without its signature, which has its place behind the issuer."""
        etree, _ = _signxml()
        made, start, end = (_moment(now + seconds) for seconds in (0, -EARLIER, self.lifetime))
        root = etree.Element(f"{{{NAMESPACE}}}Assertion", nsmap={"saml": NAMESPACE}, ID=f"_{uuid4().hex}", Version="2.0", IssueInstant=made)

        def below(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
            element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
            element.text = text
            return element

        below(root, "Issuer", said["issuer"])
        etree.SubElement(root, f"{{{_SIGNATURE}}}Signature", Id="placeholder", nsmap={"ds": _SIGNATURE})
        subject = below(root, "Subject")
        below(subject, "NameID", said["subject"], Format=self.subject_format)
        confirmed = below(subject, "SubjectConfirmation", Method="urn:oasis:names:tc:SAML:2.0:cm:bearer")
        below(confirmed, "SubjectConfirmationData", NotOnOrAfter=end, Recipient=said["recipient"])
        conditions = below(root, "Conditions", NotBefore=start, NotOnOrAfter=end)
        below(below(conditions, "AudienceRestriction"), "Audience", said["audience"])
        context = below(below(root, "AuthnStatement", AuthnInstant=made), "AuthnContext")
        below(context, "AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
        statement = below(root, "AttributeStatement") if attributes else root
        for name, value in attributes.items():
            below(below(statement, "Attribute", Name=name), "AttributeValue", value)
        return root


def _text(template: Template, scope: Scope) -> str:
    try:
        return text_of(reveal(template.render(scope)))
    except TypeError as slip:
        raise TemplateFailure(str(slip), template.text) from None


def _moment(time: float) -> str:
    return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signxml() -> tuple[Any, Any]:
    """The trees of lxml, and signxml."""
    try:
        import signxml  # only who signs XML pays for it
        from lxml import etree  # type: ignore[import-untyped]
    except ImportError:
        raise BadInput("a SAML assertion is signed by signxml", hint="install the extra: `pip install 'ferrule[saml]'`") from None
    return etree, signxml


def signed(assertion: Element, key: str, passphrase: str | None = None, certificate: str | None = None) -> str:
    """An assertion with an enveloped signature over it (XML Signature, section 6.6.4; exclusive canonical XML). Raises
    `ValueError` for a key or a certificate that cannot sign it."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    etree, signxml = _signxml()
    material = private_key(key, passphrase)
    if not isinstance(material, RSAPrivateKey):
        raise ValueError("an assertion is signed with an RSA key")
    signer = signxml.XMLSigner(c14n_algorithm=signxml.CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    try:
        made = signer.sign(assertion, key=material, cert=certificate, reference_uri=f"#{assertion.get('ID')}")
    except (signxml.exceptions.SignXMLException, ValueError, TypeError):
        raise ValueError("the assertion cannot be signed: the certificate cannot be read") from None
    text: str = etree.tostring(made, encoding="unicode")
    return text


def encoded(assertion: str, encoding: Encoding) -> Secret:
    """An assertion as a token request carries it (RFC 7522, section 2.1): XML is encoded, anything else is so already."""
    if not assertion.lstrip().startswith("<"):
        return Secret(assertion)
    content = assertion.encode()
    if encoding == "base64":
        return Secret(base64.b64encode(content).decode())
    return Secret(base64.urlsafe_b64encode(content).decode().rstrip("="))

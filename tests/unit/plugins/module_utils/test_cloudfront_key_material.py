"""Signing keys as values: what is read from a secret is what was written, and no error shows any of it."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import (
    KEY_TYPES,
    fingerprint,
    generate,
    parse_secret,
    public_half,
    secret_text,
    stored_key,
)
from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.comments import (
    comment,
    name_in_comment,
    read_comment,
)
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

PKCS8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize("key_type", KEY_TYPES)
@pytest.mark.parametrize("secret_format", ["json", "pem"])
@pytest.mark.parametrize("key_pair_id", [None, "K1"])
def test_parse_secret_reads_what_secret_text_writes(key_type: str, secret_format: str, key_pair_id: str | None) -> None:
    private = generate(key_type)
    found = parse_secret(secret_text(key_pair_id, private, secret_format, {"note": 1}), "here")
    assert found
    assert found.private_pem == private
    assert found.key_pair_id == (key_pair_id if secret_format == "json" else None)
    assert found.others == ({"note": 1} if secret_format == "json" else {})
    assert found.fingerprint == fingerprint(public_half(private)) == fingerprint(f"\n{found.public_pem}\n")
    assert private not in repr(found)


def test_parse_secret_of_an_empty_document_is_no_key_yet() -> None:
    assert parse_secret("{}", "here") is None


@pytest.mark.parametrize("text", ["", "x", "[]", '{"a": "s3cr3t"}', '{"privateKey": "s3cr3t"}', "-----BEGIN s3cr3t"])
def test_parse_secret_of_no_key_is_an_error_that_shows_nothing_of_it(text: str) -> None:
    with pytest.raises(AnsibleAWSError, match="here") as caught:
        parse_secret(text, "here")
    assert "s3cr3t" not in caught.value.message
    assert "Nothing was written" in caught.value.message
    json.dumps(caught.value.message)


@given(
    st.text(st.sampled_from("abcXYZ019/_+=.@-;: "), min_size=1, max_size=512),
    st.none() | st.integers(0, 4102444800).map(float),
)
def test_read_comment_returns_secret_and_time_of_comment(name: str, replaced: float | None) -> None:
    text = comment(name, replaced)
    assert len(text) <= 128  # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_PublicKeyConfig.html
    assert read_comment(text) == (name_in_comment(name), replaced)


def test_name_in_comment_of_long_names_differs() -> None:
    assert name_in_comment("n" * 60) == "n" * 60
    assert name_in_comment("n" * 61 + "a") != name_in_comment("n" * 61 + "b")


@pytest.mark.parametrize("text", ["", "made by CDK", "private key in secrets manager: x"])
def test_read_comment_of_others_is_of_no_secret(text: str) -> None:
    assert read_comment(text) == ("", None)


@pytest.mark.parametrize("field", ["p", "q", "d", "dmp1", "dmq1", "iqmp", "n"])
def test_public_half_of_a_damaged_rsa_key_is_refused_as_by_cryptography(field: str) -> None:
    key = serialization.load_pem_private_key(generate("rsa-2048").encode(), None)
    numbers = key.private_numbers()
    number = numbers.public_numbers.n if field == "n" else getattr(numbers, field)
    size = (number.bit_length() + 7) // 8
    der = key.private_bytes(*PKCS8).replace(number.to_bytes(size), (number ^ 2).to_bytes(size))
    with pytest.raises(ValueError):  # noqa: PT011 each number has a message of its own
        serialization.load_der_private_key(der, None)
    body = base64.encodebytes(der).decode()
    with pytest.raises(ValueError, match=r"damaged|not an unencrypted PEM private key"):
        public_half(f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n")


@pytest.mark.parametrize("form", ["SecretString", "SecretBinary"])
def test_stored_key_of_either_form_is_the_key(form: str) -> None:
    pem = generate("rsa-2048")
    value = pem if form == "SecretString" else pem.encode()
    found = stored_key({form: value}, "here")
    assert found
    assert found.private_pem == pem


@pytest.mark.parametrize("value", [b"\x30\x82\x04\xa4", b"", b"no key"])
def test_stored_key_of_binary_that_is_no_key_is_refused(value: bytes) -> None:
    with pytest.raises(AnsibleAWSError, match=r"^here holds .* Nothing was written\."):
        stored_key({"SecretBinary": value}, "here")

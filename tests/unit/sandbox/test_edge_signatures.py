"""The edge's judgement of signed cookies and URLs, against signatures that the collection makes."""

from __future__ import annotations

import fnmatch
import json
import re

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront import signature as made
from ansible_collections.arda.image_upload.plugins.module_utils._cloudfront.key_material import generate, public_half
from arda_sandbox.edge import paths, signatures
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000
URL = "https://images.example/tenant/a.jpg"
PRIVATE = {kind: generate(kind) for kind in ("rsa-2048", "ecdsa-p256")}
KEYS = {kind: public_half(pem) for kind, pem in PRIVATE.items()}


def verdict(fields: dict[str, str], url: str = URL, now: float = NOW, address: str = "192.0.2.1") -> str:
    try:
        signatures.authorize(url, fields, KEYS, now, address)
    except signatures.RefusedError as refusal:
        return refusal.code
    return "passed"


def fields(policy: bytes, kind: str = "rsa-2048", algorithm: str = "SHA1", key_id: str = "") -> dict[str, str]:
    cookies = made.signed_cookies(policy, PRIVATE[kind], key_id or kind, algorithm)
    return {name.removeprefix("CloudFront-"): value for name, value in cookies.items()}


@pytest.mark.parametrize("kind", sorted(PRIVATE))
@pytest.mark.parametrize("algorithm", made.HASH_ALGORITHMS)
def test_authorize_with_either_key_type_and_hash_passes(kind: str, algorithm: str) -> None:
    policy = made.custom_policy("https://images.example/tenant/*", NOW + 1)
    assert verdict(fields(policy, kind, algorithm)) == "passed"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (made.custom_policy("https://images.example/tenant/*", NOW + 1), "passed"),
        (made.custom_policy("https://images.example/tenant/?.jpg", NOW + 1), "passed"),
        (made.custom_policy("*", NOW + 1), "passed"),
        (made.custom_policy("https://images.example/tenant*", NOW + 1), "passed"),
        (made.custom_policy("https://images.example/tenant/??.jpg", NOW + 1), "AccessDenied"),
        (made.custom_policy("https://images.example/Tenant/*", NOW + 1), "AccessDenied"),
        (made.custom_policy("https://images.example/tenant/", NOW + 1), "AccessDenied"),
        (made.custom_policy("http://images.example/tenant/*", NOW + 1), "AccessDenied"),
        (made.custom_policy("https://images.example/tenant/*", NOW), "AccessDenied"),
        (made.custom_policy("*", NOW + 9, starts=NOW - 1), "passed"),
        (made.custom_policy("*", NOW + 9, starts=NOW), "AccessDenied"),
        (made.custom_policy("*", NOW + 9, source_ip="192.0.2.0/24"), "passed"),
        (made.custom_policy("*", NOW + 9, source_ip="192.0.2.1"), "passed"),
        (made.custom_policy("*", NOW + 9, source_ip="198.51.100.0/24"), "AccessDenied"),
        (made.custom_policy("*", NOW + 9, source_ip="2001:db8::/32"), "MalformedPolicy"),
        (b"{}", "MalformedPolicy"),
        (b"no json", "MalformedPolicy"),
        (b'{"Statement":[]}', "MalformedPolicy"),
        (b'{"Statement":[{"Resource":"*"}]}', "MalformedPolicy"),
        (b'{"Statement":[{"Resource":"*","Condition":{}}]}', "MalformedPolicy"),
        (b'{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":"9"}}}]}', "MalformedPolicy"),
        (b'{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":true}}}]}', "MalformedPolicy"),
    ],
)
def test_authorize_under_a_policy_passes_what_it_names(policy: bytes, expected: str) -> None:
    assert verdict(fields(policy)) == expected


def test_two_statements_are_one_too_many() -> None:
    statement = json.loads(made.custom_policy("*", NOW + 9))["Statement"][0]
    assert verdict(fields(json.dumps({"Statement": [statement] * 2}).encode())) == "MalformedPolicy"
    extra = {**statement, "Condition": {**statement["Condition"], "StringEquals": {"a": "b"}}}
    assert verdict(fields(json.dumps({"Statement": [extra]}).encode())) == "MalformedPolicy"


GOOD = made.custom_policy("*", NOW + 9)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Key-Pair-Id": ""}, "MissingKey"),
        ({"Key-Pair-Id": "KNOBODY"}, "InvalidKey"),
        ({"Key-Pair-Id": "ecdsa-p256"}, "AccessDenied"),
        ({"Signature": ""}, "AccessDenied"),
        ({"Signature": "!"}, "MalformedSignature"),
        ({"Signature": "abc"}, "MalformedSignature"),
        ({"Signature": "AAAA"}, "AccessDenied"),
        ({"Policy": "!"}, "MalformedPolicy"),
        ({"Policy": made.encode(made.custom_policy("*", NOW + 99))}, "AccessDenied"),
        ({"Policy": ""}, "AccessDenied"),
        ({"Hash-Algorithm": "SHA256"}, "AccessDenied"),
        ({"Hash-Algorithm": "MD5"}, "AccessDenied"),
        ({"Policy": "A" * 9000}, "MalformedPolicy"),
    ],
)
def test_authorize_of_a_broken_cookie_is_refused_with_its_code(changed: dict[str, str], expected: str) -> None:
    assert verdict({**fields(GOOD), **changed}) == expected


def test_authorize_under_a_canned_policy_passes_its_url_until_it_expires() -> None:
    signed = made.encode(made.sign(PRIVATE["rsa-2048"], made.canned_policy(URL, NOW + 5)))
    canned = {"Expires": str(NOW + 5), "Signature": signed, "Key-Pair-Id": "rsa-2048"}
    assert verdict(canned) == "passed"
    assert verdict(canned, now=NOW + 5) == "AccessDenied"
    assert verdict(canned, url=URL + "x") == "AccessDenied"
    assert verdict({**canned, "Expires": str(NOW + 6)}) == "AccessDenied"
    assert verdict({**canned, "Expires": "soon"}) == "MalformedPolicy"


def test_canned_policy_of_a_url_with_a_star_has_no_wildcard() -> None:
    url = "https://images.example/a*.jpg"
    signed = made.encode(made.sign(PRIVATE["rsa-2048"], made.canned_policy(url, NOW + 5)))
    canned = {"Expires": str(NOW + 5), "Signature": signed, "Key-Pair-Id": "rsa-2048"}
    assert verdict(canned, url=url) == "passed"


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_wildcards_mean_what_fnmatch_means(pattern: str, text: str) -> None:
    assert signatures.matches(pattern, text) == (re.fullmatch(fnmatch.translate(pattern), text) is not None)


@given(st.text(max_size=20))
def test_matches_of_a_text_with_itself_and_a_star_is_true(text: str) -> None:
    assert signatures.matches("*", text)
    assert signatures.matches(re.sub(r"([*?\\])", r"\\\1", text), text)


def test_matches_of_a_hostile_pattern_ends_quickly() -> None:
    assert not signatures.matches("*a" * 2000 + "b", "a" * 4000)


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("/", "/"),
        ("/a/b.jpg", "/a/b.jpg"),
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/../../b", "/b"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/.", "/a/"),
        ("/a//b", "/a//b"),
        ("/a%2fb", "/a%2Fb"),
        ("/%61/b", "/a/b"),
        ("/a%20b", "/a%20b"),
        ("/a...", "/a..."),
        ("/A", "/A"),
    ],
)
def test_normalize_of_a_path_returns_its_one_form(raw: str, normal: str) -> None:
    assert paths.normalize(raw) == normal
    assert paths.normalize(normal) == normal


@given(st.text("/.%25eEfFaA", max_size=30))
def test_normalize_of_a_normal_path_changes_nothing(raw: str) -> None:
    once = paths.normalize("/" + raw)
    assert paths.normalize(once) == once
    assert "/../" not in once
    assert not once.endswith("/..")


@pytest.mark.parametrize("address", ["::1", "no address", ""])
def test_who_is_not_known_to_be_in_the_network_is_not(address: str) -> None:
    assert (
        verdict(fields(made.custom_policy("*", NOW + 9, source_ip="192.0.2.0/24")), address=address) == "AccessDenied"
    )


def test_policy_with_any_address_of_a_network_covers_the_network() -> None:
    assert verdict(fields(made.custom_policy("*", NOW + 9, source_ip="192.0.2.7/24"))) == "passed"


def test_verifies_with_a_key_of_another_kind_is_false() -> None:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    pem = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(encoding, form).decode()
    assert signatures.verifies(pem, b"s", b"d", hashes.SHA1()) is False
    assert signatures.verifies("no key", b"s", b"d", hashes.SHA1()) is False


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Signature": "!"}, "MalformedSignature"),
        ({"Signature": "abc"}, "MalformedSignature"),
        ({"Signature": "A" * (2 * signatures.MAX_POLICY + 4)}, "MalformedSignature"),
        ({"Signature": "A" * (2 * signatures.MAX_POLICY)}, "AccessDenied"),
        ({"Policy": "a+b="}, "MalformedPolicy"),
    ],
)
def test_authorize_of_fields_that_cannot_be_decoded_is_refused(changed: dict[str, str], expected: str) -> None:
    assert verdict({**fields(made.custom_policy("*", NOW + 9)), **changed}) == expected


def test_signed_url_of_a_url_with_a_query_keeps_it() -> None:
    policy = made.custom_policy("*", NOW + 9)
    for url, start in (("https://a/b", "https://a/b?Policy="), ("https://a/b?c=d", "https://a/b?c=d&Policy=")):
        assert made.signed_url(url, policy, PRIVATE["rsa-2048"], "K").startswith(start)


@pytest.mark.parametrize(("pattern", "text"), [("*ab", "b"), ("*ab", "aab"), ("a*bc*d", "abcbcd"), ("*a*b", "b")])
def test_nothing_after_a_star_is_skipped(pattern: str, text: str) -> None:
    assert signatures.matches(pattern, text) is fnmatch.fnmatchcase(text, pattern)

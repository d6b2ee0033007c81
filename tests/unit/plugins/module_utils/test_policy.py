"""Whether a resource policy lets a service act."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._policy import allows, normal

REQUEST = {
    "principal": "logging.s3.amazonaws.com",
    "action": "s3:PutObject",
    "resource": "arn:aws:s3:::logs/images/2026-01-01",
    "context": {"aws:SourceArn": "arn:aws:s3:::images", "aws:SourceAccount": "111122223333"},
}
# As in https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
DOCUMENTED = {
    "Sid": "S3ServerAccessLogsPolicy",
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": ["s3:PutObject"],
    "Resource": "arn:aws:s3:::logs/images/*",
    "Condition": {
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::images"},
        "StringEquals": {"aws:SourceAccount": "111122223333"},
    },
}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in DOCUMENTED.items() if key not in names} | more


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        pytest.param(DOCUMENTED, True, id="documented"),
        pytest.param([DOCUMENTED, TLS_ONLY], True, id="a Deny without TLS"),
        pytest.param(without("Condition"), True, id="no condition"),
        pytest.param(without(Action="s3:*"), True, id="wildcard action"),
        pytest.param(without(Action="S3:putobject"), True, id="action in another case"),
        pytest.param(without(Resource="arn:aws:s3:::logs/*"), True, id="whole bucket"),
        pytest.param(without("Action", NotAction="s3:DeleteObject"), True, id="NotAction"),
        pytest.param(without(Principal={"Service": ["a.amazonaws.com", "logging.s3.amazonaws.com"]}), True, id="list"),
        pytest.param(without(Principal="*"), True, id="everyone"),
        pytest.param(without(Principal={"AWS": "*"}), True, id="everyone, as AWS"),
        pytest.param(without(Condition={"StringEquals": {"aws:sourceaccount": "111122223333"}}), True, id="key's case"),
        pytest.param(without(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::im*"}}), True, id="pattern"),
        pytest.param(without(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}), True, id="IfExists"),
        pytest.param(without(Condition={"Null": {"aws:SourceArn": "false"}}), True, id="Null"),
        pytest.param([], False, id="no statement"),
        pytest.param(without(Effect="Deny"), False, id="Deny"),
        pytest.param([DOCUMENTED, without("Condition", Effect="Deny")], False, id="allowed and denied"),
        pytest.param(
            [DOCUMENTED, without("Condition", "Principal", Effect="Deny", NotPrincipal={"Service": "a.amazonaws.com"})],
            False,
            id="denied to all but another",
        ),
        pytest.param(without(Principal={"Service": "cloudtrail.amazonaws.com"}), False, id="another service"),
        pytest.param(without(Principal={"AWS": "arn:aws:iam::111122223333:root"}), False, id="an account"),
        pytest.param(without(Action="s3:GetObject"), False, id="another action"),
        pytest.param(without(Resource="arn:aws:s3:::logs"), False, id="the bucket, no object"),
        pytest.param(without(Resource="arn:aws:s3:::logs/other/*"), False, id="another prefix"),
        pytest.param(without(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}), False, id="account"),
        pytest.param(without(Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::other"}}), False, id="bucket"),
        pytest.param(without(Condition={"StringEquals": {"aws:SourceArn": "arn:aws:s3:::im*"}}), False, id="literal"),
        pytest.param(without(Condition={"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::im*"}}), False, id="negated"),
        pytest.param(without(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False, id="absent key"),
        pytest.param(without(Condition={"Null": {"aws:SourceArn": "true"}}), False, id="Null of a key that is present"),
        pytest.param(without(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), False, id="unknown operator"),
    ],
)
def test_allows_judges_statements_as_iam_does(statements: Any, allowed: bool) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    assert allows(policy, REQUEST) is allowed
    assert allows(json.dumps(policy), REQUEST) is allowed


def test_normal_form_has_no_list_of_one() -> None:
    assert normal('{"Statement": [{"Action": ["a"], "Resource": ["b", "c"]}]}') == {
        "Statement": {"Action": "a", "Resource": ["b", "c"]}
    }
    assert normal("NoSuchBucketPolicy") == "NoSuchBucketPolicy"

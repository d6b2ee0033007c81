"""The forms of the roles' inputs: values that AWS or a browser would refuse are refused, others are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.arda.image_upload.plugins.module_utils._inputs_of_roles import faults, forms

ROLES = Path(__file__).resolve().parents[4] / "roles"
ACCOUNT, ROOT_ACCOUNT = "139852620346", "841876193886"
REGIONS = ("us-east-1", "eu-central-1")
CONTEXT = {"image_partition_account_id": ACCOUNT, "dns_foundation_root_account_id": ROOT_ACCOUNT}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Alpha002-dev-BucketClientRole"
LONG = "x" * 300
PARTITION, FOUNDATION = "image_partition", "dns_foundation"

#: Values that are wrong, by variable.
WRONG: dict[str, list[Any]] = {
    "image_partition_infrastructure": [
        "",
        None,
        7,
        "../x",
        "Älpha",
        "Alpha 2",
        "Alpha002\n",
        "a",
        LONG,
        ["A1"],
        "2Alpha",
    ],
    "image_partition_partition": [
        "",
        None,
        "Dev",
        "dev-1",
        "dev ",
        "dev\n",
        "../x",
        True,
        ["dev"],
        {"a": 1},
        "d;id",
        LONG,
    ],
    "image_partition_account_id": [
        9765408297,
        "9765408297",
        "1398526203467",
        "13985262034x",
        "139852620346\n",
        None,
        "",
    ],
    "image_partition_region": ["us-east-9", "us-esat-1", "", "us-east-1a", None, "cn-north-1", "us-gov-west-1", 1],
    "image_partition_domain": [
        "a.example.",
        "",
        "-x.example",
        "ex ample",
        "A.example",
        "a..b",
        "cards",
        "x." * 40 + "y",
        5,
        "a" * 64 + ".example",
        "none",
        None,
        "a.example\n",
        "*.example",
        f"{'a' * 60}.example",
        "exa_mple.com",
    ],
    "image_partition_bucket_client_role_arn": [
        "*",
        "role",
        f"arn:aws:iam::{ACCOUNT}:user/x",
        f"arn:aws:iam::{ACCOUNT}:root",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam::{ACCOUNT}:role/x y",
        "arn:aws:iam::009765408297:role/x",
        "",
        None,
        f"arn:aws-cn:iam::{ACCOUNT}:role/x",
        f"{ROLE}\n",
        [ROLE],
        f"arn:aws:iam::{ACCOUNT}:role/{'x' * 65}",
    ],
    "image_partition_verifier_role_arn": ["*", 5, ["a"], "arn:aws:iam::009765408297:role/x", None],
    "image_partition_price_class": ["PriceClass_300", "All", None, 100],
    "image_partition_waf_acl_arn": [
        "acl",
        None,
        f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl/a/1",
        f"arn:aws:wafv2:eu-west-1:{ACCOUNT}:global/webacl/a/1",
        "arn:aws:wafv2:us-east-1:009765408297:global/webacl/a/1",
    ],
    "image_partition_noncurrent_version_days": [-1, "x", None, 36501],
    "image_partition_cdn_logs": ["maybe", None, []],
    "image_partition_alarms": ["maybe", None, 5],
    "image_partition_alarm_topic_arn": ["topic", None, "arn:aws:sns:eu-west-1:139852620346:ops"],
    "image_partition_alarm_client_error_percent": [0, 101, "x", None],
    "image_partition_alarm_server_error_percent": [0, 101, "x", None],
    "image_partition_permissions_role": ["deployer", "Root", None, ["Reader"], 5],
    "image_partition_permissions_boundary_arn": [
        "boundary",
        None,
        "arn:aws:iam::009765408297:policy/x",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        f"arn:aws:iam::{ACCOUNT}:role/x",
    ],
    "image_partition_log_bucket": [
        "",
        "Alpha",
        "a" * 64,
        "192.168.0.1",
        "a..b",
        "ab",
        "xn--a",
        "a-s3alias",
        None,
        "-ab",
        "a_b",
    ],
    "image_partition_vpc_endpoint_id": ["nope", "x' || '1'=='1", None, "vpce-XYZ", 5],
    "image_partition_foundation_exports": [
        {"zone_id": "x"},
        {"zone_id": "", "certificate_arn": ""},
        None,
        "abc",
        [],
        {"zone_id": "x", "certificate_arn": "x"},
    ],
    "image_partition_production": ["maybe", None],
    "image_partition_retire_confirmed": [None, 5],
    "image_partition_delete_bucket": ["Images", None],
    "image_partition_secret_recovery_days": [0, 6, 31, "soon"],
    "image_partition_names": [
        {"host": "other.example"},
        {"bucket": "Images"},
        {"presigning_role": "a/b"},
        {"key_group": "two words"},
        {"exports_stack": "1st"},
        {"secret": "a b"},
        {"nope": "x"},
        "x",
    ],
    "image_partition_export_names": [
        {"bucket_name": ""},
        {"nope": "x"},
        {"bucket_name": "x", "bucket_arn": "x"},
        "abc",
        {"bucket_name": "x'y"},
        {"bucket_name": None},
        {"bucket_name": "a_b"},
        {"bucket_name": LONG},
        None,
        [],
    ],
    "image_partition_key_type": ["rsa-1024", "", None, "RSA-2048", 2048],
    "image_partition_key_rotation_seconds": [-1, 0, 10**18, 1.5, "", True, "1h", None],
    "image_partition_signer_cache_seconds": [-1000000, "", "1h", 10**15, None, 1.5, True],
    "image_partition_longest_grant_seconds": [-1, "", None, 10**15, 1.5, [5]],
    "image_partition_clock_skew_seconds": [-1, -1000000, None, "1h", 1.5, False],
    "image_partition_prove_key": ["maybe", None, "", 2, []],
    "image_partition_keep_key_pair_id": ["maybe", None, {}],
    "image_partition_revoke_confirmed": ["maybe", None, 1.0],
    "image_partition_unfinished_rotation": ["", "stop", None],
    "image_partition_limits": ["abc", {"public_keys": 0}, {"public_keys": -5}, {"nope": 1}, None, {"public_keys": "x"}],
    "image_partition_connect_https": ["127.0.0.1", "x:y", ":::", "host:0", "host:65536", None, 8443],
    "image_partition_ca_file": ["/nonexistent", "/etc", None],
    "image_partition_poll_seconds": [-1, 0, "x", None, 1.5],
    "image_partition_poll_retries": [0, -1, 10**9, None],
    "image_partition_dns_server": ["nonsense", "127.0.0.1:notaport", "127.0.0.1:65536", "8.8.8", None, 53],
    "image_partition_dns_delay": [0, -5, "soon"],
    "image_partition_dns_retries": [-1, None],
    "image_partition_artifacts_directory": ["", "/proc/nope", "/etc/passwd", None, 5, "a\nb"],
    "image_partition_tags": [
        {"aws:x": "1"},
        {"AWS:x": "1"},
        {"": "x"},
        {"k": "v" * 257},
        {"k" * 129: "v"},
        "a=b",
        None,
        {"k": {"a": "b"}},
        {"k": None},
        {"k": "a\nb"},
        {"k": "<b>"},
        {5: "x"},
        {"a": "1", "A": "2"},
        ["a"],
        {str(number): "" for number in range(51)},
    ],
    "dns_foundation_infrastructure": ["", None, "../x", 7],
    "dns_foundation_root_domain": [
        "assets.arda.cards.",
        "Assets.Arda.Cards",
        "cards",
        "a..b",
        "*.cards",
        "",
        "a.b\n",
        None,
    ],
    "dns_foundation_root_account_id": ["1", 841876193886, None, ""],
    "dns_foundation_delegation_role_arn": [
        f"arn:aws:iam::{ACCOUNT}:role/AllowCreatingNSRecordsRole",
        "*",
        "",
        None,
        f"arn:aws:iam::{ROOT_ACCOUNT}:user/x",
        f"arn:aws:iam::{ROOT_ACCOUNT}:role/a\nb",
    ],
    "dns_foundation_root_role_arn": ["*", f"arn:aws:iam::{ACCOUNT}:role/Root", None, 5],
    "dns_foundation_compare_root_permissions": ["maybe", None, 5, []],
    "dns_foundation_root_export": ["a b", "", None, LONG, "a_b"],
    "dns_foundation_certificate_region": ["", "nope", "eu-west-1", None],
    "dns_foundation_export_names": [
        {"zone_id": "", "certificate_arn": "x"},
        {"zone_id": "x"},
        None,
        {"zone_id": "a b", "certificate_arn": "c"},
        {"zone_id": "c", "certificate_arn": "c"},
    ],
    "dns_foundation_poll_seconds": [-1, "x", 0],
    "dns_foundation_poll_retries": [-1, 0],
    "dns_foundation_dns_server": ["nonsense", None],
    "dns_foundation_artifacts_directory": ["", None],
    "dns_foundation_tags": [{"aws:x": "1"}, {str(number): "" for number in range(11)}, None],
}
ORIGINS_WRONG: list[Any] = [
    *(
        ["https://a.example/"],
        ["https://a.example/path"],
        ["https://*"],
        ["https://*.example.com"],
        ["https://bücher.example"],
    ),
    *(
        "https://a.example",
        [None],
        None,
        [5],
        ["https://A.Example"],
        ["HTTPS://a.example"],
        ["https://a.example\n"],
        ["null"],
    ),
    *(
        ["https://user@a.example"],
        ["https://a..b"],
        ["https://."],
        "https://a.example,https://b.example",
        {"a": 1},
        [""],
    ),
    *(
        ["https://a.example:443"],
        ["http://a.example:80"],
        ["https://a.example:"],
        ["https://a.example:0"],
        ["a.example"],
    ),
    *(
        ["https://a.example:65536"],
        ["https://a.example?x"],
        ["ftp://a.example"],
        ["https://a.example."],
        ["https://1.2.3"],
    ),
    *(
        ["https://-a.example"],
        ["https://a_b.example"],
        ["https://a.example", "https://a.example"],
        ["*", "https://a.example"],
    ),
]
WRONG["image_partition_application_origins"] = ORIGINS_WRONG
WRONG["image_partition_read_origins"] = [*ORIGINS_WRONG, ["*"]]

#: Values that are right, by variable.
RIGHT: dict[str, list[Any]] = {
    "image_partition_infrastructure": ["Alpha002", "Shop"],
    "image_partition_partition": ["dev", "p1"],
    "image_partition_account_id": [ACCOUNT, "009765408297"],
    "image_partition_region": ["us-east-1", "eu-central-1"],
    "image_partition_domain": ["alpha002.assets.arda.cards", "a-b.example"],
    "image_partition_bucket_client_role_arn": [ROLE, f"arn:aws:iam::{ACCOUNT}:role/path/of/Role+=,.@-_1"],
    "image_partition_verifier_role_arn": ["", ROLE],
    "image_partition_price_class": ["", "PriceClass_100"],
    "image_partition_waf_acl_arn": ["", f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/images/1a2b-3c"],
    "image_partition_noncurrent_version_days": [0, 90, "30"],
    "image_partition_cdn_logs": [True, False],
    "image_partition_alarms": [True, False],
    "image_partition_alarm_topic_arn": ["", "arn:aws:sns:us-east-1:139852620346:ops"],
    "image_partition_alarm_client_error_percent": [1, 100],
    "image_partition_alarm_server_error_percent": [1, 100],
    "image_partition_permissions_role": ["Deployer", "Rotator", ""],
    "image_partition_permissions_boundary_arn": ["", f"arn:aws:iam::{ACCOUNT}:policy/path/Boundary"],
    "image_partition_log_bucket": ["alpha002-dev-access-logs", "a.b.c", "abc"],
    "image_partition_vpc_endpoint_id": ["", "vpce-0123456789abcdef0", "vpce-01234567"],
    "image_partition_foundation_exports": [{"zone_id": "A-Zone", "certificate_arn": "A-Certificate"}],
    "image_partition_names": [
        {},
        {"bucket": "old-images", "secret": "old/key", "key_group": "old", "exports_stack": "Old"},
    ],
    "image_partition_export_names": [{}, {"bucket_name": "Shop:Bucket"}, {"bucket_name": "---"}],
    "image_partition_key_rotation_seconds": [1, 7776000, "7776000"],
    "image_partition_signer_cache_seconds": [0, 28800, "28800"],
    "image_partition_prove_key": [True, False, "yes", "no", "true", 1, 0],
    "image_partition_limits": [{}, {"public_keys": 20}, {"keys_in_group": "10"}],
    "image_partition_connect_https": ["", "127.0.0.1:8443", "edge.example:443", "[::1]:8443"],
    "image_partition_ca_file": ["", __file__],
    "image_partition_dns_server": ["", "127.0.0.1:5353", "8.8.8.8", "2001:db8::1"],
    "image_partition_artifacts_directory": ["artifacts", "~/reports", "/tmp/reports"],
    "image_partition_tags": [{}, {"k": ""}, {"k": 5}, {"k": True}, {"Grüße": "ü 1_.:/=+-@"}, {"5": "x"}],
    "image_partition_read_origins": [[], ["https://a.example"]],
    "image_partition_application_origins": [
        [],
        ["*"],
        ["https://a.example:8443"],
        ["http://localhost:3000"],
        ["https://10.0.0.1"],
        ["https://[::1]"],
        ["https://xn--bcher-kva.example"],
        ["http://a.example", "https://a.example"],
    ],
    "dns_foundation_root_domain": ["assets.arda.cards"],
    "dns_foundation_root_role_arn": ["", f"arn:aws:iam::{ROOT_ACCOUNT}:role/Root"],
    "dns_foundation_compare_root_permissions": [True, False],
    "dns_foundation_delegation_role_arn": [f"arn:aws:iam::{ROOT_ACCOUNT}:role/AllowCreatingNSRecordsRole"],
    "dns_foundation_certificate_region": ["us-east-1"],
    "dns_foundation_tags": [{}, {"Team": "Images"}],
}


def role_of(name: str) -> str:
    return PARTITION if name.startswith(PARTITION) else FOUNDATION


def expected(name: str, value: Any) -> str:
    return forms(role_of(name), CONTEXT, REGIONS)[name](value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_form_of_a_wrong_value_says_what_is_expected(name: str, value: Any) -> None:
    assert expected(name, value)
    (fault,) = faults(role_of(name), {**CONTEXT, name: value}, REGIONS, [name, *CONTEXT])[:1]
    assert fault.startswith(f"{name}: expected ")
    assert ", found " in fault


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in RIGHT.items() for value in values])
def test_form_of_a_right_value_takes_it(name: str, value: Any) -> None:
    assert expected(name, value) == ""


def test_table_has_120_odd_values_and_every_option() -> None:
    assert sum(map(len, WRONG.values())) >= 120
    for role in (PARTITION, FOUNDATION):
        specs = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text())["argument_specs"]
        options = {name for spec in specs.values() for name in spec["options"]}
        left_out = {"dns_foundation_declared", "dns_foundation_root_connection", "dns_foundation_root_remedy"}
        assert options - left_out == set(forms(role, CONTEXT, REGIONS))
    assert set(forms(PARTITION, CONTEXT, REGIONS)) <= set(WRONG)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("image_partition_log_bukket", "image_partition_log_bucket"), ("image_partition_zzz", "")],
)
def test_faults_of_an_unknown_variable_name_the_nearest_one(name: str, nearest: str) -> None:
    (fault,) = faults(PARTITION, {name: 1}, REGIONS, ["image_partition_log_bucket"])
    assert fault.startswith(f"{name}: no variable of the role image_partition")
    assert (f"did you mean {nearest}?" in fault) == bool(nearest)


def test_faults_show_a_long_value_cut() -> None:
    (fault,) = faults(PARTITION, {"image_partition_log_bucket": LONG}, REGIONS, ["image_partition_log_bucket"])
    assert len(fault) < 300

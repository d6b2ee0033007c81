"""A run after a failed deployment: no twins and no orphans."""

from __future__ import annotations

from .helpers.inventory import inventory_of
from .helpers.sample import exhaustive
from .helpers.sandbox import UNPROVEN, Sandbox, wait_for

DEPLOY = ("site.yml", "-l", "alpha002_dev", *UNPROVEN)


def exactly_one_of_each(sandbox: Sandbox) -> None:
    held = inventory_of(sandbox, "alpha002")
    assert held["zones"] == ["alpha002.assets.arda.cards."]
    assert held["certificates"] == ["*.alpha002.assets.arda.cards"]
    assert len(held["keys"]) == 1
    assert held["groups"] == ["Alpha002-dev-images"]
    assert held["distributions"] == ["dev.alpha002.assets.arda.cards"]
    assert held["secrets"] == ["Alpha002-dev/image-signing-key"]
    assert [z for z in inventory_of(sandbox, "root")["zones"] if z == "assets.arda.cards."] == ["assets.arda.cards."]


@exhaustive
def test_site_after_a_failed_deploy_adopts_what_it_left(sandbox: Sandbox) -> None:
    """A bucket, a deleted secret, a public key and a key group of an earlier life do not block the next deploy."""
    sandbox.deploy()
    cloudfront = sandbox.client("alpha002", "cloudfront")
    (distribution,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    answer = cloudfront.get_distribution_config(Id=distribution["Id"])
    config = {**answer["DistributionConfig"], "Enabled": False}
    etag = cloudfront.update_distribution(Id=distribution["Id"], IfMatch=answer["ETag"], DistributionConfig=config)[
        "ETag"
    ]
    wait_for(lambda: cloudfront.get_distribution(Id=distribution["Id"])["Distribution"]["Status"] == "Deployed")
    cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=etag)
    sandbox.client("alpha002", "secretsmanager").delete_secret(SecretId="Alpha002-dev/image-signing-key")
    sandbox.client("alpha002", "cloudformation").delete_stack(StackName="Alpha002-dev-image-upload-exports")

    sandbox.play(*DEPLOY).succeeded()
    exactly_one_of_each(sandbox)

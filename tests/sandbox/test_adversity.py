"""One partition from its first deployment on, while AWS is slow and shows late what it has done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from arda_sandbox.settings import DELAYS

from .helpers.inventory import exports, inventory_of
from .helpers.sample import EXHAUSTIVE, exhaustive
from .helpers.sandbox import UNPROVEN, Sandbox, wait_for
from .helpers.viewers import GRANT, TIMES, Connection, put_image, reading, signer

ONE = ("-l", "alpha002_dev")
KEY_PAIR_ID = "Alpha002-dev-API-ImageSigningKeyPairId"


@pytest.fixture(scope="module")
def slow(sandbox: Sandbox) -> Iterator[Sandbox]:
    """An empty sandbox with every delay at its adverse value, and one partition deployed on it."""
    sandbox.reset()
    with sandbox.delays(**{name: delay.adverse for name, delay in DELAYS.items()}):
        sandbox.play("site.yml", *ONE).succeeded()
        yield sandbox


@exhaustive
def test_site_under_adversity_creates_one_of_each(slow: Sandbox) -> None:
    assert all(exports(slow, "alpha002").values())
    held = inventory_of(slow, "alpha002")
    for kind in ("zones", "certificates", "keys", "groups", "distributions", "secrets"):
        assert len(held[kind]) == 1, f"{kind}: {held[kind]}"


@exhaustive
def test_second_run_under_adversity_changes_nothing(slow: Sandbox) -> None:
    assert slow.play("site.yml", *ONE).succeeded().changed == 0


@pytest.mark.skipif(not EXHAUSTIVE, reason="make exhaustive rotates under adversity; test_rotation does without it")
def test_rotation_under_adversity_refuses_none_of_3000_reads(slow: Sandbox, capsys: pytest.CaptureFixture) -> None:
    put_image(slow)
    before = exports(slow, "alpha002")[KEY_PAIR_ID]
    with reading(slow) as readers:
        slow.play("playbooks/rotate_signing_key.yml", *ONE, *UNPROVEN, *TIMES).succeeded()
        rotated = time.monotonic()
        wait_for(lambda: sum(r.seen.total() for r in readers) >= 3000 and time.monotonic() > rotated + GRANT, 300)
    seen = sum((reader.seen for reader in readers), Counter())
    with capsys.disabled():
        print(f"\n{seen['200']} of {seen.total()} reads answered during a rotation under adversity")
    assert seen == Counter({"200": seen.total()})
    assert exports(slow, "alpha002")[KEY_PAIR_ID] != before


@pytest.mark.skipif(not EXHAUSTIVE, reason="make exhaustive revokes under adversity")
def test_revocation_under_adversity_ends_the_old_cookies_and_proves_the_new(slow: Sandbox) -> None:
    old = signer(slow).cookies("dev.alpha002.assets.arda.cards", "tenant", 3600)
    slow.play("playbooks/revoke_signing_key.yml", *ONE, "-e", "image_partition_revoke_confirmed=true").succeeded()
    assert len(inventory_of(slow, "alpha002")["keys"]) == 1
    wait_for(lambda: Connection(slow).read(old).startswith("403"), DELAYS["deploy"].adverse + 15)
    assert Connection(slow).read(signer(slow).cookies("dev.alpha002.assets.arda.cards", "tenant", 3600)) == "200"


@exhaustive
def test_verification_under_adversity_passes(slow: Sandbox) -> None:
    assert "checks passed" in slow.play("playbooks/verify.yml", *ONE).succeeded().output

"""States of a signing key that several tests begin with."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.arda.image_upload.plugins.module_utils._signing_key.state import (
    Group,
    PublicKey,
    Snapshot,
    Version,
)

A, B = Version("va", "fa", "KA"), Version("vb", "fb", "KB")
KEY_A, KEY_B = PublicKey("KA", "fa", created=1000.0), PublicKey("KB", "fb", created=2000.0)
FOREIGN = PublicKey("KX", "fx", owned=False)
IN_USE = Snapshot("present", "va", A, None, (KEY_A,), Group("G", ("KA",)), group_count=1, now=4000.0)
HALF_WAY = replace(IN_USE, pending=B, public_keys=(KEY_A, KEY_B), group=Group("G", ("KA", "KB")))
ROTATED = replace(
    IN_USE, current=B, public_keys=(replace(KEY_A, replaced=3000.0), KEY_B), group=Group("G", ("KA", "KB"))
)

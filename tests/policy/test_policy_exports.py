"""The public surface of `policy`."""

from __future__ import annotations

import policy


def test_the_exported_names_are_sorted_and_importable():
    assert list(policy.__all__) == sorted(
        policy.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name)
    )
    assert all(hasattr(policy, name) for name in policy.__all__)


def test_every_error_is_a_lakeward_error():
    assert issubclass(policy.PolicyError, policy.LakewardError)

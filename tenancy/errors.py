"""What can go wrong with keys and control state.

LakewardError
├── RootKeyError         the root key file is missing, readable by others, malformed or of another lake
├── SigningKeyError      the key that signs receipts is missing, readable by others, or of another pair
└── ControlStateError    the control database does not belong to the lake, or is older than it
"""

from __future__ import annotations

from policy.errors import LakewardError


class RootKeyError(LakewardError):
    """The root key cannot be used; nothing is read or written without it."""


class SigningKeyError(LakewardError):
    """Receipts cannot be signed, or not checked with this key."""


class ControlStateError(LakewardError):
    """The control database and the lake contradict each other; nothing is written until that is mended."""

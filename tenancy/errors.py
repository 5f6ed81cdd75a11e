"""What can go wrong with keys and control state.

LakewardError
├── RootKeyError         the root key file is missing, readable by others, malformed or of another lake
└── ControlStateError    the control database does not belong to the lake, or is older than it
"""

from __future__ import annotations

from policy.errors import LakewardError


class RootKeyError(LakewardError):
    """The root key cannot be used; nothing is read or written without it."""


class ControlStateError(LakewardError):
    """The control database and the lake contradict each other; nothing is written until that is mended."""

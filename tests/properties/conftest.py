from __future__ import annotations

import pytest

pytest.register_assert_rewrite("lake_model", "plain_lake", "delta_files")

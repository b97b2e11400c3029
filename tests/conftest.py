"""How hypothesis runs: the same seeded sample each time, or long and random with VERDICTLOG_TEST_LONG=1."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

settings.register_profile(
    "dev",
    derandomize=True,
    max_examples=15,
    deadline=None,
    suppress_health_check=QUIET,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
settings.register_profile("long", max_examples=400, deadline=None, suppress_health_check=QUIET)
settings.load_profile("long" if os.environ.get("VERDICTLOG_TEST_LONG") == "1" else "dev")

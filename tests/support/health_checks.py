"""The health checks of Hypothesis, for tests whose examples are slow or large by nature."""

from typing import cast

from hypothesis import HealthCheck

# A cast, because the types of Hypothesis name the metaclass as what iteration yields.
ALL_HEALTH_CHECKS = cast("list[HealthCheck]", list(HealthCheck))

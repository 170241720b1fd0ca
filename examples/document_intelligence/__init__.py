"""Document Intelligence: documents are analysed in the background, and asked for until they are done.

EXTENSION_PATH=examples/document_intelligence. Its settings:

* DOCUMENT_INTELLIGENCE_SECONDS: how long an analysis takes, 2 by default.
* DOCUMENT_INTELLIGENCE_REQUESTS_PER_SECOND: analyses that may be started a second, 15 by default.
* DOCUMENT_INTELLIGENCE_ENDPOINT, DOCUMENT_INTELLIGENCE_KEY: the resource whose answers record mode records.

Clients send the simulator's key as `ocp-apim-subscription-key`.
"""

import time

from simulator.extensions import Extensions

from .forwarding import forwarder
from .keys import subscription_key
from .limits import RequestsPerSecond
from .operations import AnalysisResult, Analyze


def initialize(extensions: Extensions) -> None:
    settings = extensions.settings
    seconds = float(settings.get("DOCUMENT_INTELLIGENCE_SECONDS", "2"))
    allowed = int(settings.get("DOCUMENT_INTELLIGENCE_REQUESTS_PER_SECOND", "15"))
    extensions.add_operation(lambda resources: Analyze(resources, seconds))
    extensions.add_operation(lambda resources: AnalysisResult(resources, seconds))
    extensions.add_limiter(RequestsPerSecond(allowed, time.monotonic))
    extensions.add_authentication(subscription_key)
    if endpoint := settings.get("DOCUMENT_INTELLIGENCE_ENDPOINT"):
        key = settings.get("DOCUMENT_INTELLIGENCE_KEY", "")
        extensions.add_forwarder(forwarder(endpoint, key))

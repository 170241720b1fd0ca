"""The package started as Azure starts it on each plan: its app settings, its identity, its storage."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.infra.app_settings import PLANS, deployed
from tests.support.app_identity import identity_endpoint, secure_blobs

ACCOUNT, CLIENT_ID, KEY = "stq7dkm3nwjwk6y", "6f0c1f0e-0000-4000-8000-000000000001", "the-key"
VAULT = "https://kv-q7dkm3nwjwk6y.vault.azure.net/secrets"
IDENTITY = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/i/id-test"
INGESTION = "eastus2-0.in.applicationinsights.azure.com"
INSIGHTS = "InstrumentationKey=00000000-0000-0000-0000-000000000000"
# What modules are given by others: outputs of resources.
GIVEN = {
    "identityId": IDENTITY,
    "identityClientId": CLIENT_ID,
    "storageAccountName": ACCOUNT,
    "recordingsContainerName": "recordings",
    "apiKeySecretUri": f"{VAULT}/simulator-api-key",
    "upstreamKeySecretUri": f"{VAULT}/azure-openai-key",
    "connectionString": f"{INSIGHTS};IngestionEndpoint=https://{INGESTION}/",
    "redisUrl": "",
    "packageUrl": f"https://{ACCOUNT}.blob.core.windows.net/app-package/package.zip",
}
OWN = {"LATENCY": "0", "STORAGE_TIMEOUT": "60"}
# What each plan sets for every app. Flex Consumption has no WEBSITE_INSTANCE_ID.
WEBSITE = {"WEBSITE_SITE_NAME": "func-test", "WEBSITE_HOSTNAME": "func-test.azurewebsites.net"}
OF_PLAN = {
    "flex": {
        "WEBSITE_SKU": "FlexConsumption",
        "WEBSITE_POD_NAME": "pod-0",
        "CONTAINER_NAME": "container-0",
        "LEGION_SERVICE_HOST": "10.0.0.1",
    },
    "premium": {"WEBSITE_SKU": "ElasticPremium", "WEBSITE_INSTANCE_ID": "0123456789abcdef"},
}

Drive = Callable[[Path, dict[str, str], dict[str, int]], bytes]


def resolved(settings: dict[str, str], *, unless: str = "") -> dict[str, str]:
    """References to Key Vault replaced, as Azure does it; what it cannot resolve stays as it is."""
    return {
        name: KEY if value.startswith("@Microsoft.KeyVault(") and name != unless else value
        for name, value in settings.items()
    }


def as_deployed(drive: Drive, folder: Path, certificates: Path) -> dict[str, Any]:
    """What came of each start, by the plan; `unresolved` is one without a setting's secret."""
    with identity_endpoint(CLIENT_ID) as identity, secure_blobs(ACCOUNT, certificates) as blobs:
        machine = {"SSL_CERT_FILE": str(blobs.certificate.trusted), **identity.environment}

        def start(plan: str, unless: str = "") -> dict[str, Any]:
            settings = resolved(deployed(plan, GIVEN, OWN), unless=unless)
            environment = {**machine, **WEBSITE, **OF_PLAN[plan], **settings}
            return json.loads(drive(folder, environment, {blobs.host: blobs.port}))

        with ThreadPoolExecutor(len(PLANS) + 1) as starts:
            plans = {plan: starts.submit(start, plan) for plan in PLANS}
            unresolved = starts.submit(start, "flex", "SIMULATOR_API_KEY")
        told = {plan: waited.result() for plan, waited in plans.items()}
        asked = sorted(set(identity.asked))
        names = blobs.names("recordings")
    return {**told, "unresolved": unresolved.result(), "asked": asked, "blobs": names}

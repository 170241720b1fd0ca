from types import SimpleNamespace

import azure.identity
import pytest
from azure.core.exceptions import ClientAuthenticationError

from simulator.errors import UpstreamUnavailable
from simulator.upstream.credentials import SCOPE, ApiKey, EntraToken


class Identity:
    """An identity whose tokens are numbered and last an hour."""

    def __init__(self):
        self.asked = []
        self.refuses = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def get_token(self, scope):
        self.asked.append(scope)
        if self.refuses:
            raise ClientAuthenticationError("nobody is signed in\nmany more lines")
        return SimpleNamespace(token=f"token-{len(self.asked)}", expires_on=3600 * len(self.asked))


@pytest.fixture
def identity(monkeypatch):
    made = Identity()
    # Signing in for real needs Azure; nothing else of the credential is replaced.
    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", lambda: made)
    return made


def test_a_key_is_sent_as_azure_wants_it():
    assert ApiKey("k").headers() == {"api-key": "k"}


def test_a_key_may_be_expected_in_another_header():
    assert ApiKey("k", header="x-key").headers() == {"x-key": "k"}


def test_a_token_is_asked_for_once_and_renewed_before_it_expires(identity):
    moment = 0.0
    token = EntraToken(lambda: moment)
    assert token.headers() == {"authorization": "Bearer token-1"}
    moment = 3299.0
    assert token.headers() == {"authorization": "Bearer token-1"}
    moment = 3301.0
    assert token.headers() == {"authorization": "Bearer token-2"}
    assert identity.asked == [SCOPE, SCOPE]


def test_without_key_and_identity_the_error_says_what_to_do(identity):
    identity.refuses = True
    with pytest.raises(
        UpstreamUnavailable, match=r"AZURE_OPENAI_KEY is not set.*nobody is signed in"
    ):
        EntraToken(lambda: 0.0).headers()

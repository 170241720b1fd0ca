import pytest

from simulator.storage.connection import StorageConnection, find_connection

ACCOUNT = "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=a2V5;"


@pytest.mark.parametrize(
    ("environment", "connection"),
    [
        ({}, None),
        ({"RecordingStorage": "  "}, None),
        (
            {"RecordingStorage": "UseDevelopmentStorage=true"},
            StorageConnection("UseDevelopmentStorage=true"),
        ),
        ({"RECORDINGSTORAGE": ACCOUNT}, StorageConnection(ACCOUNT)),
        (
            {"RecordingStorage__accountName": "acme"},
            StorageConnection(account_url="https://acme.blob.core.windows.net"),
        ),
        (
            {"recordingstorage:blobServiceUri": "https://b"},
            StorageConnection(account_url="https://b"),
        ),
        (
            {
                "RecordingStorage__accountName": "acme",
                "RecordingStorage__credential": "managedidentity",
                "RecordingStorage__clientId": "me",
            },
            StorageConnection("", "https://acme.blob.core.windows.net", True, "me"),
        ),
        ({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, None),
    ],
)
def test_the_settings_name_the_connection(environment, connection):
    assert find_connection(environment) == connection


def test_on_azure_the_hosts_storage_serves():
    environment = {"AzureWebJobsStorage__accountName": "host"}
    found = find_connection(environment, on_azure=True)
    assert found == StorageConnection(account_url="https://host.blob.core.windows.net")


def test_on_azure_a_storage_of_its_own_comes_first():
    environment = {"AzureWebJobsStorage": "AccountName=host", "RecordingStorage": ACCOUNT}
    assert find_connection(environment, on_azure=True) == StorageConnection(ACCOUNT)


def test_a_connection_without_an_account_is_refused():
    with pytest.raises(ValueError, match="RecordingStorage__blobServiceUri or"):
        find_connection({"RecordingStorage__credential": "managedidentity"})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "a connection string, NAME=value"),
        ("AccountName=acme;secret", "a connection string, NAME=value"),
        ("x=y", "neither AccountName nor BlobEndpoint"),
        ("UseDevelopmentStorage=false", "neither AccountName nor BlobEndpoint"),
        ("AccountName=acme", "neither AccountKey nor SharedAccessSignature"),
        ("AccountName=acme;AccountKey=secret!", "AccountKey .* is not base64"),
    ],
)
def test_what_is_no_connection_string_is_refused(text: str, problem: str):
    with pytest.raises(ValueError, match=problem) as refused:
        find_connection({"RecordingStorage": text})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [ACCOUNT, ACCOUNT.lower(), "BlobEndpoint=http://a/b;SharedAccessSignature=sv=1&sig=a%3D"],
)
def test_members_of_a_connection_string_match_in_any_case(text: str):
    assert find_connection({"RecordingStorage": text}) == StorageConnection(text)


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_an_identity_needs_an_address_over_https(scheme: str):
    address = f"{scheme}acme.blob.core.windows.net"
    with pytest.raises(ValueError, match="blobServiceUri is no address that starts with https"):
        find_connection({"RecordingStorage__blobServiceUri": address})


def test_a_connection_string_is_in_no_text_about_the_connection():
    assert "secret" not in repr(StorageConnection("AccountKey=secret"))

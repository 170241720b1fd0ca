import pytest

from simulator.storage.connection import StorageConnection, find_connection


@pytest.mark.parametrize(
    ("environment", "connection"),
    [
        ({}, None),
        ({"RecordingStorage": "  "}, None),
        (
            {"RecordingStorage": "UseDevelopmentStorage=true"},
            StorageConnection("UseDevelopmentStorage=true"),
        ),
        ({"RECORDINGSTORAGE": "x=y"}, StorageConnection("x=y")),
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
    environment = {"AzureWebJobsStorage": "host", "RecordingStorage": "own"}
    assert find_connection(environment, on_azure=True) == StorageConnection("own")


def test_a_connection_without_an_account_is_refused():
    with pytest.raises(ValueError, match="RecordingStorage__blobServiceUri or"):
        find_connection({"RecordingStorage__credential": "managedidentity"})


def test_a_connection_string_is_in_no_text_about_the_connection():
    assert "secret" not in repr(StorageConnection("AccountKey=secret"))

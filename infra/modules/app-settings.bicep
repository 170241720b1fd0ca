@description('The client id of that identity.')
param identityClientId string

@description('The name of the storage account of the host and of the recordings.')
param storageAccountName string

@description('The name of the container with the recordings.')
param recordingsContainerName string

@description('Where the key for clients is in Key Vault.')
param apiKeySecretUri string

@description('Where the key of the Azure OpenAI resource is in Key Vault; empty without one.')
param upstreamKeySecretUri string

@description('Where telemetry goes.')
param connectionString string

@description('The address of the Redis that limits are counted in; empty without one.')
param redisUrl string

@description('The app settings of the simulator, by name.')
param appSettings object

var hostSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsDisableHomepage: 'true'
  APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AZURE_CLIENT_ID: identityClientId
}
var simulatorSettings = {
  SIMULATOR_API_KEY: '@Microsoft.KeyVault(SecretUri=${apiKeySecretUri})'
  RecordingStorage__accountName: storageAccountName
  RecordingStorage__credential: 'managedidentity'
  RecordingStorage__clientId: identityClientId
  RECORDING_CONTAINER: recordingsContainerName
}
var upstreamSettings = empty(upstreamKeySecretUri) ? {} : {
  AZURE_OPENAI_KEY: '@Microsoft.KeyVault(SecretUri=${upstreamKeySecretUri})'
}
var redisSettings = empty(redisUrl) ? {} : {
  RATE_LIMIT_REDIS_URL: redisUrl
  RATE_LIMIT_REDIS_IDENTITY: 'true'
  RATE_LIMIT_REDIS_CLIENT_ID: identityClientId
}

// What this deployment makes comes last: nobody's own setting leads away from it.
@description('All app settings, by name, whatever the plan. Keys are references to Key Vault.')
output settings object = union(appSettings, simulatorSettings, upstreamSettings, redisSettings, hostSettings)

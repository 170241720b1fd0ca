@description('The name of this environment: part of the names of its resources.')
param environmentName string

@description('The Azure region of all resources.')
param location string = resourceGroup().location

@description('The key that clients must send.')
@secure()
param apiKey string

@description('The key of the Azure OpenAI resource that record mode asks; empty for the managed identity.')
@secure()
param upstreamKey string

@description('The app settings of the simulator, by name.')
param appSettings object

@description('The object id of whoever may read and change the recordings, besides the app; empty for nobody.')
param developerPrincipalId string

@description('What kind of principal that is.')
param developerPrincipalType string

@description('The plan that the app runs on.')
param plan string

@description('The memory of an instance in MB, on Flex Consumption.')
param instanceMemoryMB int

@description('How many HTTP requests an instance takes at a time, on Flex Consumption.')
param httpConcurrency int

@description('How many instances are kept running for HTTP requests.')
param alwaysReadyInstances int

@description('Whether rate limits are counted in an Azure Managed Redis.')
param useRedis bool

@description('The size of the Redis.')
param redisSku string

@description('Whether the Redis runs on two nodes.')
param redisHighAvailability bool

@description('The maximum of instances without Redis.')
param maximumInstancesWithoutRedis int

@description('The maximum of instances with Redis.')
param maximumInstancesWithRedis int

@description('Whether older versions of changed blobs are kept.')
param blobVersioning bool

@description('For how many days deleted blobs can be restored.')
param softDeleteDays int

@description('How the storage account is replicated.')
param storageSku string

@description('Whether there is a virtual network with private endpoints.')
param privateNetwork bool

@description('The address space of the virtual network.')
param networkAddressPrefix string

@description('Whether the simulator is reachable from the internet.')
param publicAccess bool

@description('Whether nobody, not even an owner, can purge the Key Vault before its retention of seven days ends. It cannot be turned off again.')
param vaultPurgeProtection bool

@description('For how many days logs are kept.')
param logRetentionDays int

@description('Tags of all resources.')
param tags object

var token = uniqueString(subscription().id, resourceGroup().id, environmentName)
var premium = plan == 'premium'
var appName = 'func-${environmentName}-${token}'
var planName = 'plan-${environmentName}-${token}'
// Limits are exact on one instance, and on several where they are counted in one place; else each has its share.
var maximumInstances = useRedis ? maximumInstancesWithRedis : maximumInstancesWithoutRedis

// User-assigned, so that it has its roles before the app starts.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${environmentName}-${token}'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    workspaceName: 'log-${environmentName}-${token}'
    componentName: 'appi-${environmentName}-${token}'
    location: location
    retentionDays: logRetentionDays
    appPrincipalId: identity.properties.principalId
    tags: tags
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  params: {
    name: 'vnet-${environmentName}-${token}'
    location: location
    addressPrefix: networkAddressPrefix
    delegatedTo: premium ? 'Microsoft.Web/serverFarms' : 'Microsoft.App/environments'
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    skuName: storageSku
    versioning: blobVersioning
    softDeleteDays: softDeleteDays
    publicAccess: !privateNetwork
    appPrincipalId: identity.properties.principalId
    developerPrincipalId: developerPrincipalId
    developerPrincipalType: developerPrincipalType
    developerDeploys: premium
    tags: tags
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: 'kv-${token}'
    location: location
    publicAccess: !privateNetwork
    apiKey: apiKey
    upstreamKey: upstreamKey
    purgeProtection: vaultPurgeProtection
    appPrincipalId: identity.properties.principalId
    tags: tags
  }
}

module redis 'modules/redis.bicep' = if (useRedis) {
  name: 'redis'
  params: {
    name: 'redis-${environmentName}-${token}'
    location: location
    skuName: redisSku
    highAvailability: redisHighAvailability
    publicAccess: !privateNetwork
    appPrincipalId: identity.properties.principalId
    tags: tags
  }
}

module storageEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  name: 'storage-endpoint'
  params: {
    name: 'pe-blob-${token}'
    location: location
    targetId: storage.outputs.id
    groupId: 'blob'
    zoneName: 'privatelink.blob.${environment().suffixes.storage}'
    networkId: privateNetwork ? network.outputs.id : ''
    subnetId: privateNetwork ? network.outputs.endpointSubnetId : ''
    tags: tags
  }
}

module vaultEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  name: 'vault-endpoint'
  params: {
    name: 'pe-vault-${token}'
    location: location
    targetId: vault.outputs.id
    groupId: 'vault'
    zoneName: 'privatelink.vaultcore.azure.net'
    networkId: privateNetwork ? network.outputs.id : ''
    subnetId: privateNetwork ? network.outputs.endpointSubnetId : ''
    tags: tags
  }
}

module redisEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork && useRedis) {
  name: 'redis-endpoint'
  params: {
    name: 'pe-redis-${token}'
    location: location
    targetId: useRedis ? redis.outputs.id : ''
    groupId: 'redisEnterprise'
    zoneName: 'privatelink.redis.azure.net'
    networkId: privateNetwork ? network.outputs.id : ''
    subnetId: privateNetwork ? network.outputs.endpointSubnetId : ''
    tags: tags
  }
}

module settings 'modules/app-settings.bicep' = {
  name: 'app-settings'
  params: {
    identityClientId: identity.properties.clientId
    storageAccountName: storage.outputs.name
    recordingsContainerName: storage.outputs.recordingsContainerName
    apiKeySecretUri: vault.outputs.apiKeySecretUri
    upstreamKeySecretUri: vault.outputs.upstreamKeySecretUri
    connectionString: monitoring.outputs.connectionString
    redisUrl: useRedis ? redis.outputs.url : ''
    appSettings: appSettings
  }
}

module flexApp 'modules/flex-app.bicep' = if (!premium) {
  name: 'flex-app'
  params: {
    name: appName
    planName: planName
    location: location
    identityId: identity.id
    packageContainerUrl: storage.outputs.packageContainerUrl
    settings: settings.outputs.settings
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
    alwaysReadyInstances: min(alwaysReadyInstances, maximumInstances)
    maximumInstances: maximumInstances
    subnetId: privateNetwork ? network.outputs.appSubnetId : ''
    publicAccess: publicAccess
    tags: tags
  }
  dependsOn: [storageEndpoint, vaultEndpoint, redisEndpoint]
}

module premiumApp 'modules/premium-app.bicep' = if (premium) {
  name: 'premium-app'
  params: {
    name: appName
    planName: planName
    location: location
    identityId: identity.id
    packageUrl: storage.outputs.packageUrl
    settings: settings.outputs.settings
    alwaysReadyInstances: min(alwaysReadyInstances, maximumInstances)
    maximumInstances: maximumInstances
    subnetId: privateNetwork ? network.outputs.appSubnetId : ''
    publicAccess: publicAccess
    tags: tags
  }
  dependsOn: [storageEndpoint, vaultEndpoint, redisEndpoint]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork && !publicAccess) {
  name: 'app-endpoint'
  params: {
    name: 'pe-app-${token}'
    location: location
    targetId: premium ? premiumApp.outputs.id : flexApp.outputs.id
    groupId: 'sites'
    zoneName: 'privatelink.azurewebsites.net'
    networkId: privateNetwork ? network.outputs.id : ''
    subnetId: privateNetwork ? network.outputs.endpointSubnetId : ''
    tags: tags
  }
}

@description('The address of the simulator.')
output functionUrl string = premium ? premiumApp.outputs.url : flexApp.outputs.url

@description('The name of the Function App.')
output functionAppName string = premium ? premiumApp.outputs.name : flexApp.outputs.name

@description('The address of the blob container with the recordings.')
output recordingsContainerUrl string = storage.outputs.recordingsContainerUrl

@description('The name of the Key Vault.')
output keyVaultName string = vault.outputs.name

@description('The address of the package that an app on Elastic Premium runs from.')
output packageUrl string = storage.outputs.packageUrl

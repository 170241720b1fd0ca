targetScope = 'subscription'

@description('The name of this environment: part of the names of its resources, and its tag.')
@minLength(2)
@maxLength(24)
param environmentName string

@description('The Azure region of all resources. The plan must be offered there.')
param location string

@description('The resource group, made if there is none of this name.')
param resourceGroupName string = 'rg-${environmentName}'

@description('The key that clients must send. It is kept in Key Vault.')
@secure()
@minLength(8)
param apiKey string

@description('The key of the Azure OpenAI resource that record mode asks, kept in Key Vault. Without it the app signs in with its managed identity.')
@secure()
param upstreamKey string = ''

@description('The app settings of the simulator, by name; docs/configuration.md lists them.')
param appSettings object = {}

@description('The object id of whoever may read and change the recordings, besides the app: empty for nobody.')
param developerPrincipalId string = ''

@description('What kind of principal that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param developerPrincipalType string = 'User'

@description('The plan: Flex Consumption, which may start more instances than the maximum for a short time, or Elastic Premium, which is billed all the time.')
@allowed(['flex', 'premium'])
param plan string = 'flex'

@description('The memory of an instance in MB, on Flex Consumption.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('How many HTTP requests an instance takes at a time, on Flex Consumption. The simulator waits most of the time, so one instance takes many.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 1000

@description('How many instances are kept running for HTTP requests, which spares cold starts; never more than the maximum.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

@description('Whether rate limits are counted in an Azure Managed Redis, so that there may be several instances.')
param useRedis bool = false

@description('The size of the Redis.')
@allowed([
  'Balanced_B0'
  'Balanced_B1'
  'Balanced_B3'
  'Balanced_B5'
  'Balanced_B10'
  'Balanced_B20'
  'Balanced_B50'
])
param redisSku string = 'Balanced_B0'

@description('Whether the Redis runs on two nodes.')
param redisHighAvailability bool = false

@description('The maximum of instances without Redis, where each has its share of the limits. Some regions take 40 and more only.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 1

@description('The maximum of instances with Redis.')
@minValue(1)
@maxValue(1000)
param maximumInstancesWithRedis int = 10

@description('Whether older versions of changed recordings are kept. The host rewrites its own blobs every few minutes, and their versions are kept, too.')
param blobVersioning bool = false

@description('For how many days deleted recordings can be restored; 0 is not at all.')
@minValue(0)
@maxValue(365)
param softDeleteDays int = 7

@description('How the storage account is replicated.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_LRS'

@description('Whether the app reaches storage, Key Vault and Redis through private endpoints in a virtual network of its own, and nobody from outside.')
param privateNetwork bool = false

@description('The address space of that virtual network: a /24 or larger.')
param networkAddressPrefix string = '10.20.0.0/24'

@description('Whether the simulator itself is reachable from the internet. If not, it has a private endpoint in the virtual network, which privateNetwork makes.')
param publicAccess bool = true

@description('Whether nobody, not even an owner, can purge the Key Vault before its retention of seven days ends. It cannot be turned off again.')
param vaultPurgeProtection bool = false

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Tags of all resources.')
param tags object = {}

var allTags = union(tags, { 'azd-env-name': environmentName })

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module resources 'resources.bicep' = {
  name: 'resources'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    apiKey: apiKey
    upstreamKey: upstreamKey
    appSettings: appSettings
    developerPrincipalId: developerPrincipalId
    developerPrincipalType: developerPrincipalType
    plan: plan
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
    alwaysReadyInstances: alwaysReadyInstances
    useRedis: useRedis
    redisSku: redisSku
    redisHighAvailability: redisHighAvailability
    maximumInstancesWithoutRedis: maximumInstances
    maximumInstancesWithRedis: maximumInstancesWithRedis
    blobVersioning: blobVersioning
    softDeleteDays: softDeleteDays
    storageSku: storageSku
    privateNetwork: privateNetwork
    networkAddressPrefix: networkAddressPrefix
    publicAccess: publicAccess
    vaultPurgeProtection: vaultPurgeProtection
    logRetentionDays: logRetentionDays
    tags: allTags
  }
}

@description('The address of the simulator: the azure_endpoint of clients.')
output SIMULATOR_URL string = resources.outputs.functionUrl

@description('The address of the blob container with the recordings.')
output RECORDINGS_CONTAINER_URL string = resources.outputs.recordingsContainerUrl

@description('The name of the Function App.')
output FUNCTION_APP_NAME string = resources.outputs.functionAppName

@description('The name of the Key Vault.')
output KEY_VAULT_NAME string = resources.outputs.keyVaultName

@description('The plan.')
output PLAN string = plan

@description('The address of the package that an app on Elastic Premium runs from.')
output PACKAGE_URL string = resources.outputs.packageUrl

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

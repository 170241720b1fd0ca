@description('The name of the storage account.')
@minLength(3)
@maxLength(24)
param name string

@description('The Azure region.')
param location string

@description('How the account is replicated.')
param skuName string

@description('Whether older versions of changed blobs are kept.')
param versioning bool

@description('For how many days deleted blobs can be restored; 0 is not at all.')
param softDeleteDays int

@description('Whether the account is reachable from public networks, by identities that have a role.')
param publicAccess bool

@description('The principal id of the app.')
param appPrincipalId string

@description('The object id of whoever may read and change the recordings, besides the app; empty for nobody.')
param developerPrincipalId string

@description('What kind of principal that is.')
param developerPrincipalType string

@description('Whether that principal puts packages into the container that the app is deployed from.')
param developerDeploys bool

@description('Tags of the account.')
param tags object

// What Microsoft documents as the least for the storage of a host with HTTP and timer triggers:
// it makes containers of its own and takes leases. Queues and tables stay closed.
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: skuName }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: versioning
    deleteRetentionPolicy: softDeleteDays > 0 ? { enabled: true, days: softDeleteDays } : { enabled: false }
    containerDeleteRetentionPolicy: softDeleteDays > 0 ? { enabled: true, days: softDeleteDays } : { enabled: false }
  }
}

resource recordings 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'recordings'
  properties: { publicAccess: 'None' }
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'app-package'
  properties: { publicAccess: 'None' }
}

resource appStores 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, storageBlobDataOwner)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource developerEdits 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(developerPrincipalId)) {
  name: guid(recordings.id, developerPrincipalId, storageBlobDataContributor)
  scope: recordings
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    principalId: developerPrincipalId
    principalType: developerPrincipalType
  }
}

resource developerPuts 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (developerDeploys && !empty(developerPrincipalId)) {
  name: guid(package.id, developerPrincipalId, storageBlobDataContributor)
  scope: package
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    principalId: developerPrincipalId
    principalType: developerPrincipalType
  }
}

@description('The resource id of the account.')
output id string = account.id

@description('The name of the account.')
output name string = account.name

@description('The name of the container with the recordings.')
output recordingsContainerName string = recordings.name

@description('The address of that container.')
output recordingsContainerUrl string = '${account.properties.primaryEndpoints.blob}${recordings.name}'

@description('The address of the container that the app is deployed from.')
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${package.name}'

@description('The address of the package, for a plan that runs from one blob.')
output packageUrl string = '${account.properties.primaryEndpoints.blob}${package.name}/package.zip'

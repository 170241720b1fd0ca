@description('The name of the Azure Managed Redis.')
param name string

@description('The Azure region.')
param location string

@description('Its size.')
param skuName string

@description('Whether it runs on two nodes.')
param highAvailability bool

@description('Whether it is reachable from public networks, by identities that have access.')
param publicAccess bool

@description('The principal id of the app, the only one with access.')
param appPrincipalId string

@description('Tags of the resource.')
param tags object

resource cluster 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: skuName }
  properties: {
    minimumTlsVersion: '1.2'
    highAvailability: highAvailability ? 'Enabled' : 'Disabled'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: cluster
  name: 'default'
  properties: {
    accessKeysAuthentication: 'Disabled'
    clientProtocol: 'Encrypted'
    // A plain client talks to it as to a single server, whose scripts may touch any keys.
    clusteringPolicy: 'EnterpriseCluster'
    // A window that is thrown out would be a limit that is forgotten.
    evictionPolicy: 'NoEviction'
    port: 10000
  }
}

resource appCounts 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-07-01' = {
  parent: database
  name: 'simulator'
  properties: {
    accessPolicyName: 'default'
    user: { objectId: appPrincipalId }
  }
}

@description('The resource id of the cluster.')
output id string = cluster.id

@description('The address of the database; it holds no key.')
output url string = 'rediss://${cluster.properties.hostName}:10000'

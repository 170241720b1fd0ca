@description('The name of the Function App.')
param name string

@description('The name of its plan.')
param planName string

@description('The Azure region.')
param location string

@description('The resource id of the identity that the app runs as.')
param identityId string

@description('The address of the container that the app is deployed from.')
param packageContainerUrl string

@description('All app settings, by name.')
param settings object

@description('The memory of an instance in MB.')
param instanceMemoryMB int

@description('How many HTTP requests an instance takes at a time.')
param httpConcurrency int

@description('How many instances are kept running for HTTP requests.')
param alwaysReadyInstances int

@description('The maximum of instances.')
param maximumInstances int

@description('The resource id of the subnet that the app reaches others through; empty without one.')
param subnetId string

@description('Whether the simulator is reachable from the internet.')
param publicAccess bool

@description('Tags of the resources.')
param tags object

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'simulator' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: [for setting in items(settings): { name: setting.key, value: setting.value }]
    }
    functionAppConfig: {
      runtime: { name: 'python', version: '3.13' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
  }
}

// Deployments sign in with Entra identities; passwords for them are switched off.
resource passwords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [for kind in ['scm', 'ftp']: {
  parent: app
  name: kind
  properties: { allow: false }
}]

@description('The resource id of the app.')
output id string = app.id

@description('The name of the app.')
output name string = app.name

@description('The address of the app.')
output url string = 'https://${app.properties.defaultHostName}'

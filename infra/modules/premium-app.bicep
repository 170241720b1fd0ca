@description('The name of the Function App.')
param name string

@description('The name of its plan.')
param planName string

@description('The Azure region.')
param location string

@description('The resource id of the identity that the app runs as.')
param identityId string

@description('The address of the package that the app runs from, a blob.')
param packageUrl string

@description('All app settings, by name, but those of this plan.')
param settings object

@description('How many instances are kept running; one at least, which is billed all the time.')
param alwaysReadyInstances int

@description('The maximum of instances.')
param maximumInstances int

@description('The resource id of the subnet that the app reaches others through; empty without one.')
param subnetId string

@description('Whether the simulator is reachable from the internet.')
param publicAccess bool

@description('Tags of the resources.')
param tags object

// No share of Azure Files, which knows keys alone: the platform fetches the package with the identity.
var planSettings = {
  FUNCTIONS_EXTENSION_VERSION: '~4'
  FUNCTIONS_WORKER_RUNTIME: 'python'
  WEBSITE_RUN_FROM_PACKAGE: packageUrl
  WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identityId
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'elastic'
  sku: { name: 'EP1', tier: 'ElasticPremium', capacity: max(alwaysReadyInstances, 1) }
  properties: {
    reserved: true
    maximumElasticWorkerCount: maximumInstances
  }
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
      linuxFxVersion: 'Python|3.13'
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      // The limit of this app, whatever the plan could take.
      functionAppScaleLimit: maximumInstances
      minimumElasticInstanceCount: max(alwaysReadyInstances, 1)
      vnetRouteAllEnabled: !empty(subnetId)
      appSettings: [for setting in items(union(settings, planSettings)): { name: setting.key, value: setting.value }]
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

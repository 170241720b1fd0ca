@description('The name of the Key Vault.')
@minLength(3)
@maxLength(24)
param name string

@description('The Azure region.')
param location string

@description('Whether the vault is reachable from public networks, by identities that have a role.')
param publicAccess bool

@description('The key that clients must send.')
@secure()
param apiKey string

@description('The key of the Azure OpenAI resource; empty for none.')
@secure()
param upstreamKey string

@description('The principal id of the app, which reads these two secrets.')
param appPrincipalId string

@description('Whether nobody, not even an owner, can purge the vault before its retention ends. It cannot be turned off again.')
param purgeProtection bool

@description('Tags of the vault.')
param tags object

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    // Azure takes no false here.
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      // The deployment itself writes the secrets.
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource apiKeySecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'simulator-api-key'
  properties: { value: apiKey }
}

resource upstreamKeySecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(upstreamKey)) {
  parent: vault
  name: 'azure-openai-key'
  properties: { value: upstreamKey }
}

resource appReadsApiKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(apiKeySecret.id, appPrincipalId, keyVaultSecretsUser)
  scope: apiKeySecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource appReadsUpstreamKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(upstreamKey)) {
  name: guid(upstreamKeySecret.id, appPrincipalId, keyVaultSecretsUser)
  scope: upstreamKeySecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

@description('The resource id of the vault.')
output id string = vault.id

@description('The name of the vault.')
output name string = vault.name

@description('Where the key for clients is, without its version, so that a new one is taken up.')
output apiKeySecretUri string = '${vault.properties.vaultUri}secrets/${apiKeySecret.name}'

@description('Where the key of the Azure OpenAI resource is; empty without one.')
output upstreamKeySecretUri string = empty(upstreamKey) ? '' : '${vault.properties.vaultUri}secrets/azure-openai-key'

@description('The name of the private endpoint.')
param name string

@description('The Azure region.')
param location string

@description('The resource id of what it leads to.')
param targetId string

@description('Which of its services.')
@allowed(['blob', 'vault', 'redisEnterprise', 'sites'])
param groupId string

@description('The DNS zone in which clients find it.')
param zoneName string

@description('The resource id of the virtual network.')
param networkId string

@description('The resource id of the subnet.')
param subnetId string

@description('Tags of the resources.')
param tags object

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags
}

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: zone
  name: uniqueString(networkId)
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: { privateLinkServiceId: targetId, groupIds: [groupId] }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      { name: groupId, properties: { privateDnsZoneId: zone.id } }
    ]
  }
  dependsOn: [zoneLink]
}

@description('The name of the virtual network.')
param name string

@description('The Azure region.')
param location string

@description('Its address space: a /24 or larger.')
param addressPrefix string

@description('The service that the subnet for the app is delegated to.')
param delegatedTo string

@description('Tags of the network.')
param tags object

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          // For Flex Consumption the provider Microsoft.App must be registered.
          delegations: [
            { name: 'app', properties: { serviceName: delegatedTo } }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 27, 2)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}

@description('The resource id of the network.')
output id string = network.id

@description('The resource id of the subnet for the app.')
output appSubnetId string = network.properties.subnets[0].id

@description('The resource id of the subnet for private endpoints.')
output endpointSubnetId string = network.properties.subnets[1].id

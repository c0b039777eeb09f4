// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "supervisor/host.h"
#include "supervisor/network_options.h"

// What is told of networks in the run directory, before the kernel is asked for it: v1/networks/<id>, v1/endpoints/<port>, v1/router. All
// of it is good for one boot, as is what it tells of; the monitors of detached containers share it.
namespace tsc {

struct EndpointRecord {
  std::string container, network;
  RuleEndpoint rules;
  std::vector<std::string> names;
};

// Also those that cannot be read: what they told of may be there.
bool HasNetworkRecords(const Host& host);
// All but the router's.
void RemoveNetworkRecords(const Host& host);

Status WriteNetworkRecord(const Host& host, const NetworkDefinition& network);
void RemoveNetworkRecord(const Host& host, const std::string& id);
// ENOENT: there is none.
Result<NetworkDefinition> ReadNetworkRecord(const Host& host, const std::string& id);
Result<std::vector<NetworkDefinition>> ReadNetworkRecords(const Host& host);

Status WriteEndpointRecord(const Host& host, const EndpointRecord& endpoint);
// Its addresses are free then.
void RemoveEndpointRecord(const Host& host, const std::string& port);
Result<std::vector<std::string>> EndpointPorts(const Host& host);
Result<std::optional<EndpointRecord>> ReadEndpointRecord(const Host& host, const std::string& port);
Result<std::vector<EndpointRecord>> ReadEndpointRecords(const Host& host);

// What was changed to make the host a router.
struct SysctlChange {
  std::string path, before, after;
};
struct RouterRecord {
  std::vector<SysctlChange> changes;
  std::vector<std::string> uplinks;  // that were there then
};
Status WriteRouterRecord(const Host& host, const RouterRecord& record);
void RemoveRouterRecord(const Host& host);
RouterRecord ReadRouterRecord(const Host& host);

}  // namespace tsc

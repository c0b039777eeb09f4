// SPDX-License-Identifier: Apache-2.0
#include "supervisor/network_records.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "supervisor/directory_names.h"
#include "supervisor/egress_options.h"
#include "supervisor/network_addresses.h"

namespace tsc {
namespace {

constexpr const char kNetworks[] = "v1/networks", kEndpoints[] = "v1/endpoints", kRouter[] = "v1/router", kEgress[] = "v1/egress";

Status WriteRecord(const Host& host, const char* directory, const std::string& name, const Json& record) {
  const auto dir = TSC_TRY(MkdirsInRoot(host.run_dir.get(), directory, 0700));
  return WriteFileAtomic(dir.get(), name.c_str(), record.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Those that begin with a dot are being written.
Result<std::vector<std::string>> RecordNames(const Host& host, const char* directory) {
  auto names = TSC_TRY(NamesIn(host.run_dir.get(), directory));
  std::erase_if(names, [](const std::string& name) { return name.starts_with("."); });
  return names;
}

// Null where there is none; a failure where it is for the moment only that it cannot be read.
Result<Json> ReadRecord(const Host& host, const std::string& path) {
  const auto text = ReadFileAt(host.run_dir.get(), path.c_str());
  if (text.ok()) return Json::parse(*text, nullptr, false);
  if (IsOfTheMoment(text.failure().error)) return text.failure();
  return Json();
}

bool IsEmpty(const Host& host, const char* directory) {
  const auto names = RecordNames(host, directory);
  return names.ok() && names->empty();
}

void RemoveRecord(const Host& host, const std::string& path) { ::unlinkat(host.run_dir.get(), path.c_str(), 0); }

Json PublishedJson(const PublishedPort& port) {
  return {{"host", Text(port.host)},
          {"protocol", port.protocol},
          {"hostPort", port.host_port},
          {"container", Text(port.container)},
          {"containerPort", port.container_port},
          {"shared", port.share}};
}

PublishedPort PublishedOf(const Json& json) {
  PublishedPort port;
  if (const auto host = ParseIpAddress(StringMember(json, "host")); host.ok()) port.host = *host;
  if (const auto container = ParseIpAddress(StringMember(json, "container")); container.ok()) port.container = *container;
  port.protocol = static_cast<std::uint8_t>(IntMember(json, "protocol"));
  port.host_port = static_cast<std::uint16_t>(IntMember(json, "hostPort"));
  port.container_port = static_cast<std::uint16_t>(IntMember(json, "containerPort"));
  port.share = StringMember(json, "shared");
  return port;
}

}  // namespace

bool HasNetworkRecords(const Host& host) {
  return !IsEmpty(host, kNetworks) || !IsEmpty(host, kEndpoints) || ::faccessat(host.run_dir.get(), kRouter, F_OK, 0) == 0;
}

void RemoveNetworkRecords(const Host& host) {
  for (const char* directory : {kNetworks, kEndpoints, kEgress, "v1/partitions"}) {
    const auto names = RecordNames(host, directory);
    if (!names.ok()) continue;
    for (const auto& name : *names) RemoveRecord(host, std::string(directory) + "/" + name);
  }
}

Status WriteNetworkRecord(const Host& host, const NetworkDefinition& network) {
  return WriteRecord(host, kNetworks, network.id, network.json);
}

void RemoveNetworkRecord(const Host& host, const std::string& id) { RemoveRecord(host, std::string(kNetworks) + "/" + id); }

Result<NetworkDefinition> ReadNetworkRecord(const Host& host, const std::string& id) {
  const Json record = TSC_TRY(ReadRecord(host, std::string(kNetworks) + "/" + id));
  if (!record.is_object()) return Fail("find network", ENOENT, id);
  return ParseNetworkDefinition(record);
}

Result<std::vector<NetworkDefinition>> ReadNetworkRecords(const Host& host) {
  std::vector<NetworkDefinition> networks;
  for (const auto& id : TSC_TRY(RecordNames(host, kNetworks))) {
    auto network = ReadNetworkRecord(host, id);
    if (network.ok())
      networks.push_back(std::move(*network));
    else if (IsOfTheMoment(network.failure().error))
      return network.failure();
  }
  return networks;
}

Status WriteEndpointRecord(const Host& host, const EndpointRecord& endpoint) {
  Json addresses = Json::array(), published = Json::array();
  for (const auto& address : endpoint.rules.addresses) addresses.push_back(Text(address));
  for (const auto& port : endpoint.rules.published) published.push_back(PublishedJson(port));
  Json egress;
  if (const auto& policy = endpoint.rules.egress) egress = {{"ranges", EgressRangesJson(policy->ranges)}, {"listener", policy->listener}};
  return WriteRecord(host, kEndpoints, endpoint.rules.port,
                     {{"container", endpoint.container},
                      {"egress", egress},
                      {"network", endpoint.network},
                      {"bridge", endpoint.rules.bridge},
                      {"mac", endpoint.rules.mac},
                      {"addresses", addresses},
                      {"names", endpoint.names},
                      {"receives", endpoint.rules.receives},
                      {"published", published}});
}

void RemoveEndpointRecord(const Host& host, const std::string& port) {
  const auto endpoint = ReadEndpointRecord(host, port);
  RemoveRecord(host, std::string(kEndpoints) + "/" + port);
  if (!endpoint.ok() || !*endpoint) return;
  for (const auto& address : (*endpoint)->rules.addresses) ReleaseAddress(host, (*endpoint)->network, address, port);
}

Result<std::vector<std::string>> EndpointPorts(const Host& host) { return RecordNames(host, kEndpoints); }

Result<std::optional<EndpointRecord>> ReadEndpointRecord(const Host& host, const std::string& port) {
  const Json json = TSC_TRY(ReadRecord(host, std::string(kEndpoints) + "/" + port));
  if (!json.is_object()) return std::optional<EndpointRecord>();
  EndpointRecord endpoint;
  endpoint.container = StringMember(json, "container");
  endpoint.network = StringMember(json, "network");
  endpoint.rules.bridge = StringMember(json, "bridge");
  endpoint.rules.port = port;
  endpoint.names = StringsMember(json, "names");
  endpoint.rules.receives = !json.contains("receives") || BoolMember(json, "receives");
  const Json& mac = Member(json, "mac");
  for (std::size_t i = 0; mac.is_array() && i < mac.size() && i < 6; ++i)
    endpoint.rules.mac[i] = mac[i].is_number_unsigned() ? mac[i].get<std::uint8_t>() : 0;
  for (const auto& text : StringsMember(json, "addresses"))
    if (const auto address = ParseIpAddress(text); address.ok()) endpoint.rules.addresses.push_back(*address);
  for (const auto& item : Member(json, "published")) endpoint.rules.published.push_back(PublishedOf(item));
  if (const Json& egress = Member(json, "egress"); egress.is_object())
    endpoint.rules.egress = {EgressRangesOf(Member(egress, "ranges")), static_cast<std::uint16_t>(IntMember(egress, "listener"))};
  if (endpoint.rules.addresses.empty()) return std::optional<EndpointRecord>();
  return std::optional(std::move(endpoint));
}

Result<std::vector<EndpointRecord>> ReadEndpointRecords(const Host& host) {
  std::vector<EndpointRecord> endpoints;
  for (const auto& port : TSC_TRY(EndpointPorts(host))) {
    if (auto endpoint = TSC_TRY(ReadEndpointRecord(host, port)))
      endpoints.push_back(std::move(*endpoint));
    else
      RemoveEndpointRecord(host, port);  // it was never whole
  }
  return endpoints;
}

Status WriteRouterRecord(const Host& host, const RouterRecord& record) {
  Json changes = Json::array();
  for (const auto& change : record.changes) changes.push_back({{"path", change.path}, {"before", change.before}, {"after", change.after}});
  return WriteRecord(host, "v1", "router", {{"changes", changes}, {"uplinks", record.uplinks}});
}

void RemoveRouterRecord(const Host& host) { RemoveRecord(host, kRouter); }

RouterRecord ReadRouterRecord(const Host& host) {
  RouterRecord record;
  const auto read = ReadRecord(host, kRouter);
  if (!read.ok()) return record;
  const Json& json = *read;
  for (const auto& change : Member(json, "changes"))
    record.changes.push_back({StringMember(change, "path"), StringMember(change, "before"), StringMember(change, "after")});
  record.uplinks = StringsMember(json, "uplinks");
  return record;
}

}  // namespace tsc

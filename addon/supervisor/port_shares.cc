// SPDX-License-Identifier: Apache-2.0
#include "supervisor/port_shares.h"

#include <algorithm>
#include <iterator>

#include "supervisor/network_records.h"
#include "supervisor/run_lock.h"

namespace tsc {
namespace {

Result<std::vector<RuleEndpoint>> RecordedEndpoints(const Host& host) {
  std::vector<RuleEndpoint> endpoints;
  for (auto& record : TSC_TRY(ReadEndpointRecords(host))) endpoints.push_back(std::move(record.rules));
  return endpoints;
}

Result<std::vector<NftElement>> SlotsOf(const Host& host, const std::vector<PublishedPort>& ports) {
  const auto endpoints = TSC_TRY(RecordedEndpoints(host));
  std::vector<NftElement> elements;
  for (const auto& port : ports) {
    auto slots = SlotElements(endpoints, port);
    std::move(slots.begin(), slots.end(), std::back_inserter(elements));
  }
  return elements;
}

bool Overlaps(const PublishedPort& one, const PortRequest& other) {
  return one.protocol == other.protocol && one.host_port == other.host_port && one.host.family == other.host.family &&
         (one.host == other.host || one.host.any() || other.host.any());
}

}  // namespace

Status ChangeShares(NetworkHost* host, const std::vector<PublishedPort>& ports, const std::function<Status()>& change) {
  RuleEndpoint endpoint;
  endpoint.published = ports;
  const auto shared = SharedPorts({endpoint});
  if (shared.empty()) return change();
  const auto lock = TSC_TRY(LockRun(host->host().run_dir.get(), "v1/shares", "share port"));
  const auto before = TSC_TRY(SlotsOf(host->host(), shared));
  TSC_TRY(change());
  const auto after = TSC_TRY(SlotsOf(host->host(), shared));
  return before == after ? Status{} : host->ChangeRules(before, after);
}

Result<bool> IsShared(const Host& host, const PortRequest& port) {
  bool shared = false;
  for (const auto& endpoint : TSC_TRY(RecordedEndpoints(host))) {
    for (const auto& other : endpoint.published) {
      if (!Overlaps(other, port)) continue;
      if (other.share != port.share) return Fail("publish port", EADDRINUSE, Text(port.host) + " " + std::to_string(port.host_port));
      shared = true;
    }
  }
  return shared;
}

}  // namespace tsc

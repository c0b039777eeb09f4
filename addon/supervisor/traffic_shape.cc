// SPDX-License-Identifier: Apache-2.0
#include "supervisor/traffic_shape.h"

#include "network/links.h"

namespace tsc {
namespace {

Result<std::uint64_t> ParseSide(const Json& json, const char* key, std::uint64_t before) {
  if (!Member(json, key).is_number()) return before;
  const std::int64_t bytes = IntMember(json, key, -1);
  if (bytes < 0) return Fail("parse rate", EINVAL, key);
  return static_cast<std::uint64_t>(bytes);
}

constexpr double kWhole = 4294967295.0;

// At most `largest`, times `unit`.
Result<std::uint64_t> ParseNumber(const Json& json, const char* key, double largest, double unit) {
  const Json& member = Member(json, key);
  const double number = member.is_number() ? member.get<double>() : 0;
  if (!(number >= 0 && number <= largest)) return Fail("parse impairment", EINVAL, key);
  return static_cast<std::uint64_t>(number * unit);
}

Status Control(NetlinkSocket* socket, const std::string& name, const TrafficControl& control) {
  const auto link = TSC_TRY(FindLink(socket, name));
  return link ? ControlTraffic(socket, link->index, control) : Status(Fail("find link", ENODEV, name));
}

}  // namespace

Result<Rate> ParseRate(const Json& json, const Rate& before) {
  return Rate{TSC_TRY(ParseSide(json, "egress", before.egress)), TSC_TRY(ParseSide(json, "ingress", before.ingress))};
}

Result<Impairment> ParseImpairment(const Json& json) {
  Impairment how;
  how.delay_ns = TSC_TRY(ParseNumber(json, "delayMs", 1e6, 1e6));
  how.jitter_ns = TSC_TRY(ParseNumber(json, "jitterMs", 1e6, 1e6));
  for (const auto& [key, share] : {std::pair("lossPercent", &how.loss), std::pair("duplicatePercent", &how.duplicate),
                                   std::pair("corruptPercent", &how.corrupt), std::pair("reorderPercent", &how.reorder)})
    *share = static_cast<std::uint32_t>(TSC_TRY(ParseNumber(json, key, 100, kWhole / 100)));
  return how;
}

Json RateJson(const Rate& rate) { return {{"egress", rate.egress}, {"ingress", rate.ingress}}; }

Status ShapeEndpoint(NetworkHost* host, const Endpoint& endpoint, int pidfd, const Rate& rate, const Impairment& impairment) {
  if (endpoint.macvlan && rate.ingress > 0) return Fail("limit rate", EOPNOTSUPP, "ingress");
  auto entered = TSC_TRY(EnterNetwork(pidfd, {}));
  auto inside = TSC_TRY(NetlinkSocket::Take(std::move(entered.netlink)));
  TSC_TRY(Control(&inside, endpoint.interface, {rate.egress, impairment}));
  return endpoint.macvlan ? Status{} : Control(host->links(), endpoint.rules.port, {rate.ingress, {}});
}

}  // namespace tsc

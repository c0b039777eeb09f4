// SPDX-License-Identifier: Apache-2.0
#include "supervisor/egress_options.h"

#include <netinet/in.h>

#include <algorithm>
#include <cctype>

namespace tsc {
namespace {

constexpr std::size_t kMostEntries = 1024, kLongestName = 253;
constexpr const char kHost[] = "host.containers.internal";

struct Protocol {
  const char* name;
  std::uint8_t number;
};
constexpr Protocol kProtocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}};

Result<EgressPort> ParseEgressPort(const Json& entry) {
  if (!entry.contains("port")) return EgressPort{};
  const std::int64_t port = IntMember(entry, "port", -1);
  const std::string name = StringMember(entry, "protocol");
  for (const auto& protocol : kProtocols)
    if (name == protocol.name && port >= 1 && port <= 65'535) return EgressPort{protocol.number, static_cast<std::uint16_t>(port)};
  return Fail("parse egress", EINVAL, entry.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool IsHostName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](char c) {
    return std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

unsigned Bits(const IpAddress& address) { return static_cast<unsigned>(address.size()) * 8; }

}  // namespace

Result<std::optional<EgressPolicy>> ParseEgress(const Json& json) {
  if (json.is_null()) return std::optional<EgressPolicy>();
  const Json& allow = Member(json, "allow");
  if (!allow.is_array()) return Fail("parse egress", EINVAL, "allow");
  if (allow.size() > kMostEntries) return Fail("parse egress", E2BIG, std::to_string(allow.size()));
  EgressPolicy policy;
  for (const auto& entry : allow) {
    const auto port = TSC_TRY(ParseEgressPort(entry));
    const std::string name = StringMember(entry, "name");
    if (name.empty()) {
      policy.ranges.push_back({TSC_TRY(ParseIpPrefix(StringMember(entry, "range"))), port});
      continue;
    }
    if (!IsHostName(name)) return Fail("parse egress", EINVAL, name);
    policy.names.push_back({name, BoolMember(entry, "below"), port});
  }
  return std::optional(std::move(policy));
}

EgressPolicy WithHost(EgressPolicy policy, const std::vector<IpPrefix>& gateways) {
  for (const auto& entry : policy.names) {
    if (entry.below || entry.name != kHost) continue;
    for (const auto& gateway : gateways) policy.ranges.push_back({{gateway.address, Bits(gateway.address)}, entry.port});
  }
  std::erase_if(policy.names, [](const EgressName& entry) { return !entry.below && entry.name == kHost; });
  return policy;
}

Json EgressRangesJson(const std::vector<EgressRange>& ranges) {
  Json list = Json::array();
  for (const auto& [range, port] : ranges) list.push_back({{"range", Text(range)}, {"protocol", port.protocol}, {"port", port.port}});
  return list;
}

std::vector<EgressRange> EgressRangesOf(const Json& list) {
  std::vector<EgressRange> ranges;
  for (const auto& json : list.is_array() ? list : Json::array()) {
    const auto range = ParseIpPrefix(StringMember(json, "range"));
    const EgressPort port{static_cast<std::uint8_t>(IntMember(json, "protocol")), static_cast<std::uint16_t>(IntMember(json, "port"))};
    if (range.ok()) ranges.push_back({*range, port});
  }
  return ranges;
}

}  // namespace tsc

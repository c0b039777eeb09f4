// SPDX-License-Identifier: Apache-2.0
#include "network/egress_policy.h"

#include <algorithm>

namespace tsc {
namespace {

// Of the registries for special purposes (RFC 6890 and its successors): all that does not lead to one place of the public Internet.
constexpr const char* kInward[] = {
    "0.0.0.0/8",     "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",    "::/96",
    "::ffff:0:0/96", "64:ff9b::/96",   "64:ff9b:1::/48", "100::/64",      "2001::/32",      "2002::/16",
    "fc00::/7",      "fe80::/10",      "fec0::/10",      "ff00::/8",
};

const std::vector<IpPrefix>& Inward() {
  static const std::vector<IpPrefix> ranges = [] {
    std::vector<IpPrefix> parsed;
    for (const char* text : kInward) parsed.push_back(*ParseIpPrefix(text));
    return parsed;
  }();
  return ranges;
}

bool Matches(const EgressName& entry, const std::string& name) {
  return entry.below ? name.size() > entry.name.size() + 1 && name.ends_with("." + entry.name) : name == entry.name;
}

bool Within(const EgressRange& one, const EgressRange& other) {
  return one.port == other.port && one.range.length >= other.range.length && other.range.Contains(one.range.address);
}

}  // namespace

std::vector<EgressPort> EgressPolicy::PortsOf(const std::string& name) const {
  std::vector<EgressPort> ports;
  for (const auto& entry : names)
    if (Matches(entry, name) && std::find(ports.begin(), ports.end(), entry.port) == ports.end()) ports.push_back(entry.port);
  return ports;
}

bool EgressPolicy::Covers(const IpAddress& address) const {
  return std::any_of(ranges.begin(), ranges.end(), [&](const EgressRange& entry) { return entry.range.Contains(address); });
}

bool IsInward(const IpAddress& address) {
  return std::any_of(Inward().begin(), Inward().end(), [&](const IpPrefix& range) { return range.Contains(address); });
}

std::vector<EgressRange> WithoutContained(std::vector<EgressRange> ranges) {
  // Widest first: whatever contains one comes before it.
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& one, const auto& other) { return one.range.length < other.range.length; });
  std::vector<EgressRange> kept;
  for (const auto& range : ranges)
    if (std::none_of(kept.begin(), kept.end(), [&](const EgressRange& wider) { return Within(range, wider); })) kept.push_back(range);
  return kept;
}

}  // namespace tsc

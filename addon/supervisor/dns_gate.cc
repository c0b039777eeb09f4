// SPDX-License-Identifier: Apache-2.0
#include "supervisor/dns_gate.h"

namespace tsc {
namespace {

constexpr std::size_t kMostAsked = 4096, kMostBudgets = 65'536;
// Of one container; as the rules do with packets.
constexpr int kToldAtOnce = 20;
constexpr std::chrono::seconds kBudgetTime(20);

}  // namespace

DnsServer::Gate DnsGate::Ways() {
  return {[this](const std::string& client, const std::string& name, std::vector<dns::Resolved> found, Then then) {
            Open(client, name, found, std::move(then));
          },
          [this](const std::string& client, const std::string& name, dns::Transport transport) { Refuse(client, name, transport); }};
}

void DnsGate::Open(const std::string& client, const std::string& name, const std::vector<dns::Resolved>& found, Then then) {
  if (asked_.size() >= kMostAsked) return then({});
  const std::uint64_t number = ++next_;
  asked_[number] = std::move(then);
  say_({{"open", number}, {"container", client}, {"name", name}, {"addresses", ResolvedJson(found)}});
}

void DnsGate::Hear(const Json& message) {
  const auto found = asked_.find(static_cast<std::uint64_t>(IntMember(message, "opened")));
  if (found == asked_.end()) return;
  const Then then = std::move(found->second);
  asked_.erase(found);
  then(ResolvedOf(Member(message, "addresses")));
}

void DnsGate::Refuse(const std::string& client, const std::string& name, dns::Transport transport) {
  if (!MayTell(client)) return;
  say_({{"refused", name}, {"container", client}, {"protocol", transport == dns::Transport::kUdp ? "udp" : "tcp"}});
}

bool DnsGate::MayTell(const std::string& client) {
  const auto now = std::chrono::steady_clock::now();
  if (budgets_.size() >= kMostBudgets) budgets_.clear();
  auto& budget = budgets_[client];
  if (now - budget.since > kBudgetTime) budget = {now, 0};
  return budget.told++ < kToldAtOnce;
}

Json ResolvedJson(const std::vector<dns::Resolved>& resolved) {
  Json list = Json::array();
  for (const auto& [address, ttl] : resolved) list.push_back({{"address", Text(address)}, {"ttl", ttl}});
  return list;
}

std::vector<dns::Resolved> ResolvedOf(const Json& list) {
  std::vector<dns::Resolved> resolved;
  for (const auto& json : list.is_array() ? list : Json::array()) {
    const auto address = ParseIpAddress(StringMember(json, "address"));
    if (address.ok()) resolved.push_back({*address, static_cast<std::uint32_t>(IntMember(json, "ttl"))});
  }
  return resolved;
}

}  // namespace tsc

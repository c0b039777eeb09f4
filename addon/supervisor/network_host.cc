// SPDX-License-Identifier: Apache-2.0
#include "supervisor/network_host.h"

#include <iterator>

#include "supervisor/egress_records.h"
#include "supervisor/network_records.h"
#include "supervisor/partitions.h"

namespace tsc {
namespace {

constexpr std::uint32_t kOwnMtu = 65520;

// FNV-1a, never zero: that is the group of everybody's links.
std::uint32_t GroupOf(const std::string& name) {
  std::uint32_t hash = 2166136261U;
  for (const unsigned char byte : name) hash = (hash ^ byte) * 16777619U;
  return (hash & 0x3fffffffU) | 0x40000000U;
}

}  // namespace

NetworkHost::NetworkHost(const Host* host) : host_(host), table_(host->cgroups->name()), group_(GroupOf(table_)) {}

bool NetworkHost::own() const { return host_->options.rootless; }

Result<bool> NetworkHost::Lasts() const { return !own() || TSC_TRY(FindHeldNetworkNamespace(host_->run_dir.get())); }

// The one that somebody of this run directory holds already, where there is one.
Result<InsideNetwork> NetworkHost::OpenOwn() {
  const std::vector<NetworkSysctl> routing{{"ipv4/ip_forward", "1"}, {"ipv6/conf/all/forwarding", "1"}};
  const auto lock = TSC_TRY(LockNamespaces(host_->run_dir.get()));
  const UniqueFd held = TSC_TRY(FindHeldNetworkNamespace(host_->run_dir.get()));
  auto found = held ? TSC_TRY(EnterNetwork(held.get(), {})) : TSC_TRY(NewNetworkNamespace(routing));
  holding_.emplace(TSC_TRY(Holding::Say(host_->run_dir.get(), found.network_namespace.get())));
  fresh_ = !held;
  return found;
}

Status NetworkHost::Open() {
  if (opened()) return {};
  auto entered = Enter();
  // Nobody is to look for it at a number that will mean something else.
  if (!entered.ok()) Close();
  return entered;
}

Status NetworkHost::Enter() {
  auto found = own() ? TSC_TRY(OpenOwn()) : TSC_TRY(EnterNetwork(-1, {}));
  auto links = TSC_TRY(NetlinkSocket::Take(std::move(found.netlink)));
  firewall_ = TSC_TRY(NetlinkSocket::Take(std::move(found.nftables)));
  namespace_ = std::move(found.network_namespace);
  links_ = std::move(links);
  return {};
}

void NetworkHost::Close() {
  holding_.reset();
  namespace_.reset();
  links_.reset();
  firewall_.reset();
}

// No packet of our own namespace is ever on a wire: its way out makes streams of them, of large ones several times as fast.
std::uint32_t NetworkHost::MtuOf(const NetworkDefinition& network) const { return own() && network.mtu == 0 ? kOwnMtu : network.mtu; }

Status NetworkHost::SetSysctls(const std::vector<NetworkSysctl>& sysctls) const {
  const auto set = EnterNetwork(where(), sysctls);
  return set.ok() ? Status{} : Status(set.failure());
}

Status NetworkHost::ApplyRules() {
  RuleSet rules;
  rules.table = table_;
  rules.group = group_;
  for (const auto& network : TSC_TRY(ReadNetworkRecords(*host_)))
    if (!network.macvlan()) rules.networks.push_back({network.bridge, network.internal, network.isolated});
  for (auto& endpoint : TSC_TRY(ReadEndpointRecords(*host_))) rules.endpoints.push_back(std::move(endpoint.rules));
  for (const auto& partition : ReadPartitions(*host_)) {
    auto apart = ElementsApart(*host_, partition);
    std::move(apart.begin(), apart.end(), std::back_inserter(rules.severed));
  }
  rules.uplinks = ReadRouterRecord(*host_).uplinks;
  rules.learned = ReadLearnedElements(*host_, rules.endpoints);
  return ApplyRuleSet(&*firewall_, rules);
}

Status NetworkHost::AddRules(const std::vector<NftElement>& elements) {
  auto added = AddToRuleSet(&*firewall_, table_, elements);
  return !added.ok() && added.failure().error == ENOENT ? ApplyRules() : std::move(added);
}

Status NetworkHost::ChangeRules(const std::vector<NftElement>& gone, const std::vector<NftElement>& come) {
  if (gone.empty() && come.empty()) return {};
  auto changed = firewall_->Send(ChangeElements(table_, gone, come));
  // They are not what they were thought to be.
  const bool differ = !changed.ok() && (changed.failure().error == ENOENT || changed.failure().error == EEXIST);
  return differ ? ApplyRules() : std::move(changed);
}

Status NetworkHost::RenewRules(const std::vector<NftElement>& elements, const std::vector<NftElement>& lasting) {
  auto renewed = firewall_->Send(RenewElements(table_, elements, lasting));
  return !renewed.ok() && renewed.failure().error == ENOENT ? ApplyRules() : std::move(renewed);
}

// Where there are no tables yet it comes with the first of its endpoints.
Status NetworkHost::AddListener(std::uint16_t group) {
  auto added = firewall_->Send(NftTransaction(EgressListener(table_, group)));
  return !added.ok() && added.failure().error == ENOENT ? Status{} : std::move(added);
}

Status NetworkHost::RemoveRules(const std::vector<NftElement>& elements) { return RemoveFromRuleSet(&*firewall_, table_, elements); }

Status NetworkHost::ClearRules() { return ClearRuleSet(&*firewall_, table_); }

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/firewall.h"
#include "network/links.h"
#include "network/netlink_socket.h"
#include "runtime/inside_network.h"
#include "supervisor/held_namespaces.h"
#include "supervisor/host.h"
#include "supervisor/network_options.h"

namespace tsc {

// The network namespace in which an engine has its bridges and rules: as root the host's; without root one of its own, which lives as long
// as we or monitors of its containers hold it. Nothing is asked of the kernel before the first network.
class NetworkHost {
 public:
  explicit NetworkHost(const Host* host);

  Status Open();
  // Nothing of it is held by us any more.
  void Close();
  bool opened() const { return links_.has_value(); }
  NetlinkSocket* links() { return &*links_; }
  NetlinkSocket* firewall() { return &*firewall_; }
  // It is the engine's own, and nobody else sees it.
  bool own() const;
  // Whether what is in it stays when we go.
  Result<bool> Lasts() const;
  // It was made by us, and not found: nothing was in it then.
  bool fresh() const { return fresh_; }
  // For EnterNetwork.
  int where() const { return own() ? namespace_.get() : -1; }
  std::uint32_t group() const { return group_; }
  // 0: what the kernel takes.
  std::uint32_t MtuOf(const NetworkDefinition& network) const;
  const Host& host() const { return *host_; }
  const std::string& table() const { return table_; }
  // By which the kernel names who has changed the firewall.
  std::uint32_t firewall_port() const { return firewall_->port(); }

  Status SetSysctls(const std::vector<NetworkSysctl>& sysctls) const;
  // What the records tell of, in the place of whatever the tables hold.
  Status ApplyRules();
  // Their records are written: if the tables are gone all is said again.
  Status AddRules(const std::vector<NftElement>& elements);
  // Some go, others come, and there is no moment between.
  Status ChangeRules(const std::vector<NftElement>& gone, const std::vector<NftElement>& come);
  // For so long as they say, and for good.
  Status RenewRules(const std::vector<NftElement>& elements, const std::vector<NftElement>& lasting);
  // By which a listener of ours is told what egress policies refuse.
  Status AddListener(std::uint16_t group);
  Status RemoveRules(const std::vector<NftElement>& elements);
  Status ClearRules();

 private:
  Status Enter();
  Result<InsideNetwork> OpenOwn();

  const Host* host_;
  std::string table_;
  std::uint32_t group_;
  UniqueFd namespace_;
  bool fresh_ = false;
  std::optional<Holding> holding_;
  std::optional<NetlinkSocket> links_, firewall_;
};

}  // namespace tsc

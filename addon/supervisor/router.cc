// SPDX-License-Identifier: Apache-2.0
#include "supervisor/router.h"

#include <fcntl.h>

#include <algorithm>

#include "core/paths.h"
#include "supervisor/network_records.h"

namespace tsc {
namespace {

// Empty where there is none.
std::string ReadSysctl(const std::string& path) {
  auto text = ReadFileAt(AT_FDCWD, ("/proc/sys/net/" + path).c_str());
  if (!text.ok()) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

bool Recorded(const RouterRecord& record, const std::string& path) {
  return std::any_of(record.changes.begin(), record.changes.end(), [&](const SysctlChange& change) { return change.path == path; });
}

std::vector<SysctlChange> ChangesFor(const std::vector<Link>& links, bool ipv6) {
  std::vector<SysctlChange> changes;
  if (ReadSysctl("ipv4/ip_forward") == "0") changes.push_back({"ipv4/ip_forward", "0", "1"});
  if (!ipv6 || ReadSysctl("ipv6/conf/all/forwarding") != "0") return changes;
  for (const auto& link : links) {
    // A router heeds no advertisements, unless it is told to.
    const std::string path = "ipv6/conf/" + link.name + "/accept_ra";
    if (ReadSysctl(path) == "1") changes.push_back({path, "1", "2"});
  }
  changes.push_back({"ipv6/conf/all/forwarding", "0", "1"});
  return changes;
}

}  // namespace

Status BecomeRouter(NetworkHost* network, bool ipv6) {
  if (network->own()) return {};
  const auto links = TSC_TRY(ListLinks(network->links()));
  const auto changes = ChangesFor(links, ipv6);
  if (changes.empty()) return {};
  RouterRecord record = ReadRouterRecord(network->host());
  for (const auto& change : changes)
    if (!Recorded(record, change.path)) record.changes.push_back(change);
  std::vector<NftElement> uplinks;
  for (const auto& link : links) {
    if (link.name == "lo" || link.group == network->group() || std::count(record.uplinks.begin(), record.uplinks.end(), link.name))
      continue;
    record.uplinks.push_back(link.name);
    uplinks.push_back(UplinkElement(link.name));
  }
  TSC_TRY(WriteRouterRecord(network->host(), record));
  TSC_TRY(network->AddRules(uplinks));
  std::vector<NetworkSysctl> sysctls;
  for (const auto& change : changes) sysctls.push_back({change.path, change.after});
  return network->SetSysctls(sysctls);
}

void CeaseRouting(const NetworkHost& network) {
  auto record = ReadRouterRecord(network.host());
  std::reverse(record.changes.begin(), record.changes.end());
  for (const auto& change : record.changes)
    if (ReadSysctl(change.path) == change.after) (void)network.SetSysctls({{change.path, change.before}}).ok();
  RemoveRouterRecord(network.host());
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "network/forward_barrier.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/paths.h"
#include "network/foreign_chain.h"

namespace tsc {
namespace {

constexpr std::uint32_t kOwnedTable = 2;  // NFT_TABLE_F_OWNER, 5.12

const char* FamilyName(std::uint8_t family) {
  return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : family == NFPROTO_INET ? "inet" : "";
}

std::uint32_t Be32Of(const NetlinkAttributes& attributes, int type) { return ::ntohl(NumberOf<std::uint32_t>(attributes, type)); }

struct Listed {
  std::uint8_t family = 0;
  NetlinkAttributes attributes;
};

std::optional<Listed> ReadAnswer(const NetlinkAnswer& answer) {
  if (answer.body.size() < sizeof(nfgenmsg)) return std::nullopt;
  return Listed{static_cast<std::uint8_t>(answer.body[0]),
                ReadAttributes(std::string_view(answer.body).substr(NLMSG_ALIGN(sizeof(nfgenmsg))))};
}

bool DropsForwarded(const NetlinkAttributes& chain) {
  const auto hook = chain.find(NFTA_CHAIN_HOOK);
  return hook != chain.end() && Be32Of(ReadAttributes(hook->second), NFTA_HOOK_HOOKNUM) == NF_INET_FORWARD &&
         chain.contains(NFTA_CHAIN_POLICY) && Be32Of(chain, NFTA_CHAIN_POLICY) == NF_DROP;
}

bool HasPlace(NetlinkSocket* firewall, std::uint8_t family, const std::string& table) {
  const auto& chains = KnownForeignChains();
  return std::any_of(chains.begin(), chains.end(), [&](const ForeignChain& known) {
    if (known.table.family != family || known.table.name != table) return false;
    const auto there = HasChain(firewall, known);
    return there.ok() && *there;
  });
}

std::optional<ForwardBarrier> FindChain(NetlinkSocket* firewall) {
  const auto answers = firewall->Ask(NftMessage(NFT_MSG_GETCHAIN, NLM_F_DUMP, NFPROTO_UNSPEC, "list chains", ""));
  if (!answers.ok()) return std::nullopt;
  for (const auto& answer : *answers) {
    const auto chain = ReadAnswer(answer);
    if (!chain || *FamilyName(chain->family) == '\0' || !DropsForwarded(chain->attributes)) continue;
    const std::string table = TextOf(chain->attributes, NFTA_CHAIN_TABLE);
    if (!HasPlace(firewall, chain->family, table))
      return ForwardBarrier{ForwardBarrier::Kind::kChain, FamilyName(chain->family), table, TextOf(chain->attributes, NFTA_CHAIN_NAME)};
  }
  return std::nullopt;
}

// Nobody but the process that made such a table may change it.
std::optional<ForwardBarrier> FindOwnedTable(NetlinkSocket* firewall) {
  for (const auto& known : KnownForeignChains()) {
    auto message = NftMessage(NFT_MSG_GETTABLE, 0, known.table.family, "find table", known.table.name);
    message.PutText(NFTA_TABLE_NAME, known.table.name);
    const auto answers = firewall->Ask(std::move(message));
    const auto table = answers.ok() && !answers->empty() ? ReadAnswer(answers->front()) : std::nullopt;
    if (table && (Be32Of(table->attributes, NFTA_TABLE_FLAGS) & kOwnedTable) != 0)
      return ForwardBarrier{ForwardBarrier::Kind::kOwned, FamilyName(known.table.family), known.table.name, known.chain};
  }
  return std::nullopt;
}

// The policy of a chain of the old iptables is the verdict of the entry that its underflow is.
bool LegacyDrops(int socket) {
  ipt_getinfo info{};
  std::snprintf(info.name, sizeof info.name, "filter");
  socklen_t size = sizeof info;
  if (::getsockopt(socket, SOL_IP, IPT_SO_GET_INFO, &info, &size) != 0) return false;
  std::vector<char> buffer(sizeof(ipt_get_entries) + info.size);
  auto* entries = reinterpret_cast<ipt_get_entries*>(buffer.data());
  std::snprintf(entries->name, sizeof entries->name, "filter");
  entries->size = info.size;
  size = static_cast<socklen_t>(buffer.size());
  if (::getsockopt(socket, SOL_IP, IPT_SO_GET_ENTRIES, entries, &size) != 0) return false;
  const std::size_t at = sizeof(ipt_get_entries) + info.underflow[NF_INET_FORWARD];
  if (at + sizeof(ipt_entry) + sizeof(xt_standard_target) > buffer.size()) return false;
  xt_standard_target policy;
  std::memcpy(&policy, buffer.data() + at + sizeof(ipt_entry), sizeof policy);
  return policy.verdict == -NF_DROP - 1;
}

// Asking for a table of the old kind makes it: so only where there is one.
std::optional<ForwardBarrier> FindLegacy() {
  const auto names = ReadFileAt(AT_FDCWD, "/proc/self/net/ip_tables_names");
  if (!names.ok() || ("\n" + *names).find("\nfilter\n") == std::string::npos) return std::nullopt;
  const UniqueFd socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!socket || !LegacyDrops(socket.get())) return std::nullopt;
  return ForwardBarrier{ForwardBarrier::Kind::kLegacy, "ip", "filter", "FORWARD"};
}

}  // namespace

const char* NameOf(ForwardBarrier::Kind kind) {
  return kind == ForwardBarrier::Kind::kLegacy ? "legacy" : kind == ForwardBarrier::Kind::kOwned ? "owned" : "chain";
}

std::optional<ForwardBarrier> FindForwardBarrier(NetlinkSocket* firewall) {
  if (auto legacy = FindLegacy()) return legacy;
  if (auto owned = FindOwnedTable(firewall)) return owned;
  return FindChain(firewall);
}

}  // namespace tsc

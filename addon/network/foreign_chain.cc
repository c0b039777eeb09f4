// SPDX-License-Identifier: Apache-2.0
#include "network/foreign_chain.h"

#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cstdint>

#include "network/nft_rule.h"

namespace tsc {
namespace {

struct FoundRule {
  std::string handle, comment;  // as the kernel has them
};

Result<std::vector<FoundRule>> ListRules(NetlinkSocket* socket, const ForeignChain& chain) {
  auto message = NftMessage(NFT_MSG_GETRULE, NLM_F_DUMP, chain.table.family, "list rules", chain.chain);
  message.PutText(NFTA_RULE_TABLE, chain.table.name).PutText(NFTA_RULE_CHAIN, chain.chain);
  const auto answers = TSC_TRY(socket->Ask(std::move(message)));
  std::vector<FoundRule> rules;
  for (const auto& answer : answers) {
    if (answer.body.size() < sizeof(nfgenmsg)) continue;
    const auto attributes = ReadAttributes(std::string_view(answer.body).substr(NLMSG_ALIGN(sizeof(nfgenmsg))));
    const auto handle = attributes.find(NFTA_RULE_HANDLE), userdata = attributes.find(NFTA_RULE_USERDATA);
    if (TextOf(attributes, NFTA_RULE_CHAIN) != chain.chain || handle == attributes.end()) continue;
    rules.push_back({std::string(handle->second), userdata == attributes.end() ? "" : std::string(userdata->second)});
  }
  return rules;
}

NetlinkMessage DeleteRules(const ForeignChain& chain, const std::string& handle) {
  auto message = NftMessage(NFT_MSG_DELRULE, 0, chain.table.family, "delete rule", chain.chain);
  message.PutText(NFTA_RULE_TABLE, chain.table.name).PutText(NFTA_RULE_CHAIN, chain.chain);
  if (!handle.empty()) message.Put(NFTA_RULE_HANDLE, handle);
  return message;
}

NetlinkMessage DeleteChain(const ForeignChain& chain) {
  auto message = NftMessage(NFT_MSG_DELCHAIN, 0, chain.table.family, "delete chain", chain.chain);
  message.PutText(NFTA_CHAIN_TABLE, chain.table.name).PutText(NFTA_CHAIN_NAME, chain.chain);
  return message;
}

struct OwnRule {
  std::string comment;
  std::uint32_t direction;
  std::string bridge;
  std::int32_t verdict;
};

// Each says in its comment what it does, which also tells whether it is there.
std::vector<OwnRule> RulesOf(const Passage& passage) {
  std::vector<OwnRule> rules;
  for (const auto& name : passage.left_alone) rules.push_back({"not to " + name, NFT_META_OIFNAME, name, NFT_RETURN});
  for (const auto& name : passage.bridges) {
    rules.push_back({"from " + name, NFT_META_IIFNAME, name, NF_ACCEPT});
    rules.push_back({"to " + name, NFT_META_OIFNAME, name, NF_ACCEPT});
  }
  return rules;
}

bool IsSo(const std::vector<FoundRule>& found, const std::vector<OwnRule>& wanted) {
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                    [](const FoundRule& one, const OwnRule& other) { return one.comment == NftComment(other.comment); });
}

// Those that lead to our chain.
std::vector<FoundRule> Tagged(std::vector<FoundRule> rules, const std::string& tag) {
  std::erase_if(rules, [comment = NftComment(tag)](const FoundRule& rule) { return rule.comment != comment; });
  return rules;
}

}  // namespace

const std::vector<ForeignChain>& KnownForeignChains() {
  static const std::vector<ForeignChain> chains{{{NFPROTO_IPV4, "filter"}, "DOCKER-USER"},
                                                {{NFPROTO_IPV6, "filter"}, "DOCKER-USER"},
                                                {{NFPROTO_INET, "firewalld"}, "filter_FORWARD"}};
  return chains;
}

Result<bool> HasChain(NetlinkSocket* socket, const ForeignChain& chain) {
  auto message = NftMessage(NFT_MSG_GETCHAIN, 0, chain.table.family, "find chain", chain.chain);
  message.PutText(NFTA_CHAIN_TABLE, chain.table.name).PutText(NFTA_CHAIN_NAME, chain.chain);
  const auto found = socket->Ask(std::move(message));
  if (found.ok()) return true;
  if (found.failure().error == ENOENT) return false;
  return found.failure();
}

Status LetPass(NetlinkSocket* socket, const ForeignChain& chain, const Passage& passage) {
  if (!TSC_TRY(HasChain(socket, chain))) return {};
  const ForeignChain own{chain.table, passage.tag};
  const auto wanted = RulesOf(passage);
  const auto tagged = Tagged(TSC_TRY(ListRules(socket, chain)), passage.tag);
  const bool exists = TSC_TRY(HasChain(socket, own));
  if (exists && tagged.size() == 1 && IsSo(TSC_TRY(ListRules(socket, own)), wanted)) return {};
  std::vector<NetlinkMessage> messages;
  messages.push_back(NewChain(own.table, own.chain));
  if (exists) messages.push_back(DeleteRules(own, {}));
  for (const auto& rule : wanted) {
    messages.push_back(NftRule(own.table, own.chain)
                           .Meta(rule.direction)
                           .Equals(NftLinkName(rule.bridge))
                           .Count()
                           .About(rule.comment)
                           .Verdict(rule.verdict));
  }
  for (const auto& rule : tagged) messages.push_back(DeleteRules(chain, rule.handle));
  messages.push_back(NftRule(chain.table, chain.chain).First().Count().About(passage.tag).Jump(own.chain));
  return socket->Send(NftTransaction(std::move(messages)));
}

Status TakePassageBack(NetlinkSocket* socket, const ForeignChain& chain, const std::string& tag) {
  const ForeignChain own{chain.table, tag};
  if (!TSC_TRY(HasChain(socket, own))) return {};
  std::vector<NetlinkMessage> messages;
  for (const auto& rule : Tagged(TSC_TRY(ListRules(socket, chain)), tag)) messages.push_back(DeleteRules(chain, rule.handle));
  messages.push_back(DeleteRules(own, {}));
  messages.push_back(DeleteChain(own));
  return socket->Send(NftTransaction(std::move(messages)));
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "network/nft_message.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>

namespace tsc {
namespace {

constexpr int kCreate = NLM_F_CREATE;

NetlinkMessage BatchMark(int type) {
  NetlinkMessage message(type, 0, "change firewall", "");
  message.Head(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
  return message;
}

void PutValue(NetlinkMessage* message, int attribute, const std::string& value) {
  message->Nest(attribute, [&] { message->Put(NFTA_DATA_VALUE, value); });
}

void PutJump(NetlinkMessage* message, const std::string& chain) {
  message->Nest(NFTA_SET_ELEM_DATA, [&] {
    message->Nest(NFTA_DATA_VERDICT,
                  [&] { message->PutBe32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(NFT_JUMP)).PutText(NFTA_VERDICT_CHAIN, chain); });
  });
}

void PutFields(NetlinkMessage* message, const std::vector<std::uint32_t>& fields) {
  message->Nest(NFTA_SET_DESC_CONCAT, [&] {
    for (const auto field : fields) message->Nest(NFTA_LIST_ELEM, [&] { message->PutBe32(NFTA_SET_FIELD_LEN, field); });
  });
}

std::uint32_t FlagsOf(const NftSet& set) {
  const bool map = set.data_size > 0 || set.data_type == kNftVerdicts;
  return set.flags | (map ? NFT_SET_MAP : 0) | (set.fields.empty() ? 0 : NFT_SET_INTERVAL | NFT_SET_CONCAT);
}

NetlinkMessage ElementMessage(int type, int flags, const char* step, const std::string& table, const NftElement& element) {
  auto message = NftMessage(type, flags, element.family, step, element.about);
  message.PutText(NFTA_SET_ELEM_LIST_TABLE, table).PutText(NFTA_SET_ELEM_LIST_SET, element.set);
  message.Nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
    message.Nest(NFTA_LIST_ELEM, [&] {
      PutValue(&message, NFTA_SET_ELEM_KEY, element.key);
      if (!element.key_end.empty()) PutValue(&message, NFTA_SET_ELEM_KEY_END, element.key_end);
      if (!element.data.empty()) PutValue(&message, NFTA_SET_ELEM_DATA, element.data);
      if (!element.jump.empty()) PutJump(&message, element.jump);
      if (element.timeout_ms > 0) message.PutBe64(NFTA_SET_ELEM_TIMEOUT, element.timeout_ms);
    });
  });
  return message;
}

}  // namespace

std::string NftConcat(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const auto part : parts) {
    key.append(part);
    key.resize(NLA_ALIGN(key.size()));
  }
  return key;
}

std::string NftLinkName(const std::string& name) {
  std::string key = name.substr(0, IFNAMSIZ - 1);
  key.resize(IFNAMSIZ);
  return key;
}

NetlinkMessage NftMessage(int type, int flags, std::uint8_t family, std::string step, std::string object) {
  NetlinkMessage message(NFNL_SUBSYS_NFTABLES << 8 | type, flags, std::move(step), std::move(object));
  message.Head(nfgenmsg{family, NFNETLINK_V0, 0});
  return message;
}

NetlinkMessage NewTable(const NftTable& table) {
  auto message = NftMessage(NFT_MSG_NEWTABLE, kCreate, table.family, "create table", table.name);
  message.PutText(NFTA_TABLE_NAME, table.name);
  return message;
}

NetlinkMessage DeleteTable(const NftTable& table) {
  auto message = NftMessage(NFT_MSG_DELTABLE, 0, table.family, "delete table", table.name);
  message.PutText(NFTA_TABLE_NAME, table.name);
  return message;
}

NetlinkMessage NewChain(const NftTable& table, const std::string& chain) {
  auto message = NftMessage(NFT_MSG_NEWCHAIN, kCreate, table.family, "create chain", chain);
  message.PutText(NFTA_CHAIN_TABLE, table.name).PutText(NFTA_CHAIN_NAME, chain);
  return message;
}

NetlinkMessage NewBaseChain(const NftTable& table, const std::string& chain, const NftHook& hook) {
  auto message = NewChain(table, chain);
  message.Nest(NFTA_CHAIN_HOOK, [&] {
    message.PutBe32(NFTA_HOOK_HOOKNUM, hook.hook).PutBe32(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(hook.priority));
  });
  message.PutBe32(NFTA_CHAIN_POLICY, NF_ACCEPT).PutText(NFTA_CHAIN_TYPE, hook.type);
  return message;
}

NetlinkMessage NewSet(const NftTable& table, const NftSet& set, std::uint32_t id) {
  auto message = NftMessage(NFT_MSG_NEWSET, kCreate, table.family, "create set", set.name);
  message.PutText(NFTA_SET_TABLE, table.name).PutText(NFTA_SET_NAME, set.name).PutBe32(NFTA_SET_ID, id);
  message.PutBe32(NFTA_SET_FLAGS, FlagsOf(set));
  message.PutBe32(NFTA_SET_KEY_TYPE, set.key_type).PutBe32(NFTA_SET_KEY_LEN, set.key_size);
  if (set.data_type != 0) message.PutBe32(NFTA_SET_DATA_TYPE, set.data_type);
  if (set.data_size > 0) message.PutBe32(NFTA_SET_DATA_LEN, set.data_size);
  if (set.timeout_ms > 0) message.PutBe64(NFTA_SET_TIMEOUT, set.timeout_ms);
  if (set.size > 0 || !set.fields.empty()) {
    message.Nest(NFTA_SET_DESC, [&] {
      if (set.size > 0) message.PutBe32(NFTA_SET_DESC_SIZE, set.size);
      if (!set.fields.empty()) PutFields(&message, set.fields);
    });
  }
  return message;
}

NetlinkMessage NewElement(const std::string& table, const NftElement& element) {
  return ElementMessage(NFT_MSG_NEWSETELEM, kCreate | (element.shared ? 0 : NLM_F_EXCL), "add to firewall", table, element);
}

NetlinkMessage KeepElement(const std::string& table, const NftElement& element) {
  return ElementMessage(NFT_MSG_NEWSETELEM, kCreate, "add to firewall", table, element);
}

NetlinkMessage DeleteElement(const std::string& table, const NftElement& element) {
  return ElementMessage(NFT_MSG_DELSETELEM, 0, "remove from firewall", table, element);
}

std::vector<NetlinkMessage> NftTransaction(std::vector<NetlinkMessage> messages) {
  std::vector<NetlinkMessage> transaction;
  transaction.reserve(messages.size() + 2);
  transaction.push_back(BatchMark(NFNL_MSG_BATCH_BEGIN));
  for (auto& message : messages) transaction.push_back(std::move(message));
  transaction.push_back(BatchMark(NFNL_MSG_BATCH_END));
  return transaction;
}

}  // namespace tsc

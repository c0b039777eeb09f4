// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>  // before the kernel's own, which then leaves these types out

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "network/netlink_message.h"

// The messages of nftables (linux/netfilter/nf_tables.h): tables, chains, sets, their elements, and rules.
namespace tsc {

// A table is known by its family (NFPROTO_…) and its name.
struct NftTable {
  std::uint8_t family = NFPROTO_INET;
  std::string name;
};

struct NftHook {
  const char* type = "filter";  // or "nat"
  std::uint32_t hook = 0;       // NF_INET_…, NF_BR_…
  std::int32_t priority = 0;
};

struct NftSet {
  std::string name;
  std::uint32_t key_type = 0;                  // nft(8)'s number for the type, for who lists it; those of a concatenation are six bits each
  std::uint32_t key_size = 0;                  // each part takes a multiple of four bytes
  std::uint32_t data_type = 0, data_size = 0;  // of a map
  std::uint32_t flags = 0;                     // NFT_SET_… beside those that follow from the rest
  std::vector<std::uint32_t> fields = {};      // bytes of each part of the key: one whose members are ranges, in each part
  std::uint32_t size = 0;                      // how many members at most; 0: any number
  std::uint64_t timeout_ms = 0;                // members go after so long, unless they say something else
};

// The data type of a map whose values are chains to jump to.
inline constexpr std::uint32_t kNftVerdicts = NFT_DATA_VERDICT;

// One member of a set, or one entry of a map.
struct NftElement {
  std::uint8_t family = NFPROTO_INET;
  std::string set, key, data;
  std::string about;             // for the Failure: what it stands for
  bool shared = false;           // it may be there already
  std::string key_end = {};      // the last one of a range
  std::string jump = {};         // in a map of verdicts: the chain
  std::uint64_t timeout_ms = 0;  // it goes after so long
  bool operator==(const NftElement&) const = default;
};

// A key or value of several parts, each padded as the kernel has them in its registers.
std::string NftConcat(std::initializer_list<std::string_view> parts);
// The name of a link as a key: 16 bytes.
std::string NftLinkName(const std::string& name);

NetlinkMessage NewTable(const NftTable& table);
NetlinkMessage DeleteTable(const NftTable& table);
NetlinkMessage NewChain(const NftTable& table, const std::string& chain);
NetlinkMessage NewBaseChain(const NftTable& table, const std::string& chain, const NftHook& hook);
NetlinkMessage NewSet(const NftTable& table, const NftSet& set, std::uint32_t id);
NetlinkMessage NewElement(const std::string& table, const NftElement& element);
// The same where it may be there already, which is then left as it is.
NetlinkMessage KeepElement(const std::string& table, const NftElement& element);
NetlinkMessage DeleteElement(const std::string& table, const NftElement& element);

// What makes several messages one transaction: all of it is done, or nothing.
std::vector<NetlinkMessage> NftTransaction(std::vector<NetlinkMessage> messages);

NetlinkMessage NftMessage(int type, int flags, std::uint8_t family, std::string step, std::string object);

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/nft_message.h"

namespace tsc {

// A rule, written from left to right: each step loads something into a register, compares what is there, or decides. A comparison that does
// not hold ends the rule.
class NftRule {
 public:
  NftRule(const NftTable& table, const std::string& chain);

  // It goes before those that are in the chain already.
  NftRule&& First() &&;
  // What nft(8) and iptables(8) show beside it.
  NftRule&& About(const std::string& comment) &&;
  NftRule&& Count() &&;

  // Loads: by default into the first register; those that follow it are for further parts of a key. A register has four bytes.
  NftRule&& Meta(std::uint32_t key, int at = 0) &&;
  NftRule&& Payload(std::uint32_t base, std::uint32_t offset, std::uint32_t size, int at = 0) &&;
  NftRule&& Ct(std::uint32_t key) &&;
  NftRule&& Value(const std::string& value, int at) &&;
  NftRule&& AddressType() &&;  // of the destination, as the routing table sees it
  // A number below the modulus, another one each time, in the order of the host.
  NftRule&& Random(std::uint32_t modulus, int at) &&;

  NftRule&& Equals(const std::string& value) &&;
  NftRule&& Differs(const std::string& value) &&;
  NftRule&& HasAnyOf(std::uint32_t bits) &&;
  NftRule&& Masked(const std::string& mask) &&;
  NftRule&& In(const std::string& set) &&;
  NftRule&& NotIn(const std::string& set) &&;
  NftRule&& Find(const std::string& map) &&;  // its value goes to the first register and on

  // Holds as long as that key has come up no more often than so; the set remembers.
  NftRule&& AtMost(const std::string& set, std::uint32_t per_second, std::uint32_t burst) &&;

  NetlinkMessage JumpBy(const std::string& map) &&;  // to the chain that it has for the key, if it has one
  // Copies of the packet's first bytes go to who listens to the group.
  NetlinkMessage Log(std::uint16_t group, std::uint32_t bytes) &&;
  NetlinkMessage Reset() &&;   // a TCP connection
  NetlinkMessage Refuse() &&;  // by ICMP: prohibited
  NetlinkMessage Verdict(std::int32_t code, const std::string& chain = {}) &&;
  NetlinkMessage Accept() && { return std::move(*this).Verdict(NF_ACCEPT); }
  NetlinkMessage Drop() && { return std::move(*this).Verdict(NF_DROP); }
  NetlinkMessage Return() && { return std::move(*this).Verdict(NFT_RETURN); }
  NetlinkMessage Jump(const std::string& chain) && { return std::move(*this).Verdict(NFT_JUMP, chain); }
  // To the address in the first register and the port in the one after it.
  NetlinkMessage Dnat(std::uint8_t family) &&;
  NetlinkMessage Masquerade() &&;

 private:
  template <class Attributes>
  NftRule&& Expression(const char* name, const Attributes& attributes);
  NftRule&& Compare(std::uint32_t operation, const std::string& value);
  NftRule&& Lookup(const std::string& set, std::uint32_t flags);
  NetlinkMessage Finish();

  NetlinkMessage message_;
  std::size_t expressions_;
  std::string comment_;
};

// Values as registers have them.
std::string NftNumber(std::uint32_t number);  // in the order of the host
std::string NftByte(std::uint8_t byte);
// A comment as the user data of a rule has it.
std::string NftComment(const std::string& comment);

}  // namespace tsc

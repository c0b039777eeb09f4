// SPDX-License-Identifier: Apache-2.0
#include "network/nft_rule.h"

namespace tsc {
namespace {

constexpr std::uint32_t kFirst = NFT_REG32_00;

std::uint32_t Register(int at) { return kFirst + static_cast<std::uint32_t>(at); }

}  // namespace

std::string NftNumber(std::uint32_t number) { return {reinterpret_cast<const char*>(&number), sizeof number}; }

std::string NftByte(std::uint8_t byte) { return std::string(1, static_cast<char>(byte)); }

// One attribute of a form that libnftnl and iptables share: its type, its size, and the text with its NUL.
std::string NftComment(const std::string& comment) {
  constexpr char kComment = 0;
  return std::string{kComment, static_cast<char>(comment.size() + 1)} + comment + std::string(1, '\0');
}

NftRule::NftRule(const NftTable& table, const std::string& chain)
    : message_(NftMessage(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, table.family, "create rule", chain)) {
  message_.PutText(NFTA_RULE_TABLE, table.name).PutText(NFTA_RULE_CHAIN, chain);
  expressions_ = message_.Open(NFTA_RULE_EXPRESSIONS);
}

template <class Attributes>
NftRule&& NftRule::Expression(const char* name, const Attributes& attributes) {
  message_.Nest(NFTA_LIST_ELEM, [&] {
    message_.PutText(NFTA_EXPR_NAME, name);
    message_.Nest(NFTA_EXPR_DATA, attributes);
  });
  return std::move(*this);
}

NetlinkMessage NftRule::Finish() {
  message_.Close(expressions_);
  if (!comment_.empty()) message_.Put(NFTA_RULE_USERDATA, NftComment(comment_));
  return std::move(message_);
}

NftRule&& NftRule::First() && {
  message_.header().nlmsg_flags &= static_cast<std::uint16_t>(~NLM_F_APPEND);
  return std::move(*this);
}

NftRule&& NftRule::About(const std::string& comment) && {
  comment_ = comment;
  return std::move(*this);
}

NftRule&& NftRule::Count() && {
  return Expression("counter", [] {});
}

NftRule&& NftRule::Meta(std::uint32_t key, int at) && {
  return Expression("meta", [&] { message_.PutBe32(NFTA_META_KEY, key).PutBe32(NFTA_META_DREG, Register(at)); });
}

NftRule&& NftRule::Payload(std::uint32_t base, std::uint32_t offset, std::uint32_t size, int at) && {
  return Expression("payload", [&] {
    message_.PutBe32(NFTA_PAYLOAD_DREG, Register(at)).PutBe32(NFTA_PAYLOAD_BASE, base);
    message_.PutBe32(NFTA_PAYLOAD_OFFSET, offset).PutBe32(NFTA_PAYLOAD_LEN, size);
  });
}

NftRule&& NftRule::Ct(std::uint32_t key) && {
  return Expression("ct", [&] { message_.PutBe32(NFTA_CT_KEY, key).PutBe32(NFTA_CT_DREG, Register(0)); });
}

NftRule&& NftRule::Value(const std::string& value, int at) && {
  return Expression("immediate", [&] {
    message_.PutBe32(NFTA_IMMEDIATE_DREG, Register(at));
    message_.Nest(NFTA_IMMEDIATE_DATA, [&] { message_.Put(NFTA_DATA_VALUE, value); });
  });
}

NftRule&& NftRule::AddressType() && {
  return Expression("fib", [&] {
    message_.PutBe32(NFTA_FIB_DREG, Register(0))
        .PutBe32(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE)
        .PutBe32(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
  });
}

NftRule&& NftRule::Random(std::uint32_t modulus, int at) && {
  return Expression("numgen", [&] {
    message_.PutBe32(NFTA_NG_DREG, Register(at)).PutBe32(NFTA_NG_MODULUS, modulus).PutBe32(NFTA_NG_TYPE, NFT_NG_RANDOM);
  });
}

NftRule&& NftRule::Compare(std::uint32_t operation, const std::string& value) {
  return Expression("cmp", [&] {
    message_.PutBe32(NFTA_CMP_SREG, Register(0)).PutBe32(NFTA_CMP_OP, operation);
    message_.Nest(NFTA_CMP_DATA, [&] { message_.Put(NFTA_DATA_VALUE, value); });
  });
}

NftRule&& NftRule::Equals(const std::string& value) && { return Compare(NFT_CMP_EQ, value); }

NftRule&& NftRule::Differs(const std::string& value) && { return Compare(NFT_CMP_NEQ, value); }

NftRule&& NftRule::Masked(const std::string& mask) && {
  return Expression("bitwise", [&] {
    message_.PutBe32(NFTA_BITWISE_SREG, Register(0)).PutBe32(NFTA_BITWISE_DREG, Register(0));
    message_.PutBe32(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(mask.size()));
    message_.Nest(NFTA_BITWISE_MASK, [&] { message_.Put(NFTA_DATA_VALUE, mask); });
    message_.Nest(NFTA_BITWISE_XOR, [&] { message_.Put(NFTA_DATA_VALUE, std::string(mask.size(), '\0')); });
  });
}

NftRule&& NftRule::HasAnyOf(std::uint32_t bits) && { return std::move(*this).Masked(NftNumber(bits)).Compare(NFT_CMP_NEQ, NftNumber(0)); }

NftRule&& NftRule::Lookup(const std::string& set, std::uint32_t flags) {
  return Expression(
      "lookup", [&] { message_.PutText(NFTA_LOOKUP_SET, set).PutBe32(NFTA_LOOKUP_SREG, Register(0)).PutBe32(NFTA_LOOKUP_FLAGS, flags); });
}

NftRule&& NftRule::In(const std::string& set) && { return Lookup(set, 0); }

NftRule&& NftRule::NotIn(const std::string& set) && { return Lookup(set, NFT_LOOKUP_F_INV); }

NftRule&& NftRule::Find(const std::string& map) && {
  return Expression("lookup", [&] {
    message_.PutText(NFTA_LOOKUP_SET, map).PutBe32(NFTA_LOOKUP_SREG, Register(0)).PutBe32(NFTA_LOOKUP_DREG, Register(0));
  });
}

NftRule&& NftRule::AtMost(const std::string& set, std::uint32_t per_second, std::uint32_t burst) && {
  return Expression("dynset", [&] {
    message_.PutText(NFTA_DYNSET_SET_NAME, set).PutBe32(NFTA_DYNSET_OP, NFT_DYNSET_OP_UPDATE).PutBe32(NFTA_DYNSET_SREG_KEY, Register(0));
    message_.Nest(NFTA_DYNSET_EXPR, [&] {
      message_.PutText(NFTA_EXPR_NAME, "limit");
      message_.Nest(NFTA_EXPR_DATA,
                    [&] { message_.PutBe64(NFTA_LIMIT_RATE, per_second).PutBe64(NFTA_LIMIT_UNIT, 1).PutBe32(NFTA_LIMIT_BURST, burst); });
    });
  });
}

NetlinkMessage NftRule::JumpBy(const std::string& map) && {
  Expression("lookup", [&] {
    message_.PutText(NFTA_LOOKUP_SET, map).PutBe32(NFTA_LOOKUP_SREG, Register(0)).PutBe32(NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
  });
  return Finish();
}

NetlinkMessage NftRule::Log(std::uint16_t group, std::uint32_t bytes) && {
  const char number[] = {static_cast<char>(group >> 8), static_cast<char>(group & 0xff)};
  Expression("log", [&] { message_.Put(NFTA_LOG_GROUP, {number, sizeof number}).PutBe32(NFTA_LOG_SNAPLEN, bytes); });
  return Finish();
}

NetlinkMessage NftRule::Reset() && {
  Expression("reject", [&] { message_.PutBe32(NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST).Put(NFTA_REJECT_ICMP_CODE, NftByte(0)); });
  return Finish();
}

NetlinkMessage NftRule::Refuse() && {
  Expression("reject", [&] {
    message_.PutBe32(NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
    message_.Put(NFTA_REJECT_ICMP_CODE, NftByte(NFT_REJECT_ICMPX_ADMIN_PROHIBITED));
  });
  return Finish();
}

NetlinkMessage NftRule::Verdict(std::int32_t code, const std::string& chain) && {
  Expression("immediate", [&] {
    message_.PutBe32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    message_.Nest(NFTA_IMMEDIATE_DATA, [&] {
      message_.Nest(NFTA_DATA_VERDICT, [&] {
        message_.PutBe32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(code));
        if (!chain.empty()) message_.PutText(NFTA_VERDICT_CHAIN, chain);
      });
    });
  });
  return Finish();
}

NetlinkMessage NftRule::Dnat(std::uint8_t family) && {
  const int port = family == NFPROTO_IPV4 ? 1 : 4;
  Expression("nat", [&] {
    message_.PutBe32(NFTA_NAT_TYPE, NFT_NAT_DNAT).PutBe32(NFTA_NAT_FAMILY, family);
    message_.PutBe32(NFTA_NAT_REG_ADDR_MIN, Register(0)).PutBe32(NFTA_NAT_REG_PROTO_MIN, Register(port));
  });
  return Finish();
}

NetlinkMessage NftRule::Masquerade() && {
  Expression("masq", [] {});
  return Finish();
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "network/netlink_message.h"

#include <arpa/inet.h>
#include <endian.h>

namespace tsc {

NetlinkMessage::NetlinkMessage(int type, int flags, std::string step, std::string object)
    : bytes_(sizeof(nlmsghdr), '\0'), step_(std::move(step)), object_(std::move(object)) {
  header().nlmsg_type = static_cast<std::uint16_t>(type);
  header().nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  Sized();
}

void NetlinkMessage::Sized() {
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  header().nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
}

NetlinkMessage& NetlinkMessage::Raw(std::string_view bytes) {
  bytes_.append(bytes);
  Sized();
  return *this;
}

NetlinkMessage& NetlinkMessage::Put(int attribute, std::string_view bytes) {
  const nlattr head{static_cast<std::uint16_t>(NLA_HDRLEN + bytes.size()), static_cast<std::uint16_t>(attribute)};
  bytes_.append(reinterpret_cast<const char*>(&head), sizeof head);
  return Raw(bytes);
}

NetlinkMessage& NetlinkMessage::PutText(int attribute, const std::string& text) { return Put(attribute, {text.c_str(), text.size() + 1}); }

NetlinkMessage& NetlinkMessage::PutBe32(int attribute, std::uint32_t number) { return PutNumber(attribute, ::htonl(number)); }

NetlinkMessage& NetlinkMessage::PutBe64(int attribute, std::uint64_t number) { return PutNumber(attribute, htobe64(number)); }

std::size_t NetlinkMessage::Open(int attribute) {
  const std::size_t start = bytes_.size();
  Put(attribute | NLA_F_NESTED, {});
  return start;
}

void NetlinkMessage::Close(std::size_t start) {
  nlattr head;
  std::memcpy(&head, bytes_.data() + start, sizeof head);
  head.nla_len = static_cast<std::uint16_t>(bytes_.size() - start);
  std::memcpy(bytes_.data() + start, &head, sizeof head);
}

NetlinkAttributes ReadAttributes(std::string_view bytes) {
  NetlinkAttributes attributes;
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.nla_len < NLA_HDRLEN || head.nla_len > bytes.size()) break;
    attributes[head.nla_type & NLA_TYPE_MASK] = bytes.substr(NLA_HDRLEN, head.nla_len - NLA_HDRLEN);
    bytes.remove_prefix(std::min<std::size_t>(NLA_ALIGN(head.nla_len), bytes.size()));
  }
  return attributes;
}

std::string TextOf(const NetlinkAttributes& attributes, int type) {
  const auto it = attributes.find(type);
  return it == attributes.end() ? std::string() : std::string(it->second.substr(0, it->second.find('\0')));
}

}  // namespace tsc

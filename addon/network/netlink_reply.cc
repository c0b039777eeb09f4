// SPDX-License-Identifier: Apache-2.0
#include "network/netlink_reply.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace tsc {
namespace {

// NETLINK_EXT_ACK.
std::string WordsOf(const NetlinkReply& reply) {
  if (!(reply.head.nlmsg_flags & NLM_F_ACK_TLVS) || reply.body.size() < sizeof(nlmsgerr)) return {};
  nlmsgerr error;
  std::memcpy(&error, reply.body.data(), sizeof error);
  std::size_t start = sizeof error;
  if (!(reply.head.nlmsg_flags & NLM_F_CAPPED)) start += NLMSG_ALIGN(error.msg.nlmsg_len) - sizeof(nlmsghdr);
  if (start > reply.body.size()) return {};
  return TextOf(ReadAttributes(reply.body.substr(start)), NLMSGERR_ATTR_MSG);
}

}  // namespace

bool NextReply(std::string_view* rest, NetlinkReply* reply) {
  if (rest->size() < sizeof(nlmsghdr)) return false;
  std::memcpy(&reply->head, rest->data(), sizeof(nlmsghdr));
  const std::size_t length = reply->head.nlmsg_len;
  if (length < sizeof(nlmsghdr) || length > rest->size()) return false;
  reply->body = rest->substr(NLMSG_HDRLEN, length - NLMSG_HDRLEN);
  rest->remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(length), rest->size()));
  return true;
}

int ErrorOf(const NetlinkReply& reply) {
  nlmsgerr error{};
  if (reply.body.size() < sizeof error.error) return EPROTO;
  std::memcpy(&error.error, reply.body.data(), sizeof error.error);
  return error.error == std::numeric_limits<int>::min() ? EPROTO : -error.error;
}

Failure RefusedBy(const NetlinkMessage& request, const NetlinkReply& reply) {
  const std::string words = WordsOf(reply);
  return Fail(request.step(), ErrorOf(reply), words.empty() ? request.object() : request.object() + ": " + words);
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "network/netlink_reply.h"

using namespace tsc;

namespace {

std::string ErrorMessage(int error) {
  std::string message(sizeof(nlmsghdr) + sizeof error, '\0');
  const nlmsghdr head{static_cast<std::uint32_t>(message.size()), NLMSG_ERROR, 0, 1, 0};
  std::memcpy(message.data(), &head, sizeof head);
  std::memcpy(message.data() + sizeof head, &error, sizeof error);
  return message;
}

int ErrorIn(const std::string& message) {
  std::string_view rest = message;
  NetlinkReply reply;
  return NextReply(&rest, &reply) ? ErrorOf(reply) : -1;
}

}  // namespace

TEST_CASE("a netlink error is an errno, whatever number stands there") {
  CHECK(ErrorIn(ErrorMessage(-17)) == 17);
  CHECK(ErrorIn(ErrorMessage(0)) == 0);
  CHECK(ErrorIn(ErrorMessage(std::numeric_limits<int>::min())) == EPROTO);
}

TEST_CASE("a netlink message that claims more than there is ends the datagram") {
  auto message = ErrorMessage(-1);
  message.resize(message.size() - 1);
  CHECK(ErrorIn(message) == -1);
}

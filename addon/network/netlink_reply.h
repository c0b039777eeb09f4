// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/netlink.h>

#include <string_view>

#include "core/result.h"
#include "network/netlink_message.h"

// What the kernel sends back, message by message.
namespace tsc {

struct NetlinkReply {
  nlmsghdr head;
  std::string_view body;  // of the datagram that it was taken from
};

// Takes the next message off a datagram; false at its end.
bool NextReply(std::string_view* rest, NetlinkReply* reply);

// The errno in an NLMSG_ERROR, 0 for an acknowledgement.
int ErrorOf(const NetlinkReply& reply);

// Why the request was refused, with the kernel's own sentence, where it has one.
Failure RefusedBy(const NetlinkMessage& request, const NetlinkReply& reply);

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/dns_message.h"

namespace tsc::dns {

struct Resolved {
  IpAddress address;
  std::uint32_t ttl = 0;  // seconds: the least on the way that led there
};

// What an answer says of the name that was asked for, after its aliases (CNAME). Records of other names, wherever they are, say nothing.
struct Resolution {
  Code code = Code::kServerFailure;
  bool truncated = false;
  std::vector<Resolved> addresses;
};

// Of an answer to that query for addresses (A or AAAA), which comes from a stranger. Nothing: it cannot be read.
std::optional<Resolution> ReadResolution(std::string_view answer, const Query& query);

}  // namespace tsc::dns

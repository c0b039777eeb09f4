// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/dns_message.h"
#include "network/dns_names.h"

namespace tsc::dns {

// A name that only who asks has for a container.
struct Link {
  std::string name, container;  // in lower case; its id
};

// Who asks: the container of a socket.
struct Client {
  std::vector<std::string> networks;
  // Name servers for what is not a container's name; none where all its networks are internal (CVE-2024-29018).
  std::vector<IpAddress> upstreams;
  std::vector<Link> links{};
};

// The answer to what is known here, or may not leave; nothing: somebody else is to be asked. Never longer than `limit` bytes.
std::optional<std::string> AnswerHere(std::string_view packet, const Query& query, const Client& client, Names* names, std::size_t limit);

}  // namespace tsc::dns

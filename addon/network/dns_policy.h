// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/dns_message.h"
#include "network/dns_names.h"
#include "network/egress_policy.h"

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
  // Where there are egress policies: what may be asked for, by name; the addresses of these are nobody's affair here.
  std::optional<std::vector<EgressName>> allowed = {};
};

// Whether a name that nobody here has may be asked for elsewhere.
bool MayAsk(const Client& client, const Query& query);
// Whether its answer opens a way: it says where a name is.
bool AsksForAddresses(const Query& query);

// The answer to what is known here, or may not leave; nothing: somebody else is to be asked. Never longer than `limit` bytes.
std::optional<std::string> AnswerHere(std::string_view packet, const Query& query, const Client& client, Names* names, std::size_t limit);

}  // namespace tsc::dns

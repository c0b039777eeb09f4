// SPDX-License-Identifier: Apache-2.0
#include "network/dns_policy.h"

#include <algorithm>

namespace tsc::dns {
namespace {

constexpr std::uint16_t kInternet = 1;

bool Is(const Query& query, Type type) { return query.type == static_cast<std::uint16_t>(type); }

std::vector<Record> RecordsFor(const Query& query, const std::vector<IpAddress>& addresses) {
  std::vector<Record> records;
  for (const auto& address : addresses)
    if (Is(query, address.family == AF_INET ? Type::kA : Type::kAaaa)) records.push_back(AddressRecord(address));
  return records;
}

std::optional<Record> NameAt(const Query& query, const Client& client, const Names& names) {
  if (!Is(query, Type::kPtr)) return std::nullopt;
  const auto address = ReversedAddress(query.name);
  const auto name = address ? names.FindName(client.networks, *address) : std::nullopt;
  return name ? PointerRecord(*name) : std::nullopt;
}

const Link* LinkOf(const Client& client, const std::string& name) {
  const auto it = std::find_if(client.links.begin(), client.links.end(), [&](const Link& link) { return link.name == name; });
  return it == client.links.end() ? nullptr : &*it;
}

}  // namespace

bool MayAsk(const Client& client, const Query& query) {
  return !client.allowed || (!query.name.empty() && EgressPolicy{{}, *client.allowed}.Names(query.name));
}

bool AsksForAddresses(const Query& query) { return Is(query, Type::kA) || Is(query, Type::kAaaa); }

std::optional<std::string> AnswerHere(std::string_view packet, const Query& query, const Client& client, Names* names, std::size_t limit) {
  const auto answer = [&](Code code, const std::vector<Record>& records) { return MakeAnswer(packet, query, code, records, limit); };
  if (query.kind != kInternet) return answer(Code::kRefused, {});
  if (!query.name.empty()) {
    if (const auto name = NameAt(query, client, *names)) return answer(Code::kNoError, {*name});
    // Its own names come first, and are nobody else's while the container is not there.
    if (const Link* link = LinkOf(client, query.name)) {
      const auto linked = names->FindContainer(client.networks, link->container);
      return linked ? answer(Code::kNoError, RecordsFor(query, *linked)) : answer(Code::kNoSuchName, {});
    }
    // A container without an address of that family has a name all the same: nobody else is to be asked for it.
    if (const auto addresses = names->Find(client.networks, query.name)) return answer(Code::kNoError, RecordsFor(query, *addresses));
    // A name without dots is a container's that is not there now. Elsewhere it would mean something else, or give away who is here.
    if (query.name.find('.') == std::string::npos) return answer(Code::kNoSuchName, {});
  }
  if (client.upstreams.empty()) return answer(Code::kNoSuchName, {});
  return std::nullopt;
}

}  // namespace tsc::dns

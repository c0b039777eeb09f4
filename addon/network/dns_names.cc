// SPDX-License-Identifier: Apache-2.0
#include "network/dns_names.h"

#include <algorithm>
#include <cctype>

namespace tsc::dns {
namespace {

std::string LowerCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void Names::Add(const Endpoint& endpoint) {
  Endpoint& known = networks_[endpoint.network][endpoint.container] = endpoint;
  for (auto& name : known.names) name = LowerCase(std::move(name));
}

void Names::Remove(const std::string& network, const std::string& container) {
  const auto found = networks_.find(network);
  if (found == networks_.end()) return;
  found->second.erase(container);
  if (found->second.empty()) networks_.erase(found);
}

std::optional<std::vector<IpAddress>> Names::Find(const std::vector<std::string>& networks, const std::string& name) {
  std::vector<IpAddress> addresses;
  bool known = false;
  for (const auto& network : networks) {
    const auto found = networks_.find(network);
    if (found == networks_.end()) continue;
    for (const auto& [container, endpoint] : found->second) {
      if (!Has(endpoint.names, name)) continue;
      known = true;
      addresses.insert(addresses.end(), endpoint.addresses.begin(), endpoint.addresses.end());
    }
  }
  if (!known) return std::nullopt;
  if (!addresses.empty())
    std::rotate(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(turn_++ % addresses.size()), addresses.end());
  return addresses;
}

std::optional<std::vector<IpAddress>> Names::FindContainer(const std::vector<std::string>& networks, const std::string& container) const {
  std::optional<std::vector<IpAddress>> addresses;
  for (const auto& network : networks) {
    const auto members = networks_.find(network);
    if (members == networks_.end()) continue;
    const auto found = members->second.find(container);
    if (found == members->second.end()) continue;
    if (!addresses) addresses.emplace();
    addresses->insert(addresses->end(), found->second.addresses.begin(), found->second.addresses.end());
  }
  return addresses;
}

std::optional<std::string> Names::FindName(const std::vector<std::string>& networks, const IpAddress& address) const {
  for (const auto& network : networks) {
    const auto found = networks_.find(network);
    if (found == networks_.end()) continue;
    for (const auto& [container, endpoint] : found->second) {
      const auto& own = endpoint.addresses;
      if (std::find(own.begin(), own.end(), address) != own.end() && !endpoint.names.empty()) return endpoint.names.front();
    }
  }
  return std::nullopt;
}

}  // namespace tsc::dns

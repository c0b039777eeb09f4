// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "network/ip_address.h"

namespace tsc::dns {

// A container in a network: what it is called there, and where it is.
struct Endpoint {
  std::string network, container;
  std::vector<std::string> names;  // its own first, which addresses lead back to; then aliases
  std::vector<IpAddress> addresses;
};

// Who is called what in which network. Several may share a name: whoever asks gets all of them, each time another one first.
class Names {
 public:
  // Takes the place of an earlier one of the same container in the same network.
  void Add(const Endpoint& endpoint);
  void Remove(const std::string& network, const std::string& container);

  // Of both families, in the networks of who asks; nothing where nobody there is called so.
  std::optional<std::vector<IpAddress>> Find(const std::vector<std::string>& networks, const std::string& name);
  // Of one container, in the networks of who asks.
  std::optional<std::vector<IpAddress>> FindContainer(const std::vector<std::string>& networks, const std::string& container) const;
  std::optional<std::string> FindName(const std::vector<std::string>& networks, const IpAddress& address) const;

 private:
  std::map<std::string, std::map<std::string, Endpoint>> networks_;  // network → container
  std::size_t turn_ = 0;
};

}  // namespace tsc::dns

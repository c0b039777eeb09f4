// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "supervisor/dns_server.h"

namespace tsc {

// The DnsServer's side of egress policies, in its process: asks the process that it works for, and waits for what that says.
class DnsGate {
 public:
  using Say = std::function<void(const Json& message)>;
  explicit DnsGate(Say say) : say_(std::move(say)) {}

  DnsServer::Gate Ways();
  // The answer to what was asked.
  void Hear(const Json& message);

 private:
  using Then = std::function<void(std::vector<dns::Resolved> opened)>;
  struct Budget {
    std::chrono::steady_clock::time_point since;
    int told = 0;
  };

  void Open(const std::string& client, const std::string& name, const std::vector<dns::Resolved>& found, Then then);
  void Refuse(const std::string& client, const std::string& name, dns::Transport transport);
  bool MayTell(const std::string& client);

  Say say_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Then> asked_;
  std::map<std::string, Budget> budgets_;
};

Json ResolvedJson(const std::vector<dns::Resolved>& resolved);
std::vector<dns::Resolved> ResolvedOf(const Json& list);

}  // namespace tsc

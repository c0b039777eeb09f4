// SPDX-License-Identifier: Apache-2.0
#include "supervisor/network_usage.h"

#include <fcntl.h>

#include <sstream>

#include "core/paths.h"

namespace tsc {

// "  eth0: bytes packets errs drop fifo frame compressed multicast bytes packets errs drop fifo colls carrier compressed"
std::vector<LinkUsage> ParseNetDev(std::string_view text) {
  std::vector<LinkUsage> links;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    const auto name = line.find_first_not_of(' ');
    if (colon == std::string::npos) continue;  // the two lines of the heading
    LinkUsage link{line.substr(name, colon - name), {}, {}};
    std::istringstream numbers(line.substr(colon + 1));
    std::uint64_t skipped = 0;
    LinkCounts& in = link.received;
    LinkCounts& out = link.sent;
    numbers >> in.bytes >> in.packets >> in.errors >> in.dropped >> skipped >> skipped >> skipped >> skipped;
    numbers >> out.bytes >> out.packets >> out.errors >> out.dropped;
    if (numbers) links.push_back(std::move(link));
  }
  return links;
}

std::optional<std::vector<LinkUsage>> ReadNetworkUsage(pid_t pid) {
  const auto text = ReadFileAt(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/net/dev").c_str());
  if (!text.ok()) return std::nullopt;
  return ParseNetDev(*text);
}

}  // namespace tsc

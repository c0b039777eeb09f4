// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tsc {

// A program that carries what leaves a network namespace to the host's, by sockets of an ordinary user.
struct WayOutProgram {
  const char* name = "";  // "pasta" or "slirp4netns"
  std::string path;
};

// The link that it makes in the namespace.
inline constexpr const char* kWayOutLink = "tscout";

// Those that are installed, the better one first. Looked for where the system has its programs, so that no PATH chooses what runs.
std::vector<WayOutProgram> FindWayOutPrograms();

// What it is started with, for the network namespace at that path: nothing comes in by it, and the host's loopback is not reached.
std::vector<std::string> WayOutArguments(const WayOutProgram& program, const std::string& network_namespace);

}  // namespace tsc

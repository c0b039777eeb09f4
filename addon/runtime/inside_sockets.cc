// SPDX-License-Identifier: Apache-2.0
#include "runtime/inside_sockets.h"

#include <sched.h>
#include <sys/socket.h>

#include "runtime/namespace_visit.h"

namespace tsc {
namespace {

struct Opening {
  std::vector<UniqueFd> sockets;
  int error = 0;
};

Opening Open(const std::vector<int>& families, int type) {
  Opening opening;
  for (const int family : families) {
    UniqueFd socket(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket && opening.error == 0) opening.error = errno;
    opening.sockets.push_back(std::move(socket));
  }
  return opening;
}

}  // namespace

Result<std::vector<UniqueFd>> OpenSockets(const std::vector<int>& families, int type) {
  auto opening = Open(families, type);
  for (const auto& socket : opening.sockets)
    if (socket) return std::move(opening.sockets);
  return Fail("socket", opening.error);
}

Result<std::vector<UniqueFd>> OpenSocketsInside(int pidfd, const std::vector<int>& families, int type) {
  const NamespaceVisit visit(pidfd, CLONE_NEWNET);
  if (visit.error() != 0) return Fail("join network namespace", visit.error());
  return OpenSockets(families, type);
}

}  // namespace tsc

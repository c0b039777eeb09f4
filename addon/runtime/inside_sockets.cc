// SPDX-License-Identifier: Apache-2.0
#include "runtime/inside_sockets.h"

#include <sched.h>
#include <sys/socket.h>

#include "runtime/namespace_visit.h"

namespace tsc {
namespace {

struct Opening {
  int pidfd = -1;
  const std::vector<int>* families = nullptr;
  int type = SOCK_STREAM;
  std::vector<UniqueFd> sockets;  // has room for all: the helper allocates nothing
  int error = ECHILD;
  const char* step = "clone";
};

void Open(Opening* opening) {
  opening->step = "socket";
  opening->error = 0;
  for (const int family : *opening->families) {
    UniqueFd socket(::socket(family, opening->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket && opening->error == 0) opening->error = errno;
    opening->sockets.push_back(std::move(socket));
  }
}

int OpenInside(void* argument) {
  auto* opening = static_cast<Opening*>(argument);
  if (::setns(opening->pidfd, CLONE_NEWNET) == 0) {
    Open(opening);
  } else {
    opening->step = "join network namespace";
    opening->error = errno;
  }
  return 0;
}

Result<std::vector<UniqueFd>> Opened(Opening opening) {
  bool any = false;
  for (const auto& socket : opening.sockets) any = any || socket;
  if (!any) return Fail(opening.step, opening.error);
  return std::move(opening.sockets);
}

}  // namespace

Result<std::vector<UniqueFd>> OpenSocketsInside(int pidfd, const std::vector<int>& families, int type) {
  Opening opening;
  opening.pidfd = pidfd;
  opening.families = &families;
  opening.type = type;
  opening.sockets.reserve(families.size());
  TSC_TRY(RunVisiting(CLONE_NEWNET, OpenInside, &opening));
  return Opened(std::move(opening));
}

Result<std::vector<UniqueFd>> OpenSockets(const std::vector<int>& families, int type) {
  Opening opening;
  opening.families = &families;
  opening.type = type;
  opening.sockets.reserve(families.size());
  Open(&opening);
  return Opened(std::move(opening));
}

}  // namespace tsc

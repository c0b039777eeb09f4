// SPDX-License-Identifier: Apache-2.0
#include "command/start_gate.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "runtime/child_report.h"

namespace tsc {
namespace {

constexpr const char* kShut = "start.sock";
constexpr const char* kOpened = "started.sock";

// A record's path may be longer than an address: by the directory's descriptor it is not.
sockaddr_un Address(int directory, const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
  return address;
}

Result<UniqueFd> NewSocket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) return Errno("socket", kShut);
  return socket;
}

}  // namespace

Result<UniqueFd> ShutGate(int directory) {
  auto listener = TSC_TRY(NewSocket());
  const auto address = Address(directory, kShut);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Errno("bind", kShut);
  if (::listen(listener.get(), 1) != 0) return Errno("listen", kShut);
  return listener;
}

bool IsGateShut(int directory) { return ::faccessat(directory, kShut, F_OK, 0) == 0; }

Result<UniqueFd> WaitAtGate(int listener) {
  UniqueFd connection;
  do connection.reset(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  while (!connection && errno == EINTR);
  if (!connection) return Errno("wait for start");
  return connection;
}

// Renamed first: of two who start it one finds nothing, and a container that was told to start is never taken for one that waits.
Status OpenGate(int directory) {
  if (::renameat(directory, kShut, directory, kOpened) != 0) return Errno("start container");
  const auto socket = TSC_TRY(NewSocket());
  const auto address = Address(directory, kOpened);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Errno("start container");
  ::unlinkat(directory, kOpened, 0);
  ChildReport report;
  UniqueFd unused;
  const int received = ReceiveReport(socket.get(), &report, &unused);
  if (received < 0 && errno != ECONNRESET) return Errno("start container");
  if (received == 1) return ReportedFailure(report);
  return {};
}

}  // namespace tsc

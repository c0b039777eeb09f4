// SPDX-License-Identifier: Apache-2.0
#include "supervisor/probe_way_out.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "core/reap.h"
#include "runtime/inside_network.h"
#include "supervisor/probe_attempt.h"
#include "supervisor/way_out_keeper.h"

namespace tsc {
namespace {

constexpr int kPatienceMs = 6000;

Status TryTun() {
  const UniqueFd device(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  return device ? Status{} : Status(Errno("open", "/dev/net/tun"));
}

// Empty where it works.
std::string ProblemOf(const WayOutProgram& program, int network_namespace) {
  const auto started = StartWayOut(program, network_namespace);
  if (!started.ok()) return started.failure().step;
  pollfd watched{started->socket.get(), POLLIN, 0};
  ::poll(&watched, 1, kPatienceMs);
  char said[512];
  const ssize_t size = ::recv(started->socket.get(), said, sizeof said, MSG_DONTWAIT);
  KillAndReap(started->pidfd.get());
  if (size <= 0) return "it was killed";
  return said[0] == kWayOutReady ? std::string() : std::string(said, static_cast<std::size_t>(size));
}

}  // namespace

Json ProbeWayOut() {
  const Status tun = TryTun();
  Json programs = Json::array();
  const auto inside = NewNetworkNamespace({});
  for (const auto& program : FindWayOutPrograms()) {
    std::string problem = inside.ok() && tun.ok() ? ProblemOf(program, inside->network_namespace.get()) : "not tried";
    const bool works = problem.empty();
    programs.push_back({{"name", program.name}, {"problem", std::move(problem)}});
    if (works) break;
  }
  return {{"tun", AttemptJson(tun)}, {"programs", std::move(programs)}};
}

}  // namespace tsc

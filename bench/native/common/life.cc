// SPDX-License-Identifier: Apache-2.0
#include "common/life.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/measure.h"
#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_devices.h"
#include "runtime/child_report.h"
#include "runtime/launch.h"
#include "runtime/rootfs.h"

namespace bench {
namespace {

using tsc::Errno, tsc::Fail, tsc::Result, tsc::Status, tsc::UniqueFd;
namespace sys = tsc::sys;

Status MakeOwned(const std::string& path, mode_t mode, uid_t owner) {
  if (::mkdir(path.c_str(), mode) != 0) return Errno("mkdir", path);
  if (owner != 0 && ::chown(path.c_str(), owner, owner) != 0) return Errno("chown", path);
  return {};
}

Status MakeDevices(const tsc::Host& host, tsc::ContainerPlan* plan) {
  for (std::size_t i = 0; i < plan->spec.mounts.size(); ++i) {
    const auto& mount = plan->spec.mounts[i];
    if (mount.destination != "/dev" || mount.type != "tmpfs") continue;
    plan->bind_sources[i] = TSC_TRY(tsc::MakeDeviceFileSystem(plan->spec, mount, host.container_root(), host.container_root()));
  }
  return {};
}

Result<tsc::ContainerPlan> MakePlan(const LifeInput& input, const std::string& base) {
  const tsc::Host& host = *input.host;
  TSC_TRY(MakeOwned(base, 0700, 0));
  TSC_TRY(MakeOwned(base + "/upper", 0755, host.container_root()));
  TSC_TRY(MakeOwned(base + "/work", 0700, 0));
  tsc::ContainerPlan plan;
  plan.spec = input.spec;
  if (host.user_namespaces) {
    plan.spec.namespaces.push_back({CLONE_NEWUSER, ""});
    plan.spec.uid_mappings = plan.spec.gid_mappings = host.id_maps;
  }
  TSC_TRY(tsc::PrepareBinds({host.idmap_namespace ? host.idmap_namespace.get() : -1}, &plan));
  TSC_TRY(MakeDevices(host, &plan));
  tsc::OverlayPlan overlay{{host.layers + "/" + input.layer + "/fs"}, base + "/upper", base + "/work", host.userxattr, true, host.staging};
  plan.root = TSC_TRY(tsc::MountOverlay(overlay));
  plan.seccomp = input.seccomp;
  return plan;
}

Status Wait(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 10'000) == 1 ? Status{} : Status(Fail("wait", ETIMEDOUT));
}

Status AwaitReady(const tsc::Launched& launched) {
  TSC_TRY(Wait(launched.control.get()));
  tsc::ChildReport report;
  UniqueFd descriptor;
  if (tsc::ReceiveReport(launched.control.get(), &report, &descriptor) != 1) return Fail("child", ECHILD);
  return report.kind == tsc::ReportKind::kReady ? Status{} : Status(tsc::ReportedFailure(report));
}

Status Start(const tsc::Launched& launched) {
  const char start = static_cast<char>(tsc::ChildCommand::kStart);
  if (::send(launched.control.get(), &start, 1, MSG_NOSIGNAL) != 1) return Errno("start");
  return Wait(launched.exec_status.get());
}

Status AwaitEnd(const tsc::Launched& launched) {
  TSC_TRY(Wait(launched.pidfd.get()));
  siginfo_t info{};
  rusage usage{};
  if (sys::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(launched.pidfd.get()), &info, WEXITED, &usage) != 0)
    return Errno("waitid");
  if (info.si_code != CLD_EXITED || info.si_status != 0) return Fail("life", ECHILD, std::to_string(info.si_status));
  return {};
}

}  // namespace

Result<LifeInput> ReadLifeInput(const std::string& config_path, tsc::Host* host, const std::string& layer) {
  const auto text = TSC_TRY(tsc::ReadFileAt(AT_FDCWD, config_path.c_str()));
  const auto config = tsc::Json::parse(text, nullptr, false);
  if (config.is_discarded()) return Fail("parse", EINVAL, config_path);
  const auto& linux_part = tsc::Member(config, "linux");
  LifeInput input{host, {}, {}, {}, layer};
  input.spec = TSC_TRY(tsc::ParseSpec(config));
  input.resources = TSC_TRY(tsc::ParseResources(tsc::Member(linux_part, "resources")));
  input.seccomp = std::make_shared<const tsc::SeccompProgram>(TSC_TRY(tsc::CompileSeccomp(tsc::Member(linux_part, "seccomp"))));
  return input;
}

Result<LifeTimes> RunLife(const LifeInput& input) {
  static unsigned count = 0;
  const std::string name = "bench-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  const double begin = NowUs();
  LifeTimes times;
  const auto passed = [&] { return NowUs() - begin; };
  auto plan = TSC_TRY(MakePlan(input, input.host->options.root + "/containers/" + name));
  times.prepared = passed();
  auto cgroup = TSC_TRY(input.host->cgroups->Create(name, input.resources));
  plan.cgroup = cgroup.clone_fd();
  if (cgroup.needs_join()) plan.join_cgroups = [&cgroup] { return cgroup.Join(0); };
  times.limited = passed();
  auto launched = TSC_TRY(tsc::LaunchContainer(plan));
  plan = {};
  cgroup.ReleaseJoin();
  times.cloned = passed();
  TSC_TRY(AwaitReady(launched));
  times.ready = passed();
  TSC_TRY(Start(launched));
  times.executed = passed();
  TSC_TRY(AwaitEnd(launched));
  times.ended = passed();
  TSC_TRY(cgroup.Remove());
  const UniqueFd containers(::openat(input.host->root_dir.get(), "containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  TSC_TRY(tsc::RemoveTree(containers.get(), name.c_str()));
  times.removed = passed();
  return times;
}

}  // namespace bench

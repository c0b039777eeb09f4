// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_devices.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"
#include "supervisor/container.h"
#include "supervisor/container_names.h"
#include "supervisor/copied_root.h"
#include "supervisor/disk_quota.h"

// What a container needs before its first process: its files in the store, and a plan of all that the process is given.
namespace tsc {
namespace {

Result<UniqueFd> OpenContainerDirectory(const Host& host, const std::string& id) {
  UniqueFd dir(::openat(host.root_dir.get(), ("containers/" + id).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("open container directory", id);
  return dir;
}

RootRequest RootOf(const CreateRequest& request) { return {request.layers, request.user_namespace, !request.hidden, request.root_layer}; }

}  // namespace

CopiedRoot Container::RootToCopy() const {
  return {request_.id, request_.layers, request_.root_layer, request_.user_namespace, request_.detached};
}

// The record first, then the name that leads to it: whoever finds a name finds what it names.
Status Container::ClaimFiles() {
  const Host& host = *context_.host;
  const std::string path = "containers/" + id();
  // Which of its directories are limited is decided while they are empty.
  const bool may_be_parked = !request_.detached && request_.disk_quota == 0;
  if (context_.take_root && may_be_parked) parked_root_ = context_.take_root(RootOf(request_));
  const int made =
      parked_root_ ? ::renameat2(host.root_dir.get(), parked_root_->directory.c_str(), host.root_dir.get(), path.c_str(), RENAME_NOREPLACE)
                   : ::mkdirat(host.root_dir.get(), path.c_str(), 0700);
  if (made != 0) return Errno("create container", id());
  files_exist_ = true;
  const auto dir = TSC_TRY(OpenContainerDirectory(host, id()));
  // What is owned lives and dies with this process; its directory alone tells the next one what to remove.
  if (request_.detached) TSC_TRY(WriteFileAtomic(dir.get(), "container.json", request_.text));
  request_.text = {};
  TSC_TRY(ClaimName(host, request_.name, id()));
  TSC_TRY(ClaimVolumes());
  if (request_.disk_quota > 0 && !host.disk_quotas) return Fail("set disk quota", ENOTSUP, host.options.root);
  if (!host.overlay || parked_root_) return {};
  TSC_TRY(MakeOverlayDirectories(host, dir.get(), RootOf(request_)));
  return request_.disk_quota > 0 ? SetDiskQuota(dir.get(), request_.disk_quota) : Status{};
}

// Nobody can make a device node in a user namespace, but layers bring theirs: a disk of the host's, owned by whoever is root inside.
Status Container::MakeRoot(ContainerPlan* plan) {
  TSC_TRY(MountRoot(plan));
  if (request_.root_devices) return {};
  const sys::MountAttr nodev{sys::kAttrNodev, 0, 0, 0};
  if (sys::mount_setattr(plan->root.get(), "", AT_EMPTY_PATH, nodev) != 0) return Errno("close devices", "/");
  return {};
}

Status Container::MountRoot(ContainerPlan* plan) {
  const Host& host = *context_.host;
  const std::string base = host.options.root + "/containers/" + id();
  if (!host.overlay) {
    plan->root = TSC_TRY(MountCopiedRoot(host, RootToCopy()));
    return {};
  }
  if (auto parked = std::exchange(parked_root_, std::nullopt)) {
    plan->root = std::move(parked->overlay);
    return {};
  }
  // What a volatile mount leaves says "do not mount me again"; for a container that was stopped in good order there is no danger in it.
  const auto dir = TSC_TRY(OpenContainerDirectory(host, id()));
  if (exit_ && !request_.detached) TSC_TRY(RemoveTree(dir.get(), "work/work/incompat"));
  plan->root = TSC_TRY(MountContainerOverlay(host, RootOf(request_), base, !request_.detached));
  return {};
}

Status Container::MakeStdio(ContainerPlan* plan) {
  stdio_.Begin(TSC_TRY(OpenContainerDirectory(*context_.host, id())));
  if (request_.idle) return {};
  if (request_.spec.process->terminal) {
    stdio_.Type(std::move(request_.standard_input));
    return {};
  }
  plan->stdio.in = request_.open_input ? TSC_TRY(stdio_.MakeInput()) : std::move(request_.standard_input);
  plan->stdio.out = TSC_TRY(stdio_.MakeOutput('o'));
  plan->stdio.err = TSC_TRY(stdio_.MakeOutput('e'));
  const UniqueFd* pipes[] = {&plan->stdio.in, &plan->stdio.out, &plan->stdio.err};
  for (int i = 0; i < 3; ++i) plan->stdio.given[i] = GivePipe(*pipes[i]);
  return {};
}

bool Container::GivePipe(const UniqueFd& pipe) const {
  const uid_t root = request_.user_namespace ? context_.host->container_root() : 0;
  return pipe && ::fchown(pipe.get(), root, root) == 0;
}

void Container::LimitProcesses(Process* process) const {
  if (!nproc_limit_) return;
  std::erase_if(process->rlimits, [](const Rlimit& limit) { return limit.resource == RLIMIT_NPROC; });
  rlimit own{};
  ::getrlimit(RLIMIT_NPROC, &own);
  const std::uint64_t limit = std::min<std::uint64_t>(*nproc_limit_, own.rlim_max);
  process->rlimits.push_back({RLIMIT_NPROC, limit, limit});
}

// Without root the child binds the host's devices.
Status Container::MakeDevices(ContainerPlan* plan) const {
  const Host& host = *context_.host;
  if (host.options.rootless) return {};
  const uid_t owner = request_.user_namespace ? host.container_root() : 0;
  for (std::size_t i = 0; i < plan->spec.mounts.size(); ++i) {
    const Mount& mount = plan->spec.mounts[i];
    if (mount.destination != "/dev" || mount.type != "tmpfs" || plan->bind_sources[i]) continue;
    plan->bind_sources[i] = TSC_TRY(MakeDeviceFileSystem(plan->spec, mount, owner, owner));
  }
  return {};
}

Result<ContainerPlan> Container::MakePlan() {
  const Host& host = *context_.host;
  ContainerPlan plan;
  plan.spec = request_.spec;
  if (plan.spec.process) LimitProcesses(&*plan.spec.process);
  if (request_.user_namespace && host.user_namespaces) {
    plan.spec.namespaces.push_back({CLONE_NEWUSER, request_.join.kinds != 0 ? "container:" + request_.join.container : ""});
    plan.spec.uid_mappings = plan.spec.gid_mappings = host.id_maps;
  }
  AddMemoryMounts(&plan.spec);
  for (const char* kept : {"/volumes/", "/cache/build/"})
    for (auto& mount : plan.spec.mounts)
      if (mount.bind && mount.source.starts_with(host.options.root + kept)) mount.idmap = host.idmap_volumes;
  if (request_.host_usr) {
    Mount usr;
    usr.destination = usr.source = "/usr";
    usr.type = "bind";
    usr.bind = usr.recursive = true;
    usr.attr_set = sys::kAttrNosuid | sys::kAttrNodev | sys::kAttrRdonly;
    plan.spec.mounts.insert(plan.spec.mounts.begin(), std::move(usr));
  }
  const bool shifted = request_.user_namespace && host.idmap_namespace;
  const BindPolicy policy{shifted ? host.idmap_namespace.get() : -1};
  auto binds = PrepareBinds(policy, &plan);
  if (!binds.ok() && binds.failure().step == "idmap mount" && binds.failure().object == "/usr" && request_.host_usr) {
    plan.spec.mounts.front().idmap = false;  // something below /usr cannot show other owners: it is only read, so they may stay
    binds = PrepareBinds(policy, &plan);
  }
  TSC_TRY(std::move(binds));
  TSC_TRY(PrepareImageMounts(host, {request_.images, request_.user_namespace, id()}, &plan));
  TSC_TRY(JoinOther(&plan));
  TSC_TRY(MakeRoot(&plan));
  TSC_TRY(MakeStdio(&plan));
  plan.seccomp = request_.seccomp;
  const Namespace* network = plan.spec.namespace_of(CLONE_NEWNET);
  plan.host_sysfs = !network;
  plan.init = request_.init;
  plan.idle = request_.idle;
  return plan;
}

}  // namespace tsc

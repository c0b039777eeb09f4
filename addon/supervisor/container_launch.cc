// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/paths.h"
#include "core/syscalls.h"
#include "runtime/child_devices.h"
#include "runtime/child_report.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"
#include "supervisor/background.h"
#include "supervisor/container.h"
#include "supervisor/copied_root.h"
#include "supervisor/disk_quota.h"

// The way up: from a request to a process that is ready to run. Every step before the clone leaves only things that RemoveFiles and
// RemoveCgroup know of, so that a failure anywhere is undone by the same two.
namespace tsc {
namespace {

constexpr int kCgroupAttempts = 100;

Result<UniqueFd> OpenContainerDirectory(const Host& host, const std::string& id) {
  UniqueFd dir(::openat(host.root_dir.get(), ("containers/" + id).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("open container directory", id);
  return dir;
}

RootRequest RootOf(const CreateRequest& request) { return {request.layers, request.user_namespace, request.root_layer}; }

CopiedRoot CopiedRootOf(const CreateRequest& request) {
  return {request.id, request.layers, request.root_layer, request.user_namespace, request.detached};
}

}  // namespace

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
  if (::symlinkat(id().c_str(), host.root_dir.get(), ("names/" + request_.name).c_str()) != 0) {
    return Fail("claim name", errno, request_.name);
  }
  TSC_TRY(ClaimVolumes());
  if (request_.disk_quota > 0 && !host.disk_quotas) return Fail("set disk quota", ENOTSUP, host.options.root);
  if (!host.overlay || parked_root_) return {};
  TSC_TRY(MakeOverlayDirectories(host, dir.get(), RootOf(request_)));
  return request_.disk_quota > 0 ? SetDiskQuota(dir.get(), request_.disk_quota) : Status{};
}

Status Container::MakeEtcFiles() {
  if (request_.etc.empty()) return {};
  const Host& host = *context_.host;
  const uid_t owner = request_.user_namespace ? host.container_root() : 0;
  if (::mkdirat(host.memory_dir.get(), id().c_str(), 0755) != 0 && errno != EEXIST) return Errno("mkdir", id());
  for (const auto& [name, text] : request_.etc) {
    const std::string path = id() + "/" + name;
    const UniqueFd file(::openat(host.memory_dir.get(), path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file) return Errno("create", path);
    TSC_TRY(WriteAll(file.get(), text, path));
    if (owner != 0 && ::fchown(file.get(), owner, owner) != 0) return Errno("chown", path);
  }
  return {};
}

Status Container::MakeRoot(ContainerPlan* plan) {
  const Host& host = *context_.host;
  const std::string base = host.options.root + "/containers/" + id();
  if (!host.overlay) {
    plan->root = TSC_TRY(MountCopiedRoot(host, CopiedRootOf(request_)));
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
  return {};
}

void Container::LimitProcesses(Process* process) const {
  if (!nproc_limit_) return;
  std::erase_if(process->rlimits, [](const Rlimit& limit) { return limit.resource == RLIMIT_NPROC; });
  rlimit own{};
  ::getrlimit(RLIMIT_NPROC, &own);
  const std::uint64_t limit = std::min<std::uint64_t>(*nproc_limit_, own.rlim_max);
  process->rlimits.push_back({RLIMIT_NPROC, limit, limit});
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
  for (const auto& entry : request_.etc) {
    Mount mount;
    mount.destination = "/etc/" + entry.first;
    mount.source = host.memory + "/" + id() + "/" + entry.first;
    mount.type = "bind";
    mount.bind = true;
    mount.idmap = false;  // its owner is the container's root already
    mount.attr_set = sys::kAttrNosuid | sys::kAttrNodev;
    plan.spec.mounts.push_back(std::move(mount));
  }
  const std::string volumes = host.options.root + "/volumes/";
  for (auto& mount : plan.spec.mounts)
    if (mount.bind && mount.source.starts_with(volumes)) mount.idmap = host.idmap_volumes;
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
  TSC_TRY(PrepareImageMounts(host, request_.images, request_.user_namespace, &plan));
  if (!host.options.rootless) {
    const uid_t owner = request_.user_namespace ? host.container_root() : 0;
    for (std::size_t i = 0; i < plan.spec.mounts.size(); ++i) {
      const Mount& mount = plan.spec.mounts[i];
      if (mount.destination != "/dev" || mount.type != "tmpfs") continue;
      plan.bind_sources[i] = TSC_TRY(MakeDeviceFileSystem(plan.spec, mount, owner, owner));
    }
  }
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

// Only a root that has to be copied takes long: what was asked for then goes on when that is done.
Status Container::Prepare() {
  const Host& host = *context_.host;
  state_ = ContainerState::kPreparing;
  if (held_volumes_.empty()) TSC_TRY(ClaimVolumes());  // it was adopted
  if (host.overlay || !LacksCopiedRoot(host, id())) return FillVolumesAndLaunch();
  const CopiedRoot root = CopiedRootOf(request_);
  const auto work = [&](const auto&) { return MakeCopiedRoot(host, root); };
  const auto done = [self = shared_from_this()](const Result<Json>& made) { self->OnCopied(made.ok() ? Status{} : made.failure()); };
  copying_ = TSC_TRY(context_.background->Run({host.root_dir.get()}, work, done));
  return {};
}

void Container::OnCopied(const Status& copied) {
  copying_.reset();
  const auto launched = copied.ok() ? FillVolumesAndLaunch() : copied;
  if (launched.ok()) return;
  ReleaseProcess();
  FailStart(launched.failure());
}

Status Container::Launch() {
  state_ = ContainerState::kPreparing;
  ended_status_.reset();
  failure_.reset();
  const auto& controllers = context_.host->cgroups->controllers();
  const bool counted = std::find(controllers.begin(), controllers.end(), "pids") != controllers.end();
  if (!counted && request_.user_namespace && request_.resources.pids_limit.value_or(-1) > 0) {
    nproc_limit_ = static_cast<std::uint64_t>(*request_.resources.pids_limit);
    request_.resources.pids_limit.reset();
  }
  TSC_TRY(MakeEtcFiles());
  auto plan = TSC_TRY(MakePlan());
  if (!TSC_TRY(LaunchFromParked(plan))) TSC_TRY(LaunchOwn(&plan));
  WatchLaunched();
  return {};
}

// A monitor that was killed leaves its container's, with processes that are about to end.
Result<Cgroup> Container::CreateCgroup() {
  auto& cgroups = *context_.host->cgroups;
  auto created = cgroups.Create(id(), request_.resources);
  for (int i = 0; i < kCgroupAttempts && !created.ok() && created.failure().error == EEXIST; ++i) {
    if (auto left = cgroups.Adopt(id()); left.ok()) {
      (void)left->Kill().ok();
      (void)left->Remove().ok();
    }
    if (i > 0) ::usleep(10'000);
    created = cgroups.Create(id(), request_.resources);
  }
  return created;
}

Status Container::LaunchOwn(ContainerPlan* plan) {
  if (context_.host->cgroups->version() != CgroupVersion::kNone) {
    cgroup_ = TSC_TRY(CreateCgroup());
    TSC_TRY(pressure_.Open(*cgroup_, request_.pressure));
    plan->cgroup = cgroup_->clone_fd();
    if (cgroup_->needs_join()) plan->join_cgroups = [this] { return cgroup_->Join(0); };
  } else {
    TSC_TRY(context_.host->cgroups->Check(request_.resources));
    if (!request_.pressure.empty()) return Fail("watch pressure", ENOTSUP, request_.pressure[0].resource);
  }
  launched_ = TSC_TRY(LaunchContainer(*plan));
  return {};
}

// A parked child has every namespace for itself, and is in the cgroups that every container has.
bool Container::FitsParked() const {
  int own = 0;
  for (const auto& entry : request_.spec.namespaces) {
    if (!entry.path.empty()) return false;
    own |= entry.flag;
  }
  // Without root, devices are mounts of the host's, which it does not see any more.
  if (context_.host->options.rootless && !request_.spec.devices.empty()) return false;
  const auto& resources = request_.resources;
  const bool more_cgroups = resources.cpuset_cpus || resources.cpuset_mems || resources.io.limits() || resources.io.weights();
  return own == kParkedNamespaces && request_.user_namespace == context_.host->user_namespaces && !more_cgroups;
}

Result<bool> Container::LaunchFromParked(const ContainerPlan& plan) {
  if (!context_.take_parked || !FitsParked()) return false;
  TSC_TRY(context_.host->cgroups->Check(request_.resources));
  auto parked = context_.take_parked(plan.spec);
  if (!parked) return false;
  auto status = parked->cgroup ? parked->cgroup->Apply(request_.resources) : Status{};
  if (status.ok() && parked->cgroup) status = pressure_.Open(*parked->cgroup, request_.pressure);
  if (status.ok()) status = Unpark(parked->launched, plan);
  if (!status.ok()) {
    EndParked(&*parked);
    if (status.failure().error == E2BIG || status.failure().error == EPIPE) return false;
    return status.failure();
  }
  cgroup_ = std::move(parked->cgroup);
  launched_ = std::move(parked->launched);
  return true;
}

int Container::OwnNamespaces() const {
  int own = request_.user_namespace && context_.host->user_namespaces ? CLONE_NEWUSER : 0;
  for (const auto& entry : request_.spec.namespaces) own |= entry.flag;
  return own;
}

void Container::WatchLaunched() {
  auto* loop = context_.loop;
  loop->Add(launched_.control.get(), EPOLLIN, [this](std::uint32_t) { OnControl(); });
  loop->Add(launched_.pidfd.get(), EPOLLIN, [this](std::uint32_t) { OnProcessEnd(); });
  if (!cgroup_) return;
  cgroup_->ReleaseJoin();
  pressure_.Watch(loop, [this](Json event) { context_.emit("pressure", *this, std::move(event)); });
  auto watch = cgroup_->WatchOom();
  if (!watch.ok()) return;
  oom_ = std::move(*watch);
  oom_seen_ = 0;
  loop->Add(oom_->fd(), oom_->events(), [this](std::uint32_t) { OnOom(); });
}

}  // namespace tsc

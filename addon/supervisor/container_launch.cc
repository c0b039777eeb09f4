// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "core/syscalls.h"
#include "runtime/child_report.h"
#include "supervisor/background.h"
#include "supervisor/container.h"
#include "supervisor/copied_root.h"
#include "supervisor/networks.h"

// The way up: from a request to a process that is ready to run. Every step before the clone leaves only things that RemoveFiles and
// RemoveCgroup know of, so that a failure anywhere is undone by the same two.
namespace tsc {
namespace {

constexpr int kCgroupAttempts = 100;

}  // namespace

// Only a root that has to be copied takes long: what was asked for then goes on when that is done.
Status Container::Prepare() {
  const Host& host = *context_.host;
  state_ = ContainerState::kPreparing;
  if (held_volumes_.empty()) TSC_TRY(ClaimVolumes());  // it was adopted
  if (host.overlay || !LacksCopiedRoot(host, id())) return FillVolumesAndLaunch();
  const CopiedRoot root = RootToCopy();
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
  LetMountsGo();  // an overlay that is mounted still would have the same upper directory
  TSC_TRY(MakeMemoryFiles());
  auto plan = TSC_TRY(MakePlan());
  if (!TSC_TRY(LaunchFromParked(&plan))) TSC_TRY(LaunchOwn(&plan));
  WatchLaunched();
  // There is a process now, and it is by its end that a failure becomes known.
  if (const auto connected = Connect(); !connected.ok()) {
    failure_ = connected.failure();
    KillAll();
  }
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
  TSC_TRY(MakeDevices(plan));
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

// A parked child has every namespace for itself, is in the cgroups that every container has, and consists of an init and of what becomes
// the program; the program of a pair has no number outside by which its score could be set.
bool Container::FitsParked() const {
  if (!request_.init && !request_.idle) return false;
  if (request_.spec.process && request_.spec.process->oom_score_adj) return false;
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

// As they are mounted. Who has CAP_SYS_ADMIN can change that.
bool Container::CgroupsAreReadOnly() const {
  const auto writable = [](const Mount& mount) { return mount.type.starts_with("cgroup") && !(mount.attr_set & sys::kAttrRdonly); };
  return std::none_of(request_.spec.mounts.begin(), request_.spec.mounts.end(), writable);
}

// What is the caller's is free when the container has ended: a disk that was bound, the host's end of a link.
bool Container::HoldsOthersThings() const {
  const auto& mounts = request_.spec.mounts;
  return !request_.networks.empty() || !request_.images.empty() ||
         std::any_of(mounts.begin(), mounts.end(), [](const Mount& mount) { return mount.bind; });
}

Result<bool> Container::LaunchFromParked(ContainerPlan* plan) {
  if (!context_.take_parked || !FitsParked()) return false;
  TSC_TRY(context_.host->cgroups->Check(request_.resources));
  auto parked = context_.take_parked(plan->spec);
  if (!parked) return false;
  auto status = HasTree(parked->trees, plan->spec, "/dev") ? Status{} : MakeDevices(plan);
  if (status.ok()) status = parked->cgroup ? parked->cgroup->Apply(request_.resources) : Status{};
  if (status.ok() && parked->cgroup) status = pressure_.Open(*parked->cgroup, request_.pressure);
  if (status.ok()) status = Unpark(parked->launched, *plan);
  if (!status.ok()) {
    EndParked(&*parked);
    if (status.failure().error == E2BIG || status.failure().error == EPIPE) return false;
    return status.failure();
  }
  cgroup_ = std::move(parked->cgroup);
  launched_ = std::move(parked->launched);
  if (HoldsOthersThings()) launched_.mounts.reset();
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
  loop->Add(oom_->fd(), oom_->events(), [this](std::uint32_t) { CountOom(oom_->recounts()); });
}

}  // namespace tsc

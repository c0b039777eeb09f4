// SPDX-License-Identifier: Apache-2.0
#include <sys/file.h>
#include <unistd.h>

#include "supervisor/background.h"
#include "supervisor/container.h"
#include "supervisor/volume_fill.h"
#include "supervisor/volume_mount.h"

// The volumes of a container: made and held before it is launched, filled by a worker, and what becomes of them when it goes.
namespace tsc {
namespace {

constexpr int kHoldAttempts = 200;
constexpr useconds_t kHoldPauseUs = 1000;

}  // namespace

// The container's directory is there already: volumes that are made for it have an owner from the first moment on.
Status Container::ClaimVolumes() {
  for (const auto& use : request_.volumes) {
    // Somebody may remove it just now, or look whether that may be done.
    if (use.file_system && use.file_system->in_memory()) TSC_TRY(MountVolume(*context_.host, use));
    for (int attempt = 0;; ++attempt) {
      auto held = HoldVolume(*context_.host, use.name);
      if (held.ok()) {
        held_volumes_.push_back(std::move(*held));
        break;
      }
      if (attempt == kHoldAttempts || use.record.empty() || exit_) return held.failure();
      const auto made = MakeVolume(*context_.host, use.name, use.record);
      if (made.ok()) made_volumes_.push_back(use.name);
      if (!made.ok() && made.failure().error != EEXIST) return made.failure();
      if (attempt > 0) ::usleep(kHoldPauseUs);
    }
  }
  return {};
}

std::vector<VolumeUse> Container::RemoteVolumes() const {
  std::vector<VolumeUse> remote;
  for (const auto& use : request_.volumes)
    if (use.file_system && !use.file_system->in_memory()) remote.push_back(use);
  return remote;
}

// What the image has is copied when a container is made, not when it is started again.
Status Container::FillVolumesAndLaunch() {
  auto uses = create_reply_ ? VolumesToFill(*context_.host, request_.volumes) : std::vector<VolumeUse>();
  const auto remote = RemoteVolumes();
  if (uses.empty() && remote.empty()) return Launch();
  const VolumeFill fill{std::move(uses), request_.layers};
  const auto work = [this, &fill, &remote](const auto&) -> Result<Json> {
    for (const auto& use : remote) TSC_TRY(MountVolume(*context_.host, use));
    if (fill.uses.empty()) return Json::object();
    return FillVolumes(*context_.host, fill);
  };
  const auto done = [self = shared_from_this()](const Result<Json>& filled) {
    self->copying_.reset();
    const auto launched = filled.ok() ? self->Launch() : Status(filled.failure());
    if (launched.ok()) return;
    self->ReleaseProcess();
    self->FailStart(launched.failure());
  };
  std::vector<int> keep{context_.host->root_dir.get()};
  if (!remote.empty()) keep.push_back(context_.host->run_dir.get());
  copying_ = TSC_TRY(context_.background->Run(keep, work, done));
  return {};
}

// Before the container's directory goes: from then on nobody finds a volume that is to stay with an owner that is gone.
void Container::KeepVolumes() {
  if (create_failed_ || removes_volumes_) return;
  for (const auto& use : request_.volumes)
    if (use.anonymous) ReleaseVolume(*context_.host, use.name);
}

// After it.
void Container::DropVolumes() {
  // Closing is not enough: a child that was forked just now may not have closed its copies yet.
  for (const auto& held : held_volumes_) ::flock(held.get(), LOCK_UN);
  held_volumes_.clear();
  for (const auto& use : request_.volumes)
    if (use.file_system) UnmountVolume(*context_.host, use.name);
  std::vector<std::string> doomed;
  if (create_failed_) {
    doomed = made_volumes_;
  } else if (removes_volumes_) {
    for (const auto& use : request_.volumes)
      if (use.anonymous) doomed.push_back(use.name);
  }
  for (const auto& name : doomed) {
    const auto removed = RemoveVolume(*context_.host, name);
    // Somebody else has come to use it.
    if (!removed.ok() && removed.failure().error == EBUSY) ReleaseVolume(*context_.host, name);
  }
}

}  // namespace tsc

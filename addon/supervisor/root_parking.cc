// SPDX-License-Identifier: Apache-2.0
#include "supervisor/root_parking.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/paths.h"

namespace tsc {

std::optional<ParkedRoot> RootParking::Take(const RootRequest& request) {
  if (!host_->overlay) return {};
  // Another engine's supervisor may share the store, and a layer that it removed may be there again: the mount knows the old one.
  if (!(request_ == request) || identities_ != Identify()) Drop();
  request_ = request;
  demand_.Note();
  std::optional<ParkedRoot> taken;
  if (!ready_.empty()) {
    taken = std::move(ready_.front());
    ready_.pop_front();
  }
  return taken;
}

RootParking::Identities RootParking::Identify() const {
  Identities identities;
  for (const auto& path : LayerDirectories(*host_, request_)) {
    struct stat info {};
    ::stat(path.c_str(), &info);  // one that is missing is told by the mount
    identities.emplace_back(info.st_dev, info.st_ino);
  }
  return identities;
}

void RootParking::OnDemand() {
  for (; ready_.size() > demand_.wanted(); ready_.pop_back()) SetAside(ready_.back());
  demand_.Owe(ready_.size() + asked_);
  MakeNext();
}

void RootParking::OnTaken() {
  if (!closed_ && ready_.size() + asked_ < Demand::kFew) (void)Ask();
}

void RootParking::MakeNext() {
  if (!closed_ && demand_.TakeOwed(asked_)) (void)Ask();
}

// Where it fails, the container that needs it will say why.
bool RootParking::Ask() {
  if (auto identities = Identify(); identities_ != identities) {
    Drop();
    identities_ = std::move(identities);
  }
  const std::string directory = "parked/" + std::to_string(::getpid()) + "-" + std::to_string(++made_);
  const auto wish = wanted_;
  const auto asked = nursery_->AskForRoot(directory, request_, [this, directory, wish](Result<UniqueFd> overlay) {
    --asked_;
    if (overlay.ok() && wish == wanted_)
      ready_.push_back({directory, std::move(*overlay)});
    else
      SetAside({directory, {}});
    MakeNext();
  });
  if (asked.ok()) ++asked_;
  return asked.ok();
}

void RootParking::Forget(const std::string& layer) {
  for (const auto& mine : request_.layers)
    if (mine == layer) return Drop();
}

// Also what is being made just now.
void RootParking::Drop() {
  ++wanted_;
  for (const auto& root : std::exchange(ready_, {})) SetAside(root);
}

// At the end nobody is held up by freeing blocks, and there is no reaper any more.
void RootParking::SetAside(const ParkedRoot& parked) {
  const auto& directory = parked.directory;
  const int root = host_->root_dir.get();
  if (closed_) {
    (void)RemoveTree(root, directory.c_str()).ok();
    return;
  }
  const std::string aside = "trash/root-" + directory.substr(directory.find('/') + 1);
  if (::renameat(root, directory.c_str(), root, aside.c_str()) == 0) reap_();
}

void RootParking::Close() {
  closed_ = true;
  demand_.End();
  Drop();
}

}  // namespace tsc

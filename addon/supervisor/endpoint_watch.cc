// SPDX-License-Identifier: Apache-2.0
#include "supervisor/endpoint_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "core/paths.h"

namespace tsc {

EndpointWatch::~EndpointWatch() {
  if (inotify_) loop_->Remove(inotify_.get());
}

Status EndpointWatch::Start() {
  if (inotify_) return {};
  const auto directory = TSC_TRY(MkdirsInRoot(host_->run_dir.get(), "v1/endpoints", 0700));
  UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return Errno("watch endpoints");
  // By its descriptor: the path to a run directory may lead elsewhere by now.
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get());
  if (::inotify_add_watch(inotify.get(), path.c_str(), IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0) return Errno("watch endpoints");
  inotify_ = std::move(inotify);
  loop_->Add(inotify_.get(), EPOLLIN, [this](std::uint32_t) { OnEvents(); });
  Look();
  return {};
}

// What has changed is seen by looking, however many events were lost.
void EndpointWatch::OnEvents() {
  char events[4096];
  while (::read(inotify_.get(), events, sizeof events) > 0) {
  }
  Look();
}

void EndpointWatch::Refresh() {
  if (inotify_) Look();
}

void EndpointWatch::Look() {
  std::set<std::string> seen;
  const auto ports = EndpointPorts(*host_);
  if (!ports.ok()) return;  // nobody has gone for that
  for (const auto& port : *ports) {
    seen.insert(port);
    if (known_.contains(port)) continue;
    const auto endpoint = ReadEndpointRecord(*host_, port);
    if (endpoint.ok() && *endpoint) came_(known_[port] = **endpoint);
  }
  for (auto it = known_.begin(); it != known_.end();) {
    if (seen.contains(it->first)) {
      ++it;
      continue;
    }
    const EndpointRecord went = std::move(it->second);
    it = known_.erase(it);
    if (!IsThere(went)) went_(went);
  }
}

// A container that was started again has another port in the place of the old one.
bool EndpointWatch::IsThere(const EndpointRecord& endpoint) const {
  return std::any_of(known_.begin(), known_.end(), [&](const auto& entry) {
    return entry.second.container == endpoint.container && entry.second.network == endpoint.network;
  });
}

}  // namespace tsc

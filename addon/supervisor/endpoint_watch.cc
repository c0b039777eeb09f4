// SPDX-License-Identifier: Apache-2.0
#include "supervisor/endpoint_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

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

// Who came and went is seen by looking, however many events were lost. Whose record is another one now is said by them.
void EndpointWatch::OnEvents() {
  alignas(inotify_event) char events[4096];
  for (ssize_t size = 0; (size = ::read(inotify_.get(), events, sizeof events)) > 0;) {
    inotify_event event{};
    for (const char* at = events; at < events + size; at += sizeof event + event.len) {
      std::memcpy(&event, at, sizeof event);
      if (event.mask & IN_MOVED_TO && event.len > 0) changed_.insert(at + sizeof event);
      if (event.mask & IN_Q_OVERFLOW)
        for (const auto& entry : known_) changed_.insert(entry.first);
    }
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
    const auto known = known_.find(port);
    if (known != known_.end() && !changed_.contains(port)) continue;
    const auto endpoint = ReadEndpointRecord(*host_, port);
    if (!endpoint.ok() || !*endpoint) continue;
    const bool same = known != known_.end() && known->second.names == (*endpoint)->names;
    known_[port] = **endpoint;
    if (!same) came_(**endpoint);
  }
  changed_.clear();
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

// SPDX-License-Identifier: Apache-2.0
#include "supervisor/port_worker.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "supervisor/port_forwarder.h"

namespace tsc {
namespace {

void Obey(PortForwarder* forwarder, const Json& message, std::vector<UniqueFd> descriptors) {
  const std::string id = StringMember(message, "id");
  if (message.contains("receives") && descriptors.empty()) return forwarder->Receive(id, BoolMember(message, "receives"));
  auto address = ParseIpAddress(StringMember(message, "address"));
  if (descriptors.size() != 2 || !address.ok()) return forwarder->Close(id);
  const auto port = static_cast<std::uint16_t>(IntMember(message, "port"));
  ForwardTarget target{std::move(descriptors[1]), *address, port, StringMember(message, "share"), BoolMember(message, "receives")};
  forwarder->Open(id, BoolMember(message, "datagrams"), std::move(descriptors[0]), std::move(target));
}

// Those that have the same one lead to each other's containers, too.
std::string ShareOf(const PortRequest& port) {
  if (port.share.empty()) return {};
  return Text(port.host) + " " + std::to_string(port.protocol) + " " + std::to_string(port.host_port);
}

// It keeps what entering a namespace needs, and reads nothing of what it carries.
CompanionProcess::Obey Begin(EventLoop* loop) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(125);
  const auto forwarder = std::make_shared<PortForwarder>(loop);
  return [forwarder](const Json& message, std::vector<UniqueFd> descriptors) { Obey(forwarder.get(), message, std::move(descriptors)); };
}

}  // namespace

Status PortWorker::Start() {
  if (!process_) {
    CompanionProcess::Parts parts;
    parts.title = "tscontainer-ports";
    parts.begin = [](EventLoop* loop, const std::function<void()>&) { return Begin(loop); };
    parts.wanted = [this] { return !ports_.empty(); };
    parts.tell_all = [this] {
      for (const auto& [id, forwarding] : ports_) TellOf(id, forwarding);
    };
    process_.emplace(loop_, std::move(parts));
  }
  return process_->Start();
}

void PortWorker::TellOf(const std::string& id, const Forwarding& forwarding) {
  process_->Tell({{"id", id},
                  {"datagrams", forwarding.port.protocol == IPPROTO_UDP},
                  {"address", Text(forwarding.address)},
                  {"port", forwarding.port.container_port},
                  {"share", ShareOf(forwarding.port)},
                  {"receives", forwarding.receives}},
                 {forwarding.socket.get(), forwarding.pidfd.get()});
}

void PortWorker::Open(const std::string& endpoint, Forwarding forwarding) {
  const std::string id = endpoint + " " + std::to_string(next_++);
  const auto& added = ports_[id] = std::move(forwarding);
  if (process_ && process_->running()) return TellOf(id, added);
  (void)Start().ok();
}

void PortWorker::Receive(const std::string& endpoint, bool receives) {
  for (auto it = ports_.lower_bound(endpoint + " "); it != ports_.end() && it->first.starts_with(endpoint + " "); ++it) {
    it->second.receives = receives;
    if (process_) process_->Tell({{"id", it->first}, {"receives", receives}}, {});
  }
}

Result<bool> PortWorker::IsShared(const PortRequest& port) const {
  bool shared = false;
  for (const auto& [id, forwarding] : ports_) {
    const auto& other = forwarding.port;
    const bool overlaps = other.host == port.host || (other.host.family == port.host.family && (other.host.any() || port.host.any()));
    if (!overlaps || other.protocol != port.protocol || other.host_port != port.host_port) continue;
    if (other.share != port.share) return Fail("publish port", EADDRINUSE, Text(port.host) + " " + std::to_string(port.host_port));
    shared = true;
  }
  return shared;
}

const PortWorker::Forwarding* PortWorker::FindShared(const PortRequest& port, const std::string& but) const {
  const std::string share = ShareOf(port);
  for (const auto& [id, forwarding] : ports_)
    if (!share.empty() && ShareOf(forwarding.port) == share && (but.empty() || !id.starts_with(but + " "))) return &forwarding;
  return nullptr;
}

UniqueFd PortWorker::ListenerOf(const PortRequest& port) const {
  const Forwarding* other = port.protocol == IPPROTO_TCP ? FindShared(port) : nullptr;
  return UniqueFd(other ? ::fcntl(other->socket.get(), F_DUPFD_CLOEXEC, 3) : -1);
}

void PortWorker::Close(const std::string& endpoint) {
  for (auto it = ports_.lower_bound(endpoint + " "); it != ports_.end() && it->first.starts_with(endpoint + " ");) {
    // The worker still has it for a moment: it listens no longer all the same, unless others do.
    if (!FindShared(it->second.port, endpoint)) ::shutdown(it->second.socket.get(), SHUT_RDWR);
    if (process_) process_->Tell({{"id", it->first}}, {});
    it = ports_.erase(it);
  }
  if (ports_.empty()) Close();
}

void PortWorker::Close() {
  if (process_) process_->Close();
}

}  // namespace tsc

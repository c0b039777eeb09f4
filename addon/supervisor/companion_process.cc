// SPDX-License-Identifier: Apache-2.0
#include "supervisor/companion_process.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/reap.h"
#include "core/syscalls.h"
#include "supervisor/forked_child.h"
#include "supervisor/packet.h"

namespace tsc {
namespace {

// Should it not live, it is not made again and again.
constexpr std::chrono::milliseconds kUntilNext(500);
constexpr int kHeardAtOnce = 32;  // then the others have their turn

}  // namespace

void CompanionProcess::Run(int socket) {
  EventLoop loop;
  if (!loop.opened().ok()) ::_exit(1);
  Obey obey;
  const auto take_all = [&] {
    for (;;) {
      Packet packet;
      const auto state = ReceivePacket(socket, &packet);
      if (state == ReceiveState::kClosed) ::_exit(0);
      if (state == ReceiveState::kNothing) return;
      obey(Json::parse(packet.text, nullptr, false), std::move(packet.descriptors));
    }
  };
  if (parts_.speak) {
    parts_.speak(
        [socket](const Json& message) { (void)SendPacket(socket, message.dump(-1, ' ', false, Json::error_handler_t::replace), {}).ok(); });
  }
  obey = parts_.begin(&loop, take_all);
  loop.Add(socket, EPOLLIN, [&](std::uint32_t) { take_all(); });
  loop.Run();
  ::_exit(0);
}

Status CompanionProcess::Start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return Errno("socketpair");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  auto keep = parts_.keep;
  keep.push_back(theirs.get());
  pidfd_ = TSC_TRY(ForkChild(std::move(keep), parts_.title, [&] { Run(theirs.get()); }));
  socket_ = std::move(ours);
  loop_->Add(socket_.get(), EPOLLIN, [this](std::uint32_t) { OnEvent(); });
  parts_.tell_all();
  return {};
}

void CompanionProcess::OnEvent() {
  for (int i = 0; parts_.hear && i < kHeardAtOnce; ++i) {
    Packet packet;
    const auto state = ReceivePacket(socket_.get(), &packet);
    if (state == ReceiveState::kNothing) return;
    if (state == ReceiveState::kClosed) break;
    parts_.hear(Json::parse(packet.text, nullptr, false));
    if (!socket_ || i + 1 == kHeardAtOnce) return;
  }
  Lose();
  loop_->After(kUntilNext, [this] {
    if (!socket_ && parts_.wanted()) (void)Start().ok();
  });
}

// What cannot be told is told again to the next one: a companion that does not read for so long is of no use.
void CompanionProcess::Tell(const Json& message, const std::vector<int>& descriptors) {
  if (!socket_) return;
  const auto sent = SendPacket(socket_.get(), message.dump(-1, ' ', false, Json::error_handler_t::replace), descriptors);
  if (!sent.ok()) sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
}

void CompanionProcess::Lose() {
  if (!socket_) return;
  loop_->Remove(socket_.get());
  socket_.reset();
  AwaitAndReap(pidfd_.get());
  pidfd_.reset();
}

void CompanionProcess::Close() {
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
  Lose();
}

}  // namespace tsc

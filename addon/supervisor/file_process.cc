// SPDX-License-Identifier: Apache-2.0
#include "supervisor/file_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/reap.h"
#include "core/syscalls.h"
#include "supervisor/forked_child.h"

namespace tsc {

Result<std::unique_ptr<FileProcess>> FileProcess::Start(EventLoop* loop, std::vector<int> keep, const char* title, const Child& child,
                                                        Handlers handlers) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return Errno("start worker");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  keep.push_back(theirs.get());
  auto pidfd = TSC_TRY(ForkChild(std::move(keep), title, [&] { child(theirs.get()); }));
  std::unique_ptr<FileProcess> process(new FileProcess(loop, std::move(handlers)));
  process->pidfd_ = std::move(pidfd);
  process->socket_ = std::move(ours);
  loop->Add(process->pidfd_.get(), EPOLLIN, [raw = process.get()](std::uint32_t) { raw->OnEnd(); });
  loop->Add(process->socket_.get(), EPOLLIN, [raw = process.get()](std::uint32_t) { raw->OnPacket(); });
  return process;
}

FileProcess::~FileProcess() {
  if (socket_) loop_->Remove(socket_.get());
  if (!pidfd_) return;
  loop_->Remove(pidfd_.get());
  Kill();  // not waited for: that could take as long as a disk
}

void FileProcess::Kill() {
  if (pidfd_) sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
}

void FileProcess::OnPacket() {
  Packet packet;
  switch (socket_ ? ReceivePacket(socket_.get(), &packet) : ReceiveState::kNothing) {
    case ReceiveState::kPacket:
      return handlers_.on_packet(std::move(packet));
    case ReceiveState::kNothing:
      return;
    case ReceiveState::kClosed:
      loop_->Remove(socket_.get());
      socket_.reset();
      Kill();  // what cannot speak any more is of no use
  }
}

void FileProcess::OnEnd() {
  siginfo_t info{};
  if (!TakeEnd(pidfd_.get(), &info)) return;
  OnPacket();  // its last words
  loop_->Remove(pidfd_.get());
  pidfd_.reset();
  const auto on_end = std::move(handlers_.on_end);
  on_end();
}

bool AwaitPacket(int socket, Packet* packet) {
  for (;;) {
    switch (ReceivePacket(socket, packet)) {
      case ReceiveState::kPacket:
        return true;
      case ReceiveState::kClosed:
        return false;
      case ReceiveState::kNothing:
        break;
    }
    pollfd wait{socket, POLLIN, 0};
    if (::poll(&wait, 1, -1) < 0 && errno != EINTR) return false;
  }
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stream_relay.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace tsc {
namespace {

constexpr std::size_t kAtOnce = std::size_t{256} * 1024;
constexpr int kTurns = 16;  // then other connections have theirs

// Whoever is refused hears so, and not the end of a conversation.
void Reset(const UniqueFd& socket) {
  const linger now{1, 0};
  if (socket) (void)::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

Result<std::pair<UniqueFd, UniqueFd>> Pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Errno("pipe");
  return std::pair<UniqueFd, UniqueFd>(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

}  // namespace

StreamRelay::StreamRelay(EventLoop* loop, UniqueFd outside, UniqueFd inside, std::function<void()> ended)
    : loop_(loop), outside_(std::move(outside)), inside_(std::move(inside)), ended_(std::move(ended)) {}

Result<std::shared_ptr<StreamRelay>> StreamRelay::Start(EventLoop* loop, UniqueFd outside, UniqueFd inside, std::function<void()> ended) {
  std::shared_ptr<StreamRelay> relay(new StreamRelay(loop, std::move(outside), std::move(inside), std::move(ended)));
  for (Direction* direction : {&relay->inward_, &relay->outward_}) {
    auto ends = Pipe();
    if (!ends.ok()) {
      Reset(relay->outside_);
      return ends.failure();
    }
    direction->read_end = std::move(ends->first);
    direction->write_end = std::move(ends->second);
  }
  relay->WatchFor(relay->outside_.get(), &relay->outside_events_, EPOLLIN);
  relay->WatchFor(relay->inside_.get(), &relay->inside_events_, EPOLLIN | EPOLLOUT);
  return relay;
}

bool StreamRelay::Move(Direction* direction, int from, int to) {
  for (int turn = 0; turn < kTurns; ++turn) {
    bool moved = false;
    if (!direction->ended && direction->held == 0) {
      const ssize_t got = ::splice(from, nullptr, direction->write_end.get(), nullptr, kAtOnce, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (got < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (got == 0) direction->ended = true;
      if (got > 0) direction->held += static_cast<std::size_t>(got);
      moved = got >= 0;
    }
    if (direction->held > 0) {
      const ssize_t sent = ::splice(direction->read_end.get(), nullptr, to, nullptr, direction->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) return false;
      if (sent > 0) direction->held -= static_cast<std::size_t>(sent);
      moved = moved || sent > 0;
    }
    if (direction->ended && direction->held == 0 && !std::exchange(direction->told, true)) ::shutdown(to, SHUT_WR);
    if (!moved) return true;
  }
  return true;
}

void StreamRelay::OnEvent() {
  if (!outside_) return;
  const auto self = shared_from_this();
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(inside_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0 || !Move(&inward_, outside_.get(), inside_.get()) || !Move(&outward_, inside_.get(), outside_.get())) {
    Reset(outside_);
    return Close();
  }
  if (inward_.told && outward_.told) return Close();
  Watch();
}

// A stream is read as long as what it said before has gone on.
void StreamRelay::Watch() {
  const auto events = [](const Direction& said, const Direction& told) {
    return (!said.ended && said.held == 0 ? std::uint32_t{EPOLLIN} : 0U) | (told.held > 0 ? std::uint32_t{EPOLLOUT} : 0U);
  };
  const auto outside = events(inward_, outward_), inside = events(outward_, inward_);
  WatchFor(outside_.get(), &outside_events_, outside);
  WatchFor(inside_.get(), &inside_events_, inside);
}

// Of one that is not asked for anything epoll would still say that it has ended, again and again.
void StreamRelay::WatchFor(int fd, std::uint32_t* now, std::uint32_t wanted) {
  const std::uint32_t before = std::exchange(*now, wanted);
  if (before == wanted) return;
  if (wanted == 0) return loop_->Remove(fd);
  if (before != 0) return loop_->Modify(fd, wanted);
  loop_->Add(fd, wanted, [held = weak_from_this()](std::uint32_t) {
    if (const auto self = held.lock()) self->OnEvent();
  });
}

void StreamRelay::Close() {
  if (!outside_) return;
  loop_->Remove(outside_.get());
  loop_->Remove(inside_.get());
  outside_.reset();
  inside_.reset();
  if (const auto ended = std::exchange(ended_, nullptr)) ended();
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "supervisor/output_drain.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

namespace tsc {
namespace {

constexpr std::size_t kAtOnce = 1 << 20;  // what anybody may have a pipe hold
constexpr std::chrono::milliseconds kRest{5};

}  // namespace

OutputDrain::~OutputDrain() {
  if (rest_) loop_->Cancel(*rest_);
  if (begun_ && end_) loop_->Remove(end_.get());
}

void OutputDrain::Begin() {
  if (std::exchange(begun_, true)) return;
  null_.reset(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::fcntl(end_.get(), F_SETFL, O_NONBLOCK);
  (void)::fcntl(end_.get(), F_SETPIPE_SZ, kAtOnce);
  Watch();
}

void OutputDrain::Watch() {
  loop_->Add(end_.get(), EPOLLIN, [this](std::uint32_t) { Drop(); });
}

void OutputDrain::Drop() {
  const ssize_t n = Discard();
  const bool over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
  loop_->Remove(end_.get());
  if (over) return end_.reset();
  rest_ = loop_->After(kRest, [this] {
    rest_.reset();
    Watch();
  });
}

// A terminal has to be read.
ssize_t OutputDrain::Discard() {
  const ssize_t moved = ::splice(end_.get(), nullptr, null_.get(), nullptr, kAtOnce, SPLICE_F_NONBLOCK);
  if (moved >= 0 || (errno != EINVAL && errno != EBADF)) return moved;
  char data[65536];
  return ::read(end_.get(), data, sizeof data);
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "supervisor/output_tap.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>

namespace tsc {

void OutputTap::Open(std::function<void()> on_change) {
  on_change_ = std::move(on_change);
  if (!pipe_) return;
  ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  // Without events there is still EPOLLERR: the reader is gone.
  loop_->Add(pipe_.get(), 0, [this](std::uint32_t events) { OnEvent(events); });
}

void OutputTap::Write(std::string_view data) {
  taken_ += data.size();
  if (!pipe_ || ended_) return;
  if (kept_.empty()) {
    data.remove_prefix(WriteSome(data));
    if (data.empty() || !pipe_) return;
    loop_->Modify(pipe_.get(), EPOLLOUT);
  }
  // Once something was left out nothing comes until there is room again: holes are few and large, not one in each line.
  if (when_slow_ == WhenSlow::kSkip && (skipping_ || kept_.size() + data.size() > kBound)) {
    skipping_ = true;
    lost_ += data.size();
    return;
  }
  kept_.append(data);
}

void OutputTap::End() {
  if (!pipe_) return;
  ended_ = true;
  if (kept_.empty()) return Close();
  self_ = shared_from_this();
}

void OutputTap::Close() {
  if (!pipe_) return;
  const auto self = std::move(self_);
  loop_->Remove(pipe_.get());
  pipe_.reset();
  kept_ = {};
  Changed();
}

void OutputTap::OnEvent(std::uint32_t events) {
  const auto self = shared_from_this();
  if (events & EPOLLERR) return Close();
  Flush();
}

void OutputTap::Flush() {
  const bool was_full = full();
  kept_.erase(0, WriteSome(kept_));
  if (!pipe_) return;
  if (kept_.size() < kBound / 2) skipping_ = false;
  if (kept_.empty()) {
    kept_ = {};  // a reader that was slow once costs no memory for ever
    loop_->Modify(pipe_.get(), 0);
    if (ended_) return Close();
  }
  if (was_full && !full()) Changed();
}

// How much went; closes where nobody reads any more.
std::size_t OutputTap::WriteSome(std::string_view data) {
  std::size_t written = 0;
  while (written < data.size()) {
    const ssize_t n = ::write(pipe_.get(), data.data() + written, data.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) {
      Close();
      break;
    }
    written += static_cast<std::size_t>(n);
  }
  return written;
}

// Later: whoever hears of it may drop this object, which is in the middle of something.
void OutputTap::Changed() {
  if (const auto self = weak_from_this().lock(); self && on_change_) loop_->Later([self] { self->on_change_(); });
}

}  // namespace tsc

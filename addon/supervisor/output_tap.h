// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/unique_fd.h"
#include "supervisor/event_loop.h"

namespace tsc {

// The way of a container's output to one reader: a pipe that is never waited for. What does not fit into it is kept, up to a bound; beyond
// that the container waits (kHoldBack), or what comes is left out and counted (kSkip).
class OutputTap : public std::enable_shared_from_this<OutputTap> {
 public:
  enum class WhenSlow { kSkip, kHoldBack };
  static constexpr std::size_t kBound = 1 << 20;

  OutputTap(EventLoop* loop, UniqueFd pipe, WhenSlow when_slow) : loop_(loop), pipe_(std::move(pipe)), when_slow_(when_slow) {}
  ~OutputTap() { Close(); }
  // To be called once, before anything is written. `on_change`: it is full no more, or closed.
  void Open(std::function<void()> on_change);

  void Write(std::string_view data);
  // Nothing more will come: closes when the reader has everything, and lives until then.
  void End();
  void Close();

  bool open() const { return static_cast<bool>(pipe_); }
  // Whoever writes is to wait for on_change.
  bool full() const { return when_slow_ == WhenSlow::kHoldBack && kept_.size() > kBound; }
  std::uint64_t lost() const { return lost_; }
  // Bytes that were to be written, ever.
  std::uint64_t taken() const { return taken_; }

 private:
  void OnEvent(std::uint32_t events);
  void Flush();
  std::size_t WriteSome(std::string_view data);
  void Changed();

  EventLoop* loop_;
  UniqueFd pipe_;
  WhenSlow when_slow_;
  std::function<void()> on_change_;
  std::string kept_;
  std::uint64_t lost_ = 0, taken_ = 0;
  bool ended_ = false, skipping_ = false;
  std::shared_ptr<OutputTap> self_;  // from End to Close
};

}  // namespace tsc

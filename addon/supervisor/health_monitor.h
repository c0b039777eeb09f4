// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/unique_fd.h"
#include "supervisor/event_loop.h"
#include "supervisor/health_state.h"
#include "supervisor/output_drain.h"
#include "supervisor/supervision_options.h"

namespace tsc {

class Container;

// Runs a container's checks, one after the other, each as a command in it.
class HealthMonitor {
 public:
  // All borrowed; the container's.
  HealthMonitor(Container* container, EventLoop* loop, const HealthCheck& check) : container_(container), loop_(loop), check_(check) {}
  ~HealthMonitor() { Drop(); }

  void Begin();
  // Nothing is checked until Resume; a check that is under way counts for nothing.
  void Pause() { Drop(); }
  void Resume() { Arm(); }
  void End();

  HealthStatus status() const { return state_.status(); }
  // Null before the first start.
  Json Describe() const { return begun_ ? state_.Describe() : Json(); }
  void Restore(const Json& description);

 private:
  std::chrono::milliseconds Age() const;
  void Arm();
  void Run();
  void OnOutput();
  void OnEnd(const Result<Json>& outcome);
  void Take(int exit_code, std::string output);
  void CloseOutput();
  void Drop();

  Container* container_;
  EventLoop* loop_;
  const HealthCheck& check_;
  HealthState state_;
  bool begun_ = false;
  EventLoop::Clock::time_point began_{};
  std::optional<EventLoop::TimerId> timer_;
  // Of the check that is under way.
  std::uint64_t run_ = 0;
  std::string exec_;
  double started_at_ = 0;
  std::chrono::milliseconds age_{};
  UniqueFd output_;
  std::string text_;
  std::optional<OutputDrain> rest_;  // what is more than is kept
};

}  // namespace tsc

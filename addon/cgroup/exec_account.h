// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/unique_fd.h"

namespace tsc {

// What is asked of an exec's cgroup when its process has ended. Opened while that runs, since somebody waits for each moment afterwards.
class ExecAccount {
 public:
  ExecAccount() = default;
  // `cpu_stat` and `events` are the files of that name, open for reading, or nothing.
  ExecAccount(UniqueFd cpu_stat, UniqueFd events) : cpu_stat_(std::move(cpu_stat)), events_(std::move(events)) {}

  bool opened() const { return static_cast<bool>(cpu_stat_); }
  // Whether nobody is left in it. False where that is not known.
  bool Empty() const;
  // Processor time of all who were in it since Begin, or ever.
  std::optional<std::uint64_t> CpuNs() const;
  // For the next one in the same cgroup.
  void Begin() { before_ns_ += CpuNs().value_or(0); }

 private:
  std::uint64_t before_ns_ = 0;
  UniqueFd cpu_stat_, events_;
};

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

// The file `faults` of a run directory, mapped by the supervisor of the tests and by whatever it forks: one count for all of them. Who
// walks writes to the file and reads it (test/faults/fault-file.ts knows this layout).
namespace tsc::faults {

enum Action : std::int64_t {
  kCount = 0,
  kFail = 1,  // with `error`
  kDie = 2,   // the process that makes the call
  kHold = 3,  // it stands still until it is let go: meanwhile another is killed
};

inline constexpr std::size_t kWays = 16384;

struct Control {
  std::atomic<std::int64_t> armed;
  std::int64_t wanted;  // which call, from 1
  std::int64_t kinds;   // which calls count
  std::int64_t action;
  std::int64_t error;
  std::int64_t lasting;  // the calls after it fail as well
  std::atomic<std::int64_t> counted;
  std::atomic<std::int64_t> hit;
  std::atomic<std::int64_t> let_go;
  std::atomic<std::int64_t> crashed;  // the signal of a fault of our own
  std::int64_t life;                  // the supervisors started since it has this value, and what comes of them, are meant
  std::int64_t hit_site;
  std::int64_t way;                // only calls that are come to in this way count for `wanted`; 0: all
  std::atomic<std::int64_t> come;  // how many of these there were
  std::int64_t hit_process;
  std::int64_t hit_number;
  std::int64_t hit_way;
  char hit_name[32];
  char only[32];              // the name of the calls that count; empty: all
  std::uint32_t ways[kWays];  // how each counted call is come to: the calls of functions that lead there
};

static_assert(sizeof(Control) == 17 * 8 + 2 * 32 + kWays * 4);

}  // namespace tsc::faults

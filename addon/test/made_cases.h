// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>

// Cases that a test makes up: always the same ones among the tests, others and for longer with `npm run fuzz` (docs/fuzzing.md).
namespace tsc::test {

inline std::uint32_t NumberFrom(const char* variable, std::uint32_t fallback) {
  const char* text = std::getenv(variable);
  return text ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : fallback;
}

// Calls `check` with a seed for each case: TSC_CASES_SEED and those after it, for TSC_CASES_SECONDS or for `usual` cases. Their number
// goes to the file TSC_CASES_COUNTS.
template <class Check>
void ForEachCase(std::uint32_t usual, const Check& check) {
  using Clock = std::chrono::steady_clock;
  const std::uint32_t seconds = NumberFrom("TSC_CASES_SECONDS", 0);
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  std::uint32_t done = 0;
  for (std::uint32_t seed = NumberFrom("TSC_CASES_SEED", 1); seconds > 0 ? Clock::now() < end : done < usual; ++seed, ++done) check(seed);
  if (const char* counts = std::getenv("TSC_CASES_COUNTS")) std::ofstream(counts, std::ios::app) << done << "\n";
}

}  // namespace tsc::test

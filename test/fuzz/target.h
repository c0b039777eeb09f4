// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// What libFuzzer drives (driver_main.cc), and the C++ tests replay the kept inputs through.
namespace tsc::fuzz {

struct Target {
  const char* name;  // of its directory in corpus/
  void (*run)(std::string_view input);
  // Changes an input in a way that a change of bytes hardly ever comes to; nothing: bytes are enough.
  std::string (*mutate)(const std::string& input, std::uint32_t seed) = nullptr;
};

inline std::vector<Target>& Targets() {
  static std::vector<Target> targets;
  return targets;
}

struct Registration {
  explicit Registration(const Target& target) { Targets().push_back(target); }
};

// What holds for every input. Ends the process where it does not: that is what a fuzzer notices.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace tsc::fuzz

// SPDX-License-Identifier: Apache-2.0
// One libFuzzer program for all targets: TSC_FUZZ_TARGET names the one it is for. Without a name it lists them.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "target.h"

extern "C" std::size_t LLVMFuzzerMutate(unsigned char* data, std::size_t size, std::size_t max_size);

namespace {

using tsc::fuzz::Target;
using tsc::fuzz::Targets;

const Target* chosen = nullptr;

void List() {
  for (const Target& target : Targets()) std::puts(target.name);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("TSC_FUZZ_TARGET");
  for (const Target& target : Targets())
    if (name && std::string_view(name) == target.name) chosen = &target;
  if (chosen) return 0;
  List();
  std::exit(name ? 2 : 0);
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t max_size, unsigned seed) {
  const bool plain = chosen->mutate == nullptr || seed % 4 == 0;
  if (plain) return LLVMFuzzerMutate(data, size, max_size);
  const std::string changed = chosen->mutate({reinterpret_cast<const char*>(data), size}, seed);
  const std::size_t length = std::min(changed.size(), max_size);
  std::memcpy(data, changed.data(), length);
  return length;
}

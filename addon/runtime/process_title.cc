// SPDX-License-Identifier: Apache-2.0
#include "runtime/process_title.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cstring>

namespace tsc {
namespace {

char* g_start = nullptr;
std::size_t g_size = 0;
}  // namespace

void RememberArguments(int argc, char** argv) {
  if (argc == 0) return;
  g_start = argv[0];
  g_size = static_cast<std::size_t>(argv[argc - 1] + std::strlen(argv[argc - 1]) + 1 - argv[0]);
}

void SetProcessTitle(const char* title) {
  ::prctl(PR_SET_NAME, title, 0, 0, 0);
  if (!g_start) return;
  const auto length = std::min(std::strlen(title), g_size - 1);
  std::memset(g_start, 0, g_size);
  std::copy_n(title, length, g_start);
}

}  // namespace tsc

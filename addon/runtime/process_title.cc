// SPDX-License-Identifier: Apache-2.0
#include "runtime/process_title.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/paths.h"

namespace tsc {
namespace {

char* g_start = nullptr;
std::size_t g_size = 0;
unsigned long g_heap = 0;  // where what may be given back begins

constexpr unsigned long kPage = 4096;

// proc(5), "/proc/pid/stat": start_brk is field 47, two before arg_start. The C++ library allocates before main does, so that sbrk(0)
// would come too late. Readable only while we are dumpable.
unsigned long HeapStart() {
  constexpr int kField = 47;
  const auto stat = ReadFileAt(AT_FDCWD, "/proc/self/stat");
  if (!stat.ok()) return 0;
  std::size_t at = stat->rfind(')');
  for (int field = 2; field < kField && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return 0;
  const unsigned long start = std::strtoul(stat->c_str() + at + 1, nullptr, 10);
  // A static program's thread control block comes first in it, and stays.
  const auto thread = reinterpret_cast<unsigned long>(__builtin_thread_pointer());
  const bool inside = thread >= start && thread < reinterpret_cast<unsigned long>(::sbrk(0));
  return inside ? (thread + 2 * kPage) & ~(kPage - 1) : start;
}

}  // namespace

void RememberArguments(int argc, char** argv) {
  g_heap = HeapStart();
  if (argc == 0) return;
  g_start = argv[0];
  g_size = static_cast<std::size_t>(argv[argc - 1] + std::strlen(argv[argc - 1]) + 1 - argv[0]);
}

void SetProcessTitle(const char* title) {
  ::prctl(PR_SET_NAME, title, 0, 0, 0);
  if (!g_start) return;
  const auto length = std::min(std::strlen(title), g_size - 1);
  std::memset(g_start, 0, g_size);
  std::memcpy(g_start, title, length);
}

void DropHeap() {
  if (g_heap != 0) ::syscall(SYS_brk, g_heap);
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "runtime/own_memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

// By the linker: where the parts of the program lie.
extern "C" {
extern char __executable_start[], etext[], data_start[], end[];
}

namespace tsc {
namespace {

constexpr std::uintptr_t kPage = 4096;
constexpr std::size_t kStack = std::size_t{48} * 1024;  // deeper than what follows

void Advise(const char* from, const char* to, int how) {
  const auto begin = reinterpret_cast<std::uintptr_t>(from) & ~(kPage - 1);
  const auto limit = (reinterpret_cast<std::uintptr_t>(to) + kPage - 1) & ~(kPage - 1);
  if (begin < limit) ::madvise(reinterpret_cast<void*>(begin), limit - begin, how);
}

void TouchStack() {
  volatile char room[kStack];
  for (std::size_t at = 0; at < sizeof room; at += kPage) room[at] = 0;
}

}  // namespace

Heap HeapOf() {
  constexpr std::uintptr_t kLargestHeap = std::uintptr_t{1} << 32;
  constexpr std::uintptr_t kThreadBlock = std::uintptr_t{16} * 1024;  // glibc's struct pthread lies above the thread pointer
  // The heap of a static program begins with the thread's own block.
  const auto thread = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  const auto limit = static_cast<std::uintptr_t>(::syscall(SYS_brk, 0));
  const auto begin = (thread + kThreadBlock + kPage - 1) & ~(kPage - 1);
  if (thread >= limit || limit - thread >= kLargestHeap || begin >= limit) return {nullptr, nullptr};
  return {reinterpret_cast<char*>(begin), reinterpret_cast<char*>(limit)};
}

void TakeOwnMemory() {
  const Heap heap = HeapOf();
  Advise(heap.begin, heap.end, MADV_POPULATE_WRITE);
  Advise(data_start, end, MADV_POPULATE_WRITE);
  TouchStack();
}

void LetGoOfProgram() { Advise(__executable_start, etext, MADV_DONTNEED); }

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tsc {

// For a process that was forked and waits, so that it does not stop at a fault for each page when somebody waits for it: makes its own, at
// once, all that it would soon copy of heap, data and stack. Only faster: where the kernel cannot (Linux before 5.14) the faults come
// later.
void TakeOwnMemory();

// For one that only waits for its end: maps nothing of its program but what it comes back to, since taking each page off costs time when
// somebody waits for that end.
void LetGoOfProgram();

// Where the heap of this process begins, above what the C library keeps there for its only thread, and where it ends.
struct Heap {
  char* begin;
  char* end;
};
Heap HeapOf();

}  // namespace tsc

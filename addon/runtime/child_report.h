// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

// What a child says to the process that started it, over a SOCK_SEQPACKET pair: fixed packets, no parsing.
//
//     parent ── kMapped ──▶ child            its id maps are written
//     parent ◀─ kTerminal + descriptor ──    the master of its terminal
//     parent ◀─ kReady ──                    all is done but the program itself
//     parent ── kStart ──▶ child
//     parent ◀─ kFailed ──                   at any time before the program runs
//     parent ◀─ kEnded ──                    by init: how the main process ended
//
// The program's own start is seen on a second, close-on-exec pipe: its end without a packet means that exec worked.
namespace tsc {

enum class ReportKind : std::uint32_t { kReady = 1, kFailed, kTerminal, kEnded, kSpawned };
enum class ChildCommand : char { kMapped = 'm', kStart = 's' };

struct ChildReport {
  ReportKind kind = ReportKind::kReady;
  std::int32_t error = 0;
  std::int32_t status = 0;  // kEnded: as from waitpid(2)
  std::int32_t pid = 0;     // kSpawned
  std::int64_t cpu_microseconds = 0;
  char step[48] = {};
  char object[256] = {};
};

// Whether it was sent; where the kernel lacks memory for it for the moment that takes a while.
bool SendReport(int socket, const ChildReport& report, int descriptor = -1);
// A child that is gone is noticed by its end; one that does not hear of it would wait for ever.
Status TellChild(int socket, ChildCommand command);
ChildReport FailureReport(const Failure& failure);
Failure ReportedFailure(const ChildReport& report);

// 1: a report was read, 0: the other side is gone, -1: errno (EAGAIN: nothing yet).
int ReceiveReport(int socket, ChildReport* report, UniqueFd* descriptor);

}  // namespace tsc

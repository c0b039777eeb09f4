// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace tsc {

// The same filter as a smaller program. libseccomp tests for each system call number and each value of an argument; here those in a row
// that end alike are one range, found by bisection. The kernel checks and compiles every instruction anew for every container and exec:
// with the default profile there are a quarter of those that bisecting the numbers alone leaves. `architecture` is an AUDIT_ARCH. Nothing
// for a program that knows several, or that has a form this does not understand.
std::optional<std::vector<sock_filter>> BisectSyscalls(const std::vector<sock_filter>& program, std::uint32_t architecture);

}  // namespace tsc

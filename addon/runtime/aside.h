// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>

#include <optional>

namespace tsc {

// For a process that works ahead beside those who work for somebody who waits: it stands aside for them.
// - It keeps from their processor. Where processors are virtual the kernel takes an idle one for one that its host does not run
//   (vcpu_is_preempted), and wakes whoever is told something beside whoever told it: what is meant for the same time is done one by one.
// - It asks for a long slice, so that who has a usual one may interrupt it (Linux 6.12; before, the kernel decides).
class Aside {
 public:
  Aside();

  // While `processor` is not the only one that is allowed. -1: any will do.
  void Avoid(int processor);
  // As it was, for what is a copy of this process, too.
  void Return() const;

 private:
  std::optional<cpu_set_t> allowed_;   // none: not known
  std::optional<cpu_set_t> restored_;  // no restriction at all, unless there was one that was asked for
  int avoided_ = -1;
};

}  // namespace tsc

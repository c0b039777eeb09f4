// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "core/json_reader.h"

namespace tsc {

// The execs of a container that have ended, for those who ask later: the last few, for some minutes.
class ExecHistory {
 public:
  // `description` has "id", and "endedAt" in milliseconds since 1970.
  void Add(Json description);
  // null: not here any more.
  const Json& Find(const std::string& id);
  const std::deque<Json>& All();

 private:
  void Forget();

  std::deque<Json> ended_;
};

}  // namespace tsc

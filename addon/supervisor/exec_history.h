// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "core/json_reader.h"
#include "supervisor/text_ring.h"

namespace tsc {

// The execs of a container that have ended, for those who ask later: the last few, for some minutes.
class ExecHistory {
 public:
  // `description` has "id", and "endedAt" in milliseconds since 1970.
  void Add(const Json& description);
  // null: not here any more.
  Json Find(const std::string& id);
  // An array, the oldest first; of those alone that name this id, if it is one.
  Json All(const std::string& id = {});

 private:
  void Forget();

  static constexpr std::size_t kKept = 128;
  static constexpr std::size_t kKeptBytes = std::size_t{2} * 1024 * 1024;

  TextRing ended_{kKept, kKeptBytes};
};

}  // namespace tsc

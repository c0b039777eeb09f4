// SPDX-License-Identifier: Apache-2.0
#include "supervisor/heap_return.h"

#include <malloc.h>

namespace tsc {
namespace {

constexpr std::size_t kMany = 64;
constexpr std::chrono::milliseconds kCalm{1000};

}  // namespace

void HeapReturn::Gone() {
  if (++gone_ >= kMany && !calm_) Wait();
}

void HeapReturn::Wait() {
  seen_ = gone_;
  calm_ = loop_->After(kCalm, [this] {
    calm_.reset();
    if (gone_ != seen_) return Wait();
    gone_ = 0;
    ::malloc_trim(0);
  });
}

}  // namespace tsc

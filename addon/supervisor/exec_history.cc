// SPDX-License-Identifier: Apache-2.0
#include "supervisor/exec_history.h"

#include "supervisor/container.h"

namespace tsc {
namespace {

constexpr std::size_t kKept = 128;
constexpr double kKeptMs = 5 * 60 * 1000;

}  // namespace

void ExecHistory::Add(Json description) {
  ended_.push_back(std::move(description));
  Forget();
}

const Json& ExecHistory::Find(const std::string& id) {
  static const Json kNull;
  Forget();
  for (const auto& known : ended_)
    if (StringMember(known, "id") == id) return known;
  return kNull;
}

const std::deque<Json>& ExecHistory::All() {
  Forget();
  return ended_;
}

void ExecHistory::Forget() {
  const double oldest = NowMs() - kKeptMs;
  while (ended_.size() > kKept || (!ended_.empty() && Member(ended_.front(), "endedAt").get<double>() < oldest)) ended_.pop_front();
}

}  // namespace tsc

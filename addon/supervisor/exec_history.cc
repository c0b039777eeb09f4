// SPDX-License-Identifier: Apache-2.0
#include "supervisor/exec_history.h"

#include "supervisor/container.h"

namespace tsc {
namespace {

constexpr double kKeptMs = 5 * 60 * 1000;

}  // namespace

void ExecHistory::Add(const Json& description) {
  const auto ended = static_cast<std::uint64_t>(Member(description, "endedAt").get<double>());
  ended_.Add(ended, description.dump(-1, ' ', false, Json::error_handler_t::replace));
  Forget();
}

Json ExecHistory::Find(const std::string& id) {
  for (auto& known : All(id))
    if (StringMember(known, "id") == id) return std::move(known);
  return {};
}

Json ExecHistory::All(const std::string& id) {
  Forget();
  Json all = Json::array();
  ended_.ForEach([&](std::uint64_t, std::string_view text) {
    if (text.find(id) != std::string_view::npos) all.push_back(Json::parse(text, nullptr, false));
  });
  return all;
}

void ExecHistory::Forget() {
  const double oldest = NowMs() - kKeptMs;
  while (const auto entry = ended_.Oldest()) {
    if (static_cast<double>(entry->number) >= oldest) return;
    ended_.ForgetOldest();
  }
}

}  // namespace tsc

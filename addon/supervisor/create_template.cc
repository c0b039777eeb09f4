// SPDX-License-Identifier: Apache-2.0
#include "supervisor/create_template.h"

#include <algorithm>

namespace tsc {
namespace {

constexpr std::size_t kKept = 4;
constexpr std::size_t kMostKept = std::size_t{64} * 1024;  // bytes of one

}  // namespace

Result<CreateTemplate> ParseCreateTemplate(const Json& message) {
  const Json& spec = Member(message, "spec");
  const Json& limits = Member(Member(spec, "linux"), "resources");
  return CreateTemplate{TSC_TRY(ParseSpec(spec)), TSC_TRY(ParseResources(limits)), std::make_shared<const Json>(limits),
                        std::make_shared<const Json>(Member(message, "record"))};
}

Result<std::shared_ptr<const CreateTemplate>> CreateTemplates::Read(std::string_view text) {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& known) { return known.text == text; });
  if (found != known_.end()) {
    std::rotate(known_.begin(), found, found + 1);
    return known_.front().parsed;
  }
  const Json message = Json::parse(text, nullptr, false);
  if (!message.is_object()) return Fail("parse request", EINVAL, "create");
  const auto parsed = std::make_shared<const CreateTemplate>(TSC_TRY(ParseCreateTemplate(message)));
  if (text.size() <= kMostKept) {
    if (known_.size() == kKept) known_.pop_back();
    known_.push_front({std::string(text), parsed});
  }
  return parsed;
}

RequestText ReadRequest(const std::string& text) {
  const auto end = text.find('\n');
  if (end != std::string::npos) {
    const std::string_view all = text;
    Json message = Json::parse(all.substr(0, end), nullptr, false);
    if (StringMember(message, "op") == "create") return {std::move(message), all.substr(end + 1)};
  }
  return {Json::parse(text, nullptr, false), {}};
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "cgroup/resources.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "runtime/spec.h"

namespace tsc {

// What is large in a `create`, and mostly equal in the next one.
struct CreateTemplate {
  Spec spec;
  CgroupResources resources;
  std::shared_ptr<const Json> limits;  // the resources as they came
  std::shared_ptr<const Json> record;  // the creator's own, given back as it was
};

// From an object with `spec` and `record`.
Result<CreateTemplate> ParseCreateTemplate(const Json& message);

// The last ones by their text, so that one that comes again is not parsed again.
class CreateTemplates {
 public:
  // EINVAL: it is no object.
  Result<std::shared_ptr<const CreateTemplate>> Read(std::string_view text);

 private:
  struct Known {
    std::string text;
    std::shared_ptr<const CreateTemplate> parsed;
  };

  std::deque<Known> known_;  // the latest first
};

struct RequestText {
  Json message;
  std::string_view common;  // the second line of a `create` that has one; without data: there is none
};

// A request as it came. The view is of `text`.
RequestText ReadRequest(const std::string& text);

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

// RFC 4648, section 4, with padding.
namespace tsc {

std::string EncodeBase64(std::string_view data);
// EINVAL of the step "read base64" for anything that the encoding does not give.
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace tsc

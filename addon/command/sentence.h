// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"

namespace tsc {

// A failure that is a sentence already.
inline Failure Refuse(std::string sentence) { return Fail({}, 0, std::move(sentence)); }

// What callers of OCI runtimes read: podman and docker tell by the words whether a program was missing (exit status 127) or could not be
// run (126).
std::string Sentence(const Failure& failure);

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "command/sentence.h"

#include <cctype>
#include <cstring>

namespace tsc {
namespace {

std::string ErrorText(int error) {
  std::string text = std::strerror(error);
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1]))) text[0] = static_cast<char>(std::tolower(text[0]));
  return text;
}

}  // namespace

std::string Sentence(const Failure& failure) {
  if (failure.error == 0) return failure.object;
  const auto& object = failure.object;
  const auto error = ErrorText(failure.error);
  if (failure.step == "find executable") {
    if (failure.error == ENOENT && object.find('/') == std::string::npos)
      return "exec: \"" + object + "\": executable file not found in $PATH";
    return "exec: \"" + object + "\": " + (failure.error == ENOENT ? "stat " + object + ": " : "") + error;
  }
  if (failure.step == "execute") return "exec " + object + ": " + error;
  return failure.step + (object.empty() ? "" : " " + object) + ": " + error;
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "layer/entry_name.h"

#include <climits>
#include <vector>

namespace tsc {
namespace {

// Real trees stay below 100. Everything that walks a layer later holds a descriptor or a stack frame per level.
constexpr std::size_t kMaxDepth = 512;

// Length of the UTF-8 sequence that starts here; 0 where there is none.
std::size_t SequenceLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((text[i] & 0xc0) != 0x80) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate_or_beyond = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return overlong || surrogate_or_beyond ? 0 : length;
}

}  // namespace

Result<std::string> CleanEntryName(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return Fail("unpack layer", EINVAL, PrintableName(name));
  std::vector<std::string_view> parts;
  for (std::string_view rest = name; !rest.empty();) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      if (part.size() > NAME_MAX || parts.size() >= kMaxDepth) return Fail("unpack layer", ENAMETOOLONG, PrintableName(name));
      parts.push_back(part);
    } else if (parts.empty()) {
      return Fail("unpack layer", EINVAL, PrintableName(name));
    } else {
      parts.pop_back();
    }
  }
  std::string clean;
  clean.reserve(name.size());
  for (const auto part : parts) {
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

SplitName SplitEntryName(const std::string& clean) {
  const auto slash = clean.rfind('/');
  if (slash == std::string::npos) return {"", clean};
  return {clean.substr(0, slash), clean.substr(slash + 1)};
}

std::string PrintableName(std::string_view name) {
  constexpr std::size_t kLongest = 200;
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  while (!name.empty()) {
    if (text.size() > kLongest) return text + "…";
    const std::size_t length = SequenceLength(name);
    const auto byte = static_cast<unsigned char>(name[0]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      name.remove_prefix(1);
    } else {
      text += name.substr(0, length);
      name.remove_prefix(length);
    }
  }
  return text;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace tsc

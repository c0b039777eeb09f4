// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

namespace tsc {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string EncodeBase64(std::string_view data) {
  std::string text;
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto byte = [&](std::size_t n) { return i + n < data.size() ? static_cast<unsigned char>(data[i + n]) : 0u; };
    const unsigned bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += kDigits[bits >> 18 & 63];
    text += kDigits[bits >> 12 & 63];
    text += i + 1 < data.size() ? kDigits[bits >> 6 & 63] : '=';
    text += i + 2 < data.size() ? kDigits[bits & 63] : '=';
  }
  return text;
}

Result<std::string> DecodeBase64(std::string_view text) {
  const auto fail = Fail("read base64", EINVAL);
  if (text.size() % 4 != 0) return fail;
  std::string data;
  data.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const auto group = text.substr(i, 4);
    const bool last = i + 4 == text.size();
    const std::size_t digits = last && group[3] == '=' ? (group[2] == '=' ? 2 : 3) : 4;
    unsigned bits = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      const auto value = n < digits ? kDigits.find(group[n]) : 0;
      if (value == std::string_view::npos) return fail;
      bits = bits << 6 | static_cast<unsigned>(value);
    }
    for (std::size_t n = 0; n + 1 < digits; ++n) data += static_cast<char>(bits >> (16 - 8 * n) & 255);
  }
  if (EncodeBase64(data) != text) return fail;
  return data;
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/base64.h"

using namespace tsc;

TEST_CASE("base64 is that of RFC 4648, there and back") {
  const std::pair<const char*, const char*> kVectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : kVectors) {
    CHECK(EncodeBase64(plain) == encoded);
    CHECK(*DecodeBase64(encoded) == plain);
  }
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK(*DecodeBase64(EncodeBase64(bytes)) == bytes);
}

TEST_CASE("what the encoding does not give is refused") {
  for (const char* text : {"Z", "Zg=", "Zg", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm-_", "Zm 8"})
    CHECK_FALSE(DecodeBase64(text).ok());
}

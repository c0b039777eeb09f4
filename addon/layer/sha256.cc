// SPDX-License-Identifier: Apache-2.0
#include "layer/sha256.h"

namespace tsc {

std::string Sha256::Digest() const {
  SHA256_CTX copy = context_;
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256_Final(hash, &copy);
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "sha256:";
  for (const unsigned char byte : hash) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace tsc

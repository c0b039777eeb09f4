// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one-shot-free SHA256_* calls need no provider and no set-up, so a static link takes only them; OpenSSL 3 marks them as deprecated.
#ifndef OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED
#endif
#include <openssl/sha.h>

#include <string>
#include <string_view>

namespace tsc {

// SHA-256 over a stream.
class Sha256 {
 public:
  Sha256() { SHA256_Init(&context_); }
  void Update(std::string_view data) { SHA256_Update(&context_, data.data(), data.size()); }

  // "sha256:<64 hex digits>" of everything so far; the stream may go on.
  std::string Digest() const;

 private:
  SHA256_CTX context_;
};

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
// Small texts that mean something: addresses, base64, changes of a mode. What is read and written again is read the same.
#include "build/mode_change.h"
#include "core/base64.h"
#include "network/ip_address.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

void CheckAddresses(const std::string& text) {
  if (const auto address = ParseIpAddress(text); address.ok()) {
    const auto again = ParseIpAddress(Text(*address));
    Require(again.ok() && Text(*again) == Text(*address));
  }
  if (const auto prefix = ParseIpPrefix(text); prefix.ok()) {
    Require(prefix->Contains(prefix->address));
    const auto again = ParseIpPrefix(Text(*prefix));
    Require(again.ok() && Text(*again) == Text(*prefix));
  }
  if (const auto mac = ParseMacAddress(text); mac.ok()) {
    const auto again = ParseMacAddress(Text(*mac));
    Require(again.ok() && *again == *mac);
  }
}

void CheckBase64(const std::string& text) {
  const auto plain = DecodeBase64(text);
  if (plain.ok()) Require(EncodeBase64(*plain) == text);
  const auto back = DecodeBase64(EncodeBase64(text));
  Require(back.ok() && *back == text);
}

void CheckMode(const std::string& text) {
  const auto change = ModeChange::Parse(text);
  if (!change.ok()) return;
  for (const mode_t mode : {0U, 0644U, 0755U, 07777U})
    for (const bool directory : {false, true}) Require((change->Apply(mode, directory) & ~07777U) == 0);
}

void Run(std::string_view input) {
  const std::string text(input);
  CheckAddresses(text);
  CheckBase64(text);
  CheckMode(text);
}

const Registration kTarget({"text", Run});

}  // namespace
}  // namespace tsc::fuzz

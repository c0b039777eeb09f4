// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stored_layers.h"

#include <fcntl.h>

#include "core/json_reader.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kMaxRecord = 16 << 20;

// Names that are not UTF-8 are in a list of their own, a code point a byte.
std::string FromLatin1(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80)
      bytes += text[at];
    else if (++at < text.size())
      bytes += static_cast<char>(((first & 0x03) << 6) | (static_cast<unsigned char>(text[at]) & 0x3f));
  }
  return bytes;
}

Result<StackLayer> OpenLayer(int store, const std::string& layer) {
  UniqueFd root(::openat(store, ("layers/" + layer + "/fs").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root) return Errno("open layer", layer);
  StackLayer opened{std::move(root)};
  const auto text = ReadFileAt(store, ("layers/" + layer + "/layer.json").c_str(), kMaxRecord);
  const Json record = text.ok() ? Json::parse(*text, nullptr, false) : Json();
  for (auto& path : StringsMember(record, "impliedParents")) opened.implied.insert(std::move(path));
  for (const auto& path : StringsMember(record, "impliedParentsLatin1")) opened.implied.insert(FromLatin1(path));
  return opened;
}

}  // namespace

Result<std::vector<StackLayer>> OpenStoredLayers(int store, const std::vector<std::string>& layers) {
  std::vector<StackLayer> opened;
  for (const auto& layer : layers) opened.push_back(TSC_TRY(OpenLayer(store, layer)));
  return opened;
}

}  // namespace tsc

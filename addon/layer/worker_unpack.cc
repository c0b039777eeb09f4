// SPDX-License-Identifier: Apache-2.0
#include "layer/apply.h"
#include "layer/entry_name.h"
#include "layer/worker_args.h"
#include "layer/worker_kinds.h"

namespace tsc::work {
namespace {

constexpr std::uint64_t kProgressStep = 4 << 20;  // bytes of the blob between two reports
constexpr std::size_t kMessage = 64 << 10;        // names in one message; the channel has a largest message

UnpackOptions OptionsFrom(WorkerArgs& args, const Fds& fds) {
  UnpackOptions options;
  options.input = fds[0].get();
  options.target = fds[1].get();
  if (fds.size() > 2) options.blob = fds[2].get();
  args.Read("digest", options.digest);
  args.Read("size", options.size);
  args.Read("diffId", options.diff_id);
  args.Read("digestElsewhere", options.digest_elsewhere);
  args.Read("userXattr", options.user_xattr);
  args.Read("devices", options.devices);
  args.Read("singleId", options.single_id);
  args.Read("maxId", options.max_id);
  args.Read("maxPlainBytes", options.max_plain_bytes);
  args.Read("maxEntries", options.limits.entries);
  options.limits.file_bytes = options.max_plain_bytes;
  return options;
}

// JSON is UTF-8, file names are not: what does not fit is left to its own list, each byte a code point (Latin-1).
std::string Latin1(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      text += c;
    else
      text += {static_cast<char>(0xc0 | (byte >> 6)), static_cast<char>(0x80 | (byte & 0x3f))};
  }
  return text;
}

// The directories go into the result, all but the last part of a very long list into messages before it.
void AddImplied(const std::vector<std::string>& paths, Json& result, const WorkProgress& progress) {
  Json names = Json::array();
  Json bytes = Json::array();
  std::size_t size = 0;
  for (const auto& path : paths) {
    if (size + path.size() > kMessage) {
      if (progress)
        progress({{"impliedParents", std::exchange(names, Json::array())}, {"impliedParentsLatin1", std::exchange(bytes, Json::array())}});
      size = 0;
    }
    size += 2 * path.size() + 4;
    if (IsUtf8(path))
      names.push_back(path);
    else
      bytes.push_back(Latin1(path));
  }
  result["impliedParents"] = std::move(names);
  result["impliedParentsLatin1"] = std::move(bytes);
}

}  // namespace

// Arguments, all optional: digest, size, diffId, digestElsewhere, userXattr, devices, singleId, maxId, maxPlainBytes, maxEntries (see
// UnpackOptions). Progress: {read, entries}; and {impliedParents, impliedParentsLatin1} for the first parts of a list that is too long for
// one message. Result: {digest, diffId, size, plainSize, entries, compression: "gzip" | "zstd" | "plain", skippedDevices, droppedXattrs,
//          impliedParents: string[], impliedParentsLatin1: string[], opaqueRoot}.
Result<Json> UnpackLayer(const Json& json, const Fds& fds, const WorkProgress& progress) {
  WorkerArgs args(json);
  const auto options = OptionsFrom(args, fds);
  TSC_TRY(args.status());
  std::uint64_t reported = 0;
  const auto unpacked = TSC_TRY(tsc::UnpackLayer(options, [&](const UnpackProgress& now) {
    if (!progress || now.read - reported < kProgressStep) return;
    reported = now.read;
    progress({{"read", now.read}, {"entries", now.entries}});
  }));
  Json result{{"digest", unpacked.digest},
              {"diffId", unpacked.diff_id},
              {"size", unpacked.size},
              {"plainSize", unpacked.plain_size},
              {"entries", unpacked.entries},
              {"compression", CompressionName(unpacked.compression)},
              {"skippedDevices", unpacked.skipped_devices},
              {"droppedXattrs", unpacked.dropped_xattrs},
              {"opaqueRoot", unpacked.opaque_root}};
  AddImplied(unpacked.implied_parents, result, progress);
  return result;
}

}  // namespace tsc::work

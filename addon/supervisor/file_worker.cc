// SPDX-License-Identifier: Apache-2.0
#include "supervisor/file_worker.h"

#include <new>

#include "files/file_calls.h"
#include "files/file_watch.h"
#include "supervisor/file_process.h"

namespace tsc {
namespace {

std::string Dump(const Json& message) { return message.dump(-1, ' ', false, Json::error_handler_t::replace); }

Result<Json> Answer(const Result<FileRoot>& root, const Packet& packet, UniqueFd* opened) {
  if (!root) return root.failure();
  try {
    return CallFile(*root, Json::parse(packet.text, nullptr, false), opened);
  } catch (const std::bad_alloc&) {  // a directory may have as many entries as somebody likes
    return Fail("start work", ENOMEM, "file");
  }
}

}  // namespace

void ServeFileCalls(const FileRootTarget& target, int socket) {
  const auto root = EnterFileRoot(target);
  Packet packet;
  while (AwaitPacket(socket, &packet)) {
    UniqueFd opened;
    const auto result = Answer(root, packet, &opened);
    const Json answer = result ? Json{{"result", *result}} : Json{{"error", FailureJson(result.failure())}};
    if (!SendPacket(socket, Dump(answer), opened ? std::vector<int>{opened.get()} : std::vector<int>{})) return;
    if (!root) return;
  }
}

Result<Json> RunFileJob(const FileRootTarget& target, RootAccess access, const Json& request, const std::vector<int>& descriptors,
                        const FileLimits& limits, const std::function<void(const Json&)>& progress) {
  const auto root = TSC_TRY(EnterFileRoot(target, access));
  if (StringMember(request, "op") != "file.watch") return CopyFiles(root, request, descriptors, limits);
  if (descriptors.empty()) return Fail("watch file", EINVAL, "descriptors missing");
  const auto ready = [&progress] { progress({{"watching", true}}); };
  return WatchFiles(root, StringMember(request, "path"), BoolMember(request, "recursive"), descriptors[0], ready);
}

}  // namespace tsc

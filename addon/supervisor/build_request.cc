// SPDX-License-Identifier: Apache-2.0
#include "supervisor/build_request.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "build/copy_owner.h"
#include "build/copy_step.h"
#include "build/seal_step.h"
#include "build/source_digest.h"
#include "layer/confine.h"
#include "layer/pack.h"
#include "supervisor/stored_layers.h"
#include "supervisor/tree_request.h"

namespace tsc {
namespace {

constexpr mode_t kMadeMode = 0755;

Result<UniqueFd> OpenDirectory(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("open directory", path);
  return fd;
}

// All that a request works with, opened when the worker is shut in.
struct Place {
  const Host& host;
  const Json& request;
  int context;
  UniqueFd store;
};

Result<UniqueFd> EnterStore(const Host& host, int context) {
  auto store = TSC_TRY(OpenDirectory(AT_FDCWD, host.options.root));
  std::vector<int> readable;
  if (context >= 0) readable.push_back(context);
  TSC_TRY(ConfineWorker(store.get(), true, TreeAccess::kWrite, readable));
  return store;
}

Result<LayerStack> OpenSource(const Place& place) {
  if (place.context < 0) return LayerStack(TSC_TRY(OpenStoredLayers(place.store.get(), StringsMember(place.request, "from"))));
  std::vector<StackLayer> layers;
  layers.push_back({TSC_TRY(OpenDirectory(place.context, ".")), {}, true});
  return LayerStack(std::move(layers));
}

void OpenMemo(const Place& place, DigestMemo& memo) {
  std::string name = "digests-";
  struct stat info {};
  if (place.context < 0) {
    const auto from = StringsMember(place.request, "from");
    name += from.empty() ? "empty" : from.back();
  } else if (::fstat(place.context, &info) == 0) {
    name += std::to_string(info.st_dev) + "-" + std::to_string(info.st_ino);
  }
  memo.Open(place.store.get(), name);
}

SourceSelection SelectionOf(const Json& request) {
  const Json& selection = Member(request, "selection");
  return {StringsMember(selection, "sources"), StringsMember(selection, "ignore"), StringsMember(selection, "exclude"),
          BoolMember(selection, "parents")};
}

Result<Json> Digest(const Place& place) {
  const auto source = TSC_TRY(OpenSource(place));
  DigestMemo memo;
  OpenMemo(place, memo);
  SourceDigest digest(source, memo, place.context < 0);
  const auto walked = WalkSources(source, SelectionOf(place.request), digest);
  // What was hashed is known the next time, also where something else was wrong.
  memo.Save();
  TSC_TRY(walked);
  return Json{{"digest", digest.Digest()}, {"entries", digest.entries()}, {"bytes", digest.bytes()}};
}

// A layer in the staging directory, on top of those of the request.
struct Staged {
  UniqueFd target;
  std::unique_ptr<LayerBuilder> layer;
};

Result<Staged> Stage(const Place& place) {
  const auto layers = StringsMember(place.request, "layers");
  Staged staged;
  staged.target = TSC_TRY(OpenDirectory(place.store.get(), "tmp/" + StringMember(place.request, "name") + "/fs"));
  auto below = TSC_TRY(OpenStoredLayers(place.store.get(), layers));
  auto again = TSC_TRY(OpenStoredLayers(place.store.get(), layers));
  staged.layer = std::make_unique<LayerBuilder>(staged.target.get(), std::move(below), std::move(again));
  return staged;
}

Result<PackResult> Seal(const Staged& staged) {
  TSC_TRY(staged.layer->Finish());
  PackOptions options;
  options.source = staged.target.get();
  options.overlay = true;
  return PackLayer(options);
}

timespec MadeAt(const Json& request) { return {static_cast<time_t>(IntMember(request, "madeAt")), 0}; }

Result<CopyOptions> CopyOptionsOf(const Place& place) {
  const Json& request = place.request;
  CopyOptions options;
  options.selection = SelectionOf(request);
  options.destination = StringMember(request, "destination");
  options.owners = place.context < 0;
  options.owner = StringMember(request, "owner");
  if (const auto mode = StringMember(request, "mode"); !mode.empty()) options.mode = TSC_TRY(ModeChange::Parse(mode));
  options.unpack = BoolMember(request, "unpack");
  options.devices = !place.host.options.rootless;
  options.single_id = place.host.options.id_map == "single";
  options.made = MadeAt(request);
  if (Member(request, "maxMtime").is_number()) options.max_mtime = IntMember(request, "maxMtime");
  options.expected = StringMember(request, "expected");
  return options;
}

Result<Json> Copy(const Place& place) {
  const auto options = TSC_TRY(CopyOptionsOf(place));
  const auto source = TSC_TRY(OpenSource(place));
  const auto staged = TSC_TRY(Stage(place));
  DigestMemo memo;
  OpenMemo(place, memo);
  const auto copied = CopyIntoLayer(source, options, memo, *staged.layer);
  memo.Save();
  const auto result = TSC_TRY(copied);
  const auto packed = TSC_TRY(Seal(staged));
  return Json{{"diffId", packed.diff_id},
              {"size", packed.plain_size},
              {"digest", result.digest},
              {"entries", packed.entries},
              {"bytes", result.bytes},
              {"skippedDevices", result.skipped_devices},
              {"droppedXattrs", result.dropped_xattrs}};
}

Result<Json> MakeDirectory(const Place& place) {
  const auto staged = TSC_TRY(Stage(place));
  const auto path = StringMember(place.request, "path");
  const auto owner = StringMember(place.request, "owner");
  const auto found = TSC_TRY(FindInStack(staged.layer->below(), path));
  if (found.is_directory()) return Json{{"diffId", nullptr}, {"size", 0}, {"entries", 0}};
  FileMetadata made{{}, kMadeMode, MadeAt(place.request), {}};
  if (!owner.empty()) made.owner = TSC_TRY(FindOwner(staged.layer->below(), owner));
  TSC_TRY(staged.layer->OpenPath(path, made));
  const auto packed = TSC_TRY(Seal(staged));
  return Json{{"diffId", packed.diff_id}, {"size", packed.plain_size}, {"entries", packed.entries}};
}

// With the directories above them, as links lead there in the layers.
Result<std::set<std::string>> MountPoints(const LayerStack& layers, const std::vector<std::string>& paths) {
  std::set<std::string> points;
  for (const auto& path : paths) {
    const auto real = TSC_TRY(FindInStack(layers, path)).path();
    for (std::size_t end = 0; !real.empty() && end != std::string::npos;) {
      end = real.find('/', end + 1);
      points.insert(real.substr(0, end));
    }
  }
  return points;
}

Result<Json> SealContainer(const Place& place) {
  const auto& [host, request, context, store] = place;
  const auto target = TSC_TRY(OpenDirectory(store.get(), "tmp/" + StringMember(request, "name") + "/fs"));
  const auto tree = TSC_TRY(OpenDirectory(store.get(), TreePath(host, StringMember(request, "container"))));
  const LayerStack layers(TSC_TRY(OpenStoredLayers(store.get(), StringsMember(request, "layers"))));
  SealOptions sealing{tree.get(), target.get(), TreeIdBase(host, BoolMember(request, "userNamespace"))};
  if (sealing.id_base != 0) sealing.id_count = host.options.mapped_ids;
  TreeChangesOptions comparing{tree.get(), !host.overlay, sealing.id_base,
                               TSC_TRY(MountPoints(layers, StringsMember(request, "mountPoints")))};
  if (comparing.whole) comparing.mount_points.insert(kRootMountPoints.begin(), kRootMountPoints.end());
  const auto changes = TSC_TRY(FindTreeChanges(comparing, layers));
  if (changes.empty()) return Json{{"diffId", nullptr}, {"size", 0}, {"entries", 0}};
  TSC_TRY(SealChanges(sealing, changes));
  PackOptions packing;
  packing.source = target.get();
  packing.overlay = true;
  const auto packed = TSC_TRY(PackLayer(packing));
  return Json{{"diffId", packed.diff_id}, {"size", packed.plain_size}, {"entries", packed.entries}};
}

struct Kind {
  const char* op;
  Result<Json> (*run)(const Place& place);
};
constexpr Kind kKinds[] = {{"build.digest", Digest}, {"build.copy", Copy}, {"build.mkdir", MakeDirectory}, {"build.seal", SealContainer}};

}  // namespace

bool IsBuildRequest(const std::string& op) {
  return std::any_of(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return op == kind.op; });
}

Result<Json> RunBuildRequest(const Host& host, const Json& request, int context) {
  const auto op = StringMember(request, "op");
  const Place place{host, request, context, TSC_TRY(EnterStore(host, context))};
  for (const auto& kind : kKinds)
    if (op == kind.op) return kind.run(place);
  return Fail("start worker", ENOSYS, op);
}

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#include "supervisor/tree_request.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/paths.h"
#include "layer/confine.h"
#include "layer/fix_up.h"
#include "layer/pack.h"
#include "layer/tree_size.h"
#include "runtime/mount_kit.h"
#include "runtime/rootfs.h"
#include "supervisor/copied_root.h"
#include "supervisor/root_request.h"
#include "supervisor/stored_layers.h"

namespace tsc {
namespace {

constexpr std::uint64_t kProgressStep = 16 << 20;
using Progress = std::function<void(const Json&)>;

Result<UniqueFd> OpenDirectory(int dir, const std::string& path) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("open directory", path);
  return fd;
}

Result<UniqueFd> EnterStore(const Host& host, TreeAccess access) {
  auto store = TSC_TRY(OpenDirectory(AT_FDCWD, host.options.root));
  TSC_TRY(ConfineWorker(store.get(), true, access));
  return store;
}

PackOptions PackingOf(const Host& host, const TreeRequest& request, int source, int output) {
  PackOptions options;
  options.source = source;
  options.output = output;
  options.id_base = TreeIdBase(host, request.user_namespace);
  if (options.id_base != 0) options.id_count = host.options.mapped_ids;
  return options;
}

std::function<void(const PackProgress&)> Reporting(const Progress& progress, std::uint64_t* reported) {
  return [&progress, reported](const PackProgress& now) {
    if (now.plain_bytes - *reported < kProgressStep) return;
    *reported = now.plain_bytes;
    progress({{"plainBytes", now.plain_bytes}, {"entries", now.entries}});
  };
}

// The layers with what the container wrote on top, mounted once more: nobody writes to this one.
Result<UniqueFd> OpenSeenRoot(const Host& host, const TreeRequest& request) {
  if (!host.overlay) return OpenDirectory(AT_FDCWD, host.options.root + "/" + TreePath(host, request.id));
  if (::unshare(CLONE_NEWNS) != 0) return Errno("unshare", "mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Errno("make mounts private", "/");
  auto directories = LayerDirectories(host, {request.layers, request.user_namespace});
  // What containers are mounted upon is not theirs; but an overlay has two layers at least.
  if (directories.size() > 1) directories.erase(directories.begin());
  directories.push_back(host.options.root + "/" + TreePath(host, request.id));
  const auto overlay = TSC_TRY(MountOverlay({std::move(directories), "", "", host.userxattr, false, host.staging}));
  const UniqueFd place(::open(host.staging.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Errno("open", host.staging);
  TSC_TRY(Attach(overlay.get(), place.get(), host.staging));
  return OpenDirectory(AT_FDCWD, host.staging);
}

Result<Json> Export(const Host& host, const TreeRequest& request, int output, const Progress&) {
  const auto root = TSC_TRY(OpenSeenRoot(host, request));
  TSC_TRY(ConfineWorker(root.get(), true, TreeAccess::kRead));
  auto options = PackingOf(host, request, root.get(), output);
  options.live = true;
  options.digests = false;
  const auto packed = TSC_TRY(PackLayer(options));
  return Json{{"entries", packed.entries}, {"skippedSockets", packed.skipped_sockets}};
}

struct Changed {
  UniqueFd tree;
  std::vector<TreeChange> changes;
};

Result<Changed> Compare(const Host& host, const TreeRequest& request) {
  const auto store = TSC_TRY(EnterStore(host, TreeAccess::kRead));
  Changed changed;
  changed.tree = TSC_TRY(OpenDirectory(store.get(), TreePath(host, request.id)));
  TreeChangesOptions options;
  options.tree = changed.tree.get();
  options.whole = !host.overlay;
  options.id_base = TreeIdBase(host, request.user_namespace);
  if (options.whole) options.mount_points = RootMountPoints();
  const LayerStack layers(TSC_TRY(OpenStoredLayers(store.get(), request.layers)));
  changed.changes = TSC_TRY(FindTreeChanges(options, layers));
  return changed;
}

Result<Json> WriteChanges(const Host& host, const TreeRequest& request, int output, const Progress&) {
  const auto changed = TSC_TRY(Compare(host, request));
  std::string records;
  for (const auto& change : changed.changes) {
    records += static_cast<char>(change.kind);
    records += change.path;
    records += '\0';
    if (records.size() < (1 << 16)) continue;
    TSC_TRY(WriteAll(output, records, "output"));
    records.clear();
  }
  TSC_TRY(WriteAll(output, records, "output"));
  return Json{{"changes", changed.changes.size()}};
}

Result<Json> Pack(const Host& host, const TreeRequest& request, int output, const Progress& progress) {
  const auto changed = TSC_TRY(Compare(host, request));
  auto options = PackingOf(host, request, changed.tree.get(), output);
  const std::string compression = StringMember(request.args, "compression", "plain");
  if (compression != "plain" && compression != "gzip") return Fail("read arguments", EINVAL, "compression");
  if (compression == "gzip") options.compression = Compression::kGzip;
  std::uint64_t reported = 0;
  const auto packed = TSC_TRY(PackChanges(options, changed.changes, Reporting(progress, &reported)));
  return Json{{"digest", packed.digest},          {"diffId", packed.diff_id},  {"size", packed.size},
              {"plainSize", packed.plain_size},   {"entries", packed.entries}, {"skippedSockets", packed.skipped_sockets},
              {"changes", changed.changes.size()}};
}

Result<Json> Measure(const Host& host, const TreeRequest& request, int, const Progress&) {
  const auto store = TSC_TRY(EnterStore(host, TreeAccess::kRead));
  const auto tree = TSC_TRY(OpenDirectory(store.get(), TreePath(host, request.id)));
  const auto size = TSC_TRY(MeasureTree(tree.get()));
  return Json{{"bytes", size.bytes}, {"entries", size.entries}};
}

struct Kind {
  const char* name;
  Result<Json> (*run)(const Host& host, const TreeRequest& request, int output, const Progress& progress);
};
constexpr Kind kKinds[] = {{"export", Export}, {"changes", WriteChanges}, {"pack", Pack}, {"usage", Measure}};

}  // namespace

const std::set<std::string>& RootMountPoints() {
  static const std::set<std::string> points = {"dev", "proc", "sys", "etc", "etc/hosts", "etc/hostname", "etc/resolv.conf"};
  return points;
}

std::uint64_t TreeIdBase(const Host& host, bool user_namespace) {
  return user_namespace && (host.overlay || !host.idmap_containers) ? host.container_root() : 0;
}

std::string TreePath(const Host& host, const std::string& container) {
  return "containers/" + container + (host.overlay ? "/upper" : "/merged");
}

bool IsTreeRequest(const std::string& what) {
  return std::any_of(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return what == kind.name; });
}

Result<Json> ReadTree(const Host& host, const TreeRequest& request, int output, const Progress& progress) {
  for (const auto& kind : kKinds)
    if (request.what == kind.name) return kind.run(host, request, output, progress);
  return Fail("start worker", ENOSYS, request.what);
}

Result<Json> FixUpLayers(const Host& host, const std::vector<std::string>& layers, const std::string& staging) {
  const auto store = TSC_TRY(EnterStore(host, TreeAccess::kWrite));
  const auto target = TSC_TRY(OpenDirectory(store.get(), "tmp/" + staging + "/fs"));
  auto opened = TSC_TRY(OpenStoredLayers(store.get(), layers));
  std::set<std::string> implied;
  for (std::size_t i = 1; i < opened.size(); ++i) implied.insert(opened[i].implied.begin(), opened[i].implied.end());
  const LayerStack stack(std::move(opened));
  return Json{{"directories", TSC_TRY(MakeFixUp({stack, std::move(implied), target.get()}))}};
}

}  // namespace tsc

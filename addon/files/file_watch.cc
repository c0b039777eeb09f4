// SPDX-License-Identifier: Apache-2.0
#include "files/file_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <memory>
#include <optional>

#include "core/paths.h"
#include "files/open_file.h"
#include "files/watch_list.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 64 << 10;
// The two halves of a move stand one behind the other, but not always in one read.
constexpr int kOtherHalfMs = 20;

class Watching {
 public:
  Watching(const FileRoot& root, std::string path, bool recursive, int output)
      : root_(root), path_(std::move(path)), recursive_(recursive), output_(output), buffer_(new char[kBuffer]) {}

  Status Begin() {
    inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify_) return Errno("watch file", path_);
    list_ = std::make_unique<WatchList>(inotify_.get());
    const auto place = TSC_TRY(Locate(root_, path_, LastLink::kFollow, "watch file"));
    struct stat info {};
    if (::fstat(place.get(), &info) != 0) return Errno("watch file", path_);
    if (!S_ISDIR(info.st_mode)) return list_->AddFile(root_.descriptors.get(), DescriptorName(place), path_);
    UniqueFd dir(::openat(place.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir) return Errno("watch file", path_);
    return list_->Add(std::move(dir), path_, recursive_, nullptr);
  }

  Status Run() {
    while (!list_->empty()) {
      pollfd waits[2] = {{inotify_.get(), POLLIN, 0}, {output_, 0, 0}};
      const int ready = ::poll(waits, 2, moved_ ? kOtherHalfMs : -1);
      if (ready < 0 && errno != EINTR) return Errno("watch file", path_);
      if (waits[1].revents != 0) return {};  // nobody listens any more
      if (ready == 0) TSC_TRY(MovedAway());
      if (waits[0].revents & POLLIN) TSC_TRY(Take());
      TSC_TRY(Flush());
    }
    return {};
  }

 private:
  struct Move {
    unsigned cookie;
    std::string path;
    bool directory;
  };

  Status Take() {
    const ssize_t n = ::read(inotify_.get(), buffer_.get(), kBuffer);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? Status{} : Status(Errno("watch file", path_));
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer_.get() + at);
      TSC_TRY(TakeEvent(*event));
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
    return {};
  }

  Status TakeEvent(const inotify_event& event) {
    if (event.mask & IN_Q_OVERFLOW) return Tell("overflow", path_, false);
    const std::string* directory = list_->PathOf(event.wd);
    if (!directory) return {};
    const std::string path = event.len > 0 ? (*directory == "/" ? "" : *directory) + "/" + event.name : *directory;
    const bool is_directory = event.mask & IN_ISDIR;
    if (moved_ && !((event.mask & IN_MOVED_TO) && event.cookie == moved_->cookie)) TSC_TRY(MovedAway());
    if (event.mask & IN_IGNORED) list_->Forget(event.wd);
    if (event.mask & IN_CREATE) return Created(path, is_directory);
    if (event.mask & IN_MODIFY) return Tell("changed", path, is_directory);
    // The kernel tells of a directory's own attributes twice: by itself and by its parent.
    if (event.mask & IN_ATTRIB) return event.len == 0 && path != path_ ? Status{} : Tell("attributes", path, is_directory);
    // What was found and goes away may come again, and is told of then.
    if (event.mask & (IN_DELETE | IN_MOVED_FROM)) list_->WasFound(path);
    if (event.mask & IN_DELETE) return Tell("deleted", path, is_directory);
    if (event.mask & IN_MOVED_FROM) {
      moved_ = Move{event.cookie, path, is_directory};
      return {};
    }
    if (event.mask & IN_MOVED_TO) return MovedTo(path, is_directory);
    if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) && path == path_) {
      if (event.mask & IN_MOVE_SELF) list_->Drop(path_);
      return Tell("deleted", path_, is_directory);
    }
    return {};
  }

  Status Created(const std::string& path, bool is_directory) {
    if (!list_->WasFound(path)) TSC_TRY(Tell("created", path, is_directory));
    return is_directory && recursive_ ? WatchNew(path) : Status{};
  }

  // Watched from now on; what it had by then is told as if it came now.
  Status WatchNew(const std::string& path) {
    auto dir = OpenInRoot(root_.root.get(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!dir) return {};  // gone again
    std::vector<WatchList::Found> found;
    TSC_TRY(list_->Add(std::move(*dir), path, true, &found));
    for (const auto& [child, directory] : found) TSC_TRY(Tell("created", child, directory));
    return {};
  }

  Status MovedAway() {
    const Move move = *std::exchange(moved_, std::nullopt);
    if (move.directory) list_->Drop(move.path);
    return Tell("deleted", move.path, move.directory);
  }

  Status MovedTo(const std::string& path, bool is_directory) {
    if (!moved_) return Created(path, is_directory);
    const Move move = *std::exchange(moved_, std::nullopt);
    if (is_directory) list_->Move(move.path, path);
    return Add({{"type", "moved"}, {"path", path}, {"from", move.path}, {"directory", is_directory}});
  }

  Status Tell(const char* type, const std::string& path, bool is_directory) {
    return Add({{"type", type}, {"path", path}, {"directory", is_directory}});
  }

  // Writing a file in a hundred pieces is one change, unless somebody reads that fast.
  Status Add(const Json& event) {
    auto line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (line == last_) return {};
    text_ += line;
    last_ = std::move(line);
    return text_.size() < kBuffer ? Status{} : Flush();
  }

  Status Flush() {
    last_.clear();
    const auto text = std::exchange(text_, {});
    return WriteAll(output_, text, "output");
  }

  const FileRoot& root_;
  const std::string path_;
  const bool recursive_;
  const int output_;
  const std::unique_ptr<char[]> buffer_;
  UniqueFd inotify_;
  std::unique_ptr<WatchList> list_;
  std::optional<Move> moved_;
  std::string text_, last_;
};

}  // namespace

Result<Json> WatchFiles(const FileRoot& root, const std::string& path, bool recursive, int output, const std::function<void()>& ready) {
  Watching watching(root, path, recursive, output);
  TSC_TRY(watching.Begin());
  ready();
  const auto run = watching.Run();
  if (!run && run.failure().error != EPIPE) return run.failure();
  return Json::object();
}

}  // namespace tsc

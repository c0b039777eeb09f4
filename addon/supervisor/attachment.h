// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "supervisor/output_tap.h"
#include "supervisor/reply.h"

namespace tsc {

// Somebody who sees what a main process writes, from now on. Answers its request when the process has ended and all was delivered.
class Attachment : public std::enable_shared_from_this<Attachment> {
 public:
  Attachment(std::string id, Reply reply) : id_(std::move(id)), reply_(std::move(reply)) {}

  // An empty pipe: that stream is not wanted. `on_change`: it is full no more.
  void Open(EventLoop* loop, UniqueFd out, UniqueFd err, OutputTap::WhenSlow when_slow, const std::function<void()>& on_change);
  void Write(char stream, std::string_view data);
  bool full() const;
  // The process has ended. Lives until everything is delivered.
  void End();
  // The requester lets go: the request ends with ECANCELED.
  void Cancel();

  const std::string& id() const { return id_; }
  std::int64_t request() const { return reply_.request(); }
  std::shared_ptr<Connection> connection() const { return reply_.connection(); }

 private:
  std::uint64_t Lost() const;
  void TellLoss();
  void Finish();

  std::string id_;
  Reply reply_;
  std::shared_ptr<OutputTap> out_, err_;
  std::uint64_t told_ = 0;
  bool ended_ = false, finished_ = false;
  std::shared_ptr<Attachment> self_;  // from End to Finish
};

}  // namespace tsc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

class Connection;

// The answer to one request, to be given once, at any later time; to nobody when the peer has left meanwhile.
class Reply {
 public:
  Reply() = default;
  Reply(std::weak_ptr<Connection> connection, std::int64_t request) : connection_(std::move(connection)), request_(request) {}

  void Ok(Json result = Json::object(), const std::vector<int>& descriptors = {}) const;
  void Fail(const Failure& failure) const;
  void Progress(Json progress, const std::vector<int>& descriptors = {}) const;
  // The result when there is one, else the failure.
  void Done(const Status& status) const;

  std::int64_t request() const { return request_; }
  std::shared_ptr<Connection> connection() const { return connection_.lock(); }

 private:
  std::weak_ptr<Connection> connection_;
  std::int64_t request_ = 0;
};

}  // namespace tsc

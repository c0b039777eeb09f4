// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace tsc {

// What went wrong: the step that failed, the kernel's errno, and the object it was about ("mount overlay", EINVAL, "/merged").
// The sentence for people is written once, in TypeScript.
struct Failure {
  std::string step;
  int error = 0;
  std::string object;
};

// The failure of the system call that just returned, taken from errno.
inline Failure Errno(std::string step, std::string object = {}) {
  const int error = errno;
  return Failure{std::move(step), error, std::move(object)};
}

inline Failure Fail(std::string step, int error, std::string object = {}) { return Failure{std::move(step), error, std::move(object)}; }

// A value or a Failure. C++ code here throws nothing of its own.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Failure& failure() const& { return std::get<1>(state_); }
  Failure&& failure() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Failure> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failure failure) : failure_(std::move(failure)) {}

  bool ok() const { return !failure_; }
  explicit operator bool() const { return ok(); }
  void value() const {}
  const Failure& failure() const& { return *failure_; }
  Failure&& failure() && { return *std::move(failure_); }

 private:
  std::optional<Failure> failure_;
};

using Status = Result<void>;

}  // namespace tsc

// Unwraps a Result, or returns its Failure from the calling function.
#define TSC_TRY(expression)                                         \
  ({                                                                \
    auto tsc_result_ = (expression);                                \
    if (!tsc_result_.ok()) return std::move(tsc_result_).failure(); \
    std::move(tsc_result_).value();                                 \
  })

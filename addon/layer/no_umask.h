// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

namespace tsc {

// While it lives, modes are what they are given as, not what whoever started us leaves of them.
class NoUmask {
 public:
  NoUmask() : saved_(::umask(0)) {}
  ~NoUmask() { ::umask(saved_); }
  NoUmask(const NoUmask&) = delete;
  NoUmask& operator=(const NoUmask&) = delete;

 private:
  mode_t saved_;
};

}  // namespace tsc

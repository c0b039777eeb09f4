// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bench {

// Something that was started: readable when it ended, and what is to be done then.
struct Flight {
  int pidfd = -1;
  std::function<void()> end;
};

// Starts `total` of them, `at_a_time` in the air.
void Fly(int total, int at_a_time, const std::function<Flight()>& start);

// A whole program with nothing to read and nobody to read it. Started from a small process: a fork of Node would cost more than many an
// engine. A program that fails ends the bench with its name.
int StartProgram(const std::vector<std::string>& argv);
void EndProgram(int pidfd, const std::vector<std::string>& argv);

}  // namespace bench

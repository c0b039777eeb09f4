// SPDX-License-Identifier: Apache-2.0
#include "command/arguments.h"

#include <algorithm>

#include "command/sentence.h"

namespace tsc {

bool Options::has(const std::string& name) const { return values.count(name) != 0; }

bool Options::is_set(const std::string& name) const { return has(name) && get(name) != "false"; }

std::string Options::get(const std::string& name, const std::string& fallback) const {
  const auto found = values.find(name);
  return found == values.end() ? fallback : found->second.back();
}

const std::vector<std::string>& Options::all(const std::string& name) const {
  static const std::vector<std::string> none;
  const auto found = values.find(name);
  return found == values.end() ? none : found->second;
}

Result<Options> ParseOptions(const std::vector<std::string>& words, const std::vector<Flag>& flags) {
  Options options;
  std::size_t at = 0;
  for (; at < words.size(); ++at) {
    const auto& word = words[at];
    if (word.size() < 2 || word[0] != '-') break;
    if (word == "--") {
      ++at;
      break;
    }
    const auto equals = word.find('=');
    const auto start = word[1] == '-' ? 2U : 1U;
    const auto name = word.substr(start, equals == std::string::npos ? equals : equals - start);
    const auto flag =
        std::find_if(flags.begin(), flags.end(), [&](const Flag& known) { return name == known.name || name == known.letter; });
    if (flag == flags.end()) return Refuse("flag provided but not defined: " + word);
    if (equals != std::string::npos) {
      options.values[flag->name].push_back(word.substr(equals + 1));
    } else if (!flag->takes_value) {
      options.values[flag->name].push_back("true");
    } else if (++at < words.size()) {
      options.values[flag->name].push_back(words[at]);
    } else {
      return Refuse("flag needs an argument: " + word);
    }
  }
  options.rest.assign(words.begin() + static_cast<std::ptrdiff_t>(std::min(at, words.size())), words.end());
  return options;
}

}  // namespace tsc

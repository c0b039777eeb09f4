# SPDX-License-Identifier: Apache-2.0
# One libFuzzer program for each *_fuzz.cc of addon/test.
file(GLOB_RECURSE fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/addon/test/*_fuzz.cc)
foreach(source ${fuzz_sources})
  get_filename_component(program ${source} NAME_WE)
  add_executable(${program} ${source})
  target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${program} PRIVATE tsc_supervisor)
endforeach()

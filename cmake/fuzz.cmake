# SPDX-License-Identifier: Apache-2.0
# The fuzz targets of test/fuzz in one libFuzzer program: npm run fuzz. tscontainer-tests has them as well (cmake/tests.cmake).
file(GLOB fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/fuzz/*.cc)
list(FILTER fuzz_sources EXCLUDE REGEX "_test\\.cc$")
# Of the supervisor, what reads messages; all of it would take most of the time.
foreach(name create_request dns_gate egress_options event_loop network_options packet pressure_watches restart_policy
             supervision_options traffic_shape volume_use)
  list(APPEND fuzz_sources ${CMAKE_SOURCE_DIR}/addon/supervisor/${name}.cc)
endforeach()
add_executable(tscontainer-fuzz ${fuzz_sources})
target_link_options(tscontainer-fuzz PRIVATE -fsanitize=fuzzer)
target_link_libraries(tscontainer-fuzz PRIVATE tsc_build)

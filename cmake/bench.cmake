# SPDX-License-Identifier: Apache-2.0
# Each file of bench/native is one static program: the floor that the engine is measured against, and its like. They share common/.
file(GLOB bench_common CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/native/common/*.cc)
file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/native/*.cc)
add_library(tsc_bench STATIC ${bench_common})
target_include_directories(tsc_bench PUBLIC ${CMAKE_SOURCE_DIR}/bench/native)
foreach(source ${bench_sources})
  get_filename_component(program ${source} NAME_WE)
  tsc_static_program(tscontainer-bench-${program} ${source})
  target_link_libraries(tscontainer-bench-${program} PRIVATE tsc_bench)
endforeach()

# SPDX-License-Identifier: Apache-2.0
# Each file of bench/native is one static program: the floor that the engine is measured against, and its like.
file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/native/*.cc)
foreach(source ${bench_sources})
  get_filename_component(program ${source} NAME_WE)
  tsc_static_program(tscontainer-bench-${program} ${source})
endforeach()

# SPDX-License-Identifier: Apache-2.0
# tscontainer-supervisor-faults: the same objects as the supervisor, with something between them and the C library (npm run test:faults).
file(READ ${CMAKE_SOURCE_DIR}/addon/test/faults/fault_calls.h fault_calls)
string(REGEX MATCHALL "  CALL\\([a-z0-9_]+" fault_calls "${fault_calls}")
add_executable(tscontainer-supervisor-faults addon/supervisor/main.cc addon/test/faults/fault_points.cc)
target_compile_options(tscontainer-supervisor-faults PRIVATE -fPIE)
target_link_options(tscontainer-supervisor-faults PRIVATE -static-pie -Wl,--wrap=syscall)
foreach(call ${fault_calls})
  string(REPLACE "  CALL(" "" name "${call}")
  target_link_options(tscontainer-supervisor-faults PRIVATE -Wl,--wrap=${name})
endforeach()
target_link_libraries(tscontainer-supervisor-faults PRIVATE tsc_supervisor)
set_target_properties(tscontainer-supervisor-faults PROPERTIES LINK_DEPENDS ${CMAKE_SOURCE_DIR}/addon/test/faults/fault_calls.h)

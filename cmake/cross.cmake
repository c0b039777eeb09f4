# SPDX-License-Identifier: Apache-2.0
# The toolchain file of builds for another processor, with Debian's cross compiler: TSC_TRIPLET names it, TSC_SYSROOT is a directory with the
# development packages of that architecture (scripts/lib/sysroot.mjs).
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TSC_TRIPLET TSC_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR "${TSC_TRIPLET}")
set(CMAKE_C_COMPILER ${TSC_TRIPLET}-gcc)
set(CMAKE_CXX_COMPILER ${TSC_TRIPLET}-g++)
set(CMAKE_SYSROOT ${TSC_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${TSC_TRIPLET})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
# The cross compiler brings a C library of its own, which gets no security updates: that of the sysroot comes before it.
set(tsc_libraries "\"-B${TSC_SYSROOT}/usr/lib/${TSC_TRIPLET}\" \"-L${TSC_SYSROOT}/usr/lib/${TSC_TRIPLET}\"")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${tsc_libraries}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${tsc_libraries}")

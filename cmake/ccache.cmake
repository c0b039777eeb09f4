# SPDX-License-Identifier: Apache-2.0
# Where ccache is installed it is used, so that a second checkout of the same sources compiles in seconds: paths below the source
# directory count as relative ones. A precompiled header would hide its content from the cache, so there is none then.
find_program(TSC_CCACHE ccache)
if(TSC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TSC_CCACHE})
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

# SPDX-License-Identifier: Apache-2.0
# tscontainer.node: exports the two functions of Node-API that Node looks for, and nothing else.
file(GLOB binding_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/addon/binding/*.cc)
if(NOT binding_sources)
  return()
endif()

# The headers are npm packages beside us or above us (an installed package is hoisted).
function(tsc_npm_headers variable package file)
  find_path(${variable} ${file} NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
            PATHS ${CMAKE_SOURCE_DIR}/node_modules/${package} ${CMAKE_SOURCE_DIR}/../${package}
            PATH_SUFFIXES include)
  if(NOT ${variable})
    message(FATAL_ERROR "${package} is missing: run npm ci")
  endif()
endfunction()
tsc_npm_headers(TSC_NODE_API node-api-headers node_api.h)
tsc_npm_headers(TSC_NAPI node-addon-api napi.h)
# libuv's ABI is stable within 1.x, and Node exports it: libuv1-dev's header or Node's own will do.
find_path(TSC_UV uv.h PATH_SUFFIXES node)
if(NOT TSC_UV)
  message(FATAL_ERROR "uv.h is missing: apt-get install libuv1-dev")
endif()

add_library(tscontainer SHARED ${binding_sources})
set_target_properties(tscontainer PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(tscontainer SYSTEM PRIVATE ${TSC_NODE_API} ${TSC_NAPI} ${TSC_UV})
target_compile_definitions(tscontainer PRIVATE NAPI_VERSION=8)
# libgcc_s is Node's too; linked statically its unwinder would ask for a newer glibc than all the rest does.
target_link_options(tscontainer PRIVATE -static-libstdc++ -shared-libgcc -Wl,--exclude-libs,ALL $<$<CONFIG:Release>:-s>
                    -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/addon.map)
set_target_properties(tscontainer PROPERTIES LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/addon.map)
target_link_libraries(tscontainer PRIVATE tsc_core)
tsc_link_map(tscontainer)

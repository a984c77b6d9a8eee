# How every target of this project is compiled and linked.

set(EXOREF_BREAKABLE records floor terms predecessor sweep c5 token lease clock news takeover)

# Flags go on targets, never on the whole directory, so that exoref can be a part of a larger build.
add_library(exoref_flags INTERFACE)
target_compile_options(exoref_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<BOOL:${EXOREF_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(exoref_flags INTERFACE -Wno-restrict) # false alarms at std::string + text: gcc bug 105651
endif()

if(EXOREF_SANITIZE)
    target_compile_options(exoref_flags INTERFACE
        -fsanitize=${EXOREF_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # gcc's flow analysis stumbles over the sanitizers' own code (in std::regex, std::function): it warns without them.
        target_compile_options(exoref_flags INTERFACE -Wno-maybe-uninitialized)
    endif()
    target_link_options(exoref_flags INTERFACE -fsanitize=${EXOREF_SANITIZE})
endif()

set(EXOREF_BREAK_DEFINITIONS "")
foreach(name IN LISTS EXOREF_BREAK)
    if(NOT name IN_LIST EXOREF_BREAKABLE)
        message(FATAL_ERROR "EXOREF_BREAK: '${name}' is none of: ${EXOREF_BREAKABLE}")
    endif()
    string(TOUPPER "${name}" upper)
    list(APPEND EXOREF_BREAK_DEFINITIONS EXOREF_BREAK_${upper}=1)
endforeach()

# A library or program may have no sources yet; CMake wants one.
set(EXOREF_EMPTY_SOURCE "${PROJECT_BINARY_DIR}/empty.cpp")
if(NOT EXISTS "${EXOREF_EMPTY_SOURCE}")
    file(WRITE "${EXOREF_EMPTY_SOURCE}" "// Stands where a folder has no sources.\n")
endif()

# exoref_sources(<variable> <folder>): the C and C++ sources below a folder. Only those that name an EXOREF_BREAK_... are
# compiled with it, so that breaking another rule compiles little anew.
function(exoref_sources variable folder)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${folder}/*.cpp" "${folder}/*.c")
    if(EXOREF_BREAK)
        foreach(source IN LISTS found)
            file(STRINGS "${source}" mentions REGEX "EXOREF_BREAK_")
            if(mentions)
                set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS ${EXOREF_BREAK_DEFINITIONS})
            endif()
        endforeach()
    endif()
    if(NOT found)
        set(found "${EXOREF_EMPTY_SOURCE}")
    endif()
    set(${variable} ${found} PARENT_SCOPE)
endfunction()

# exoref_embed_scripts(<target> [rule...]): turns src/store/scripts/*.lua into store/scripts.gen.hpp and .cpp in the build
# directory and adds them to the target. The rules named are left out of the scripts (EXOREF_BREAK, for tests only).
find_package(Python3 COMPONENTS Interpreter REQUIRED)
find_program(EXOREF_LUAC NAMES luac5.1 luac51 luac DOC "The compiler of Lua 5.1, which Redis speaks; checks the scripts")

function(exoref_embed_scripts target)
    set(folder "${PROJECT_SOURCE_DIR}/src/store/scripts")
    set(generator "${PROJECT_SOURCE_DIR}/cmake/embed_scripts.py")
    set(generated "${PROJECT_BINARY_DIR}/generated")
    file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*.lua" "${folder}/include/*.lua")
    set(check "")
    if(EXOREF_LUAC)
        set(check --luac "${EXOREF_LUAC}")
    else()
        message(STATUS "luac5.1 was not found: the Lua scripts are embedded without a check for undefined names")
    endif()
    list(JOIN ARGN "," broken)
    add_custom_command(
        OUTPUT "${generated}/store/scripts.gen.hpp" "${generated}/store/scripts.gen.cpp"
        COMMAND "${Python3_EXECUTABLE}" "${generator}" --scripts "${folder}" --out "${generated}/store"
            "--break=${broken}" ${check}
        DEPENDS ${scripts} "${generator}"
        COMMENT "Embedding the Lua scripts"
        VERBATIM)
    add_custom_target(${target}_scripts DEPENDS "${generated}/store/scripts.gen.hpp" "${generated}/store/scripts.gen.cpp")
    target_sources(${target} PRIVATE "${generated}/store/scripts.gen.hpp" "${generated}/store/scripts.gen.cpp")
    target_include_directories(${target} PUBLIC "${generated}")
    add_dependencies(${target} ${target}_scripts)
endfunction()

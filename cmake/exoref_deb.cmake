# Packages for Debian and Ubuntu, by cpack: libexoref1 (what programs need to run), libexoref-dev (what building needs), and exoref, the
# command. script/package builds and lintian looks at them.
set(maintainer "The exoref maintainers <maintainers@users.noreply.github.com>")
set(deb_dir "${PROJECT_BINARY_DIR}/deb")
string(TIMESTAMP deb_date "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH if it is set

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME exoref)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL lib dev command)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
# The command needs the library that is built here, which no installed package has yet.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")

# exoref_deb(<component> <package> <section> <summary> <description>), and what Debian wants of every package: who made it, and changes.
function(exoref_deb component package section summary description)
    string(TOUPPER "${component}" upper)
    set(folder "${deb_dir}/${package}")
    set(changelog "exoref (${PROJECT_VERSION}-1) unstable; urgency=medium\n\n  * See the project's CHANGELOG.md.\n\n -- ${maintainer}  ${deb_date}\n")
    file(WRITE "${folder}/changelog" "${changelog}")
    execute_process(COMMAND gzip -9nf "${folder}/changelog")
    file(RENAME "${folder}/changelog.gz" "${folder}/changelog.Debian.gz")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/deb/copyright" "${folder}/copyright" COPYONLY)
    install(FILES "${folder}/changelog.Debian.gz" "${folder}/copyright"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${package}" COMPONENT ${component})
    set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package} PARENT_SCOPE)
    set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section} PARENT_SCOPE)
    set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}\n${description}" PARENT_SCOPE)
endfunction()

exoref_deb(lib libexoref1 libs "Clojure's references shared through Redis: the library"
    "Atoms, promises and delays that processes, machines and languages share; the\nvalues are kept on a Redis server.")
exoref_deb(dev libexoref-dev libdevel "Clojure's references shared through Redis: headers"
    "What is needed to build programs with libexoref: headers for C and C++, the\nstatic library, and files for pkg-config and CMake.")
exoref_deb(command exoref utils "Clojure's references shared through Redis: the command"
    "The command exoref reads, changes, watches and awaits atoms, promises and\ndelays, and runs a command once among many machines.")

file(WRITE "${deb_dir}/triggers" "activate-noawait ldconfig\n")
file(WRITE "${deb_dir}/shlibs" "libexoref ${PROJECT_VERSION_MAJOR} libexoref1 (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIB_PACKAGE_CONTROL_EXTRA "${deb_dir}/triggers;${deb_dir}/shlibs")
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libexoref1 (= ${PROJECT_VERSION}-1)")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "libuv1-dev, libhiredis-dev")
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "libexoref1 (>= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS "redis-server")
include(CPack)

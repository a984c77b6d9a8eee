# What `cmake --install` puts where, for pkg-config and for find_package(exoref). Both find the rest from where they
# themselves lie, so a prefix can be moved.
include(CMakePackageConfigHelpers)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/exoref" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT dev FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(TARGETS exoref EXPORT exorefTargets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT lib NAMELINK_COMPONENT dev
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
install(TARGETS exoref_static EXPORT exorefStaticTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
if(TARGET exoref_cli)
    install(TARGETS exoref_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command)
    # Completion for bash and zsh, as they lie in the tree, and its manual page.
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/share/" DESTINATION "${CMAKE_INSTALL_DATADIR}" COMPONENT command PATTERN man EXCLUDE)
    set(manual_page "${PROJECT_SOURCE_DIR}/share/man/man1/exoref.1")
    if(EXOREF_DEB) # Debian wants it so
        execute_process(COMMAND gzip -9nc "${manual_page}" OUTPUT_FILE "${PROJECT_BINARY_DIR}/exoref.1.gz")
        set(manual_page "${PROJECT_BINARY_DIR}/exoref.1.gz")
    endif()
    install(FILES "${manual_page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT command)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT licence)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/exoref")
install(EXPORT exorefTargets NAMESPACE exoref:: DESTINATION "${package_dir}" COMPONENT dev)
install(EXPORT exorefStaticTargets NAMESPACE exoref:: DESTINATION "${package_dir}" COMPONENT dev)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/exorefConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/exorefConfig.cmake" INSTALL_DESTINATION "${package_dir}"
    NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/exorefConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/exorefConfig.cmake" "${PROJECT_BINARY_DIR}/exorefConfigVersion.cmake"
    DESTINATION "${package_dir}" COMPONENT dev)

# The prefix as seen from the folder that holds exoref.pc.
set(pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH pc_to_prefix "${CMAKE_INSTALL_PREFIX}/${pc_dir}" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
set(pc_private_libs "")
foreach(library IN LISTS EXOREF_PRIVATE_LIBRARIES)
    string(APPEND pc_private_libs "-l${library} ")
endforeach()
string(APPEND pc_private_libs "-lstdc++ -lm -pthread")
configure_file("${PROJECT_SOURCE_DIR}/pkgconfig/exoref.pc.in" "${PROJECT_BINARY_DIR}/exoref.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/exoref.pc" DESTINATION "${pc_dir}" COMPONENT dev)

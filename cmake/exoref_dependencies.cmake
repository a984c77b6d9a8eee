# The libraries beneath exoref. They are private: nobody who uses exoref needs their headers, and they are exported by
# plain name (EXOREF_PRIVATE_LIBRARIES), so that what is installed stays relocatable.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET "libuv>=1.34")
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET "hiredis>=0.14")
# Headers alone: what is built with it needs it no more.
pkg_check_modules(NLOHMANN_JSON REQUIRED IMPORTED_TARGET "nlohmann_json>=3.10")

# Debian's hiredis.pc of 0.14 adds include/hiredis to the path, and that of 1.x does too; we write <hiredis/read.h>.
set(EXOREF_PRIVATE_LIBRARIES ${LIBUV_LIBRARIES} ${HIREDIS_LIBRARIES})
list(REMOVE_DUPLICATES EXOREF_PRIVATE_LIBRARIES)
list(REMOVE_ITEM EXOREF_PRIVATE_LIBRARIES pthread dl rt)

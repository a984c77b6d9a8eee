# frozen_string_literal: true

# Compiles the low layer against the installed libexoref, which pkg-config finds (PKG_CONFIG_PATH for one in a place of its own).
require "mkmf"

unless pkg_config("exoref")
  abort "libexoref was not found by pkg-config: install libexoref-dev, or name its folder in PKG_CONFIG_PATH"
end
abort "the header exoref/exoref.h does not compile" unless have_func("exoref_json_canonical", "exoref/exoref.h")

# Where it stands outside the linker's own folders, the extension remembers where it was found.
libdir = pkg_config("exoref", "variable=libdir")
$LDFLAGS << " -Wl,-rpath,#{File.realpath(libdir)}" if libdir && !libdir.start_with?("/usr/lib")
$CFLAGS << " -std=gnu11 -fvisibility=hidden"
create_makefile("exoref/exoref_low")

# Builds the extension against the libshale that pkg-config finds, or the one of --with-shale-dir=PREFIX.
require "mkmf"

dir_config("shale") # before pkg_config, which asks for the same settings and keeps the first answer
pkg_config("shale")
unless have_header("shale/shale.h") && have_library("shale", "shale_version_string", "shale/shale.h")
  abort "libshale was not found. Install it (make install in its source tree) and run ldconfig, " \
        "or name its prefix:\n  gem install shale -- --with-shale-dir=/usr/local"
end

# A library that is not where the loader looks: remember the directory, as --with-shale-dir does.
libdir = pkg_config("shale", "variable=libdir").to_s.strip
usual = libdir.empty? || %w[/usr/local/lib /lib].include?(libdir) || libdir.start_with?("/usr/lib")
unless usual
  $LDFLAGS << " -Wl,-rpath,#{libdir}"
end
append_cflags(%w[-std=gnu11 -fvisibility=hidden])
create_makefile("shale/shale_raw")

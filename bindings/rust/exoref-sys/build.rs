//! Finds libexoref through pkg-config, and tells crates that depend on this one where its header is (`DEP_EXOREF_INCLUDE`).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("DOCS_RS").is_some() {
        return; // documentation is built without the library
    }
    match pkg_config::Config::new().atleast_version("1.0").probe("exoref") {
        Ok(library) => {
            for include in &library.include_paths {
                println!("cargo:include={}", include.display());
            }
        }
        Err(error) => {
            eprintln!(
                "libexoref was not found. Install it (Debian: libexoref-dev), or name the folder of its exoref.pc in \
                 PKG_CONFIG_PATH.\n\n{error}"
            );
            std::process::exit(1);
        }
    }
}

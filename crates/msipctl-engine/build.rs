//! Links the release build for Linux at a fixed address, as that of msipctl, and gives the program for Windows its resources.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script by its environment")]

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let features = std::env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    // A static program is linked as its relocation model says.
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    if is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && !is_static
    {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    if is("CARGO_CFG_TARGET_OS", "windows") {
        let manifest = msipctl_windows::MANIFEST.replace("VERSION", env!("CARGO_PKG_VERSION"));
        winresource::WindowsResource::new()
            .set("OriginalFilename", "msipctl-engine.exe")
            .set("LegalCopyright", "MIT OR Apache-2.0")
            .set_manifest(&manifest)
            .compile_for("msipctl-engine")?;
    }
    Ok(())
}

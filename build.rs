//! Links the release build for Linux at a fixed address, and gives the programs for Windows their resources.
//!
//! A program that may stand anywhere has each pointer in its data set right whenever it starts: some 3500,
//! on two dozen pages that are copied for it. That takes a twentieth of the time of `msipctl get`.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script by its environment")]

/// What Windows is told of each program: paths may be long, its text is UTF-8, it asks for no more rights,
/// and it knows the Windows versions named, so that it is not lied to about them.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="msipctl" version="VERSION.0"/>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
      <supportedOS Id="{1f676c76-80e1-4239-95bb-83d0f6d0da78}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
    </windowsSettings>
  </application>
</assembly>
"#;

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
        let manifest = MANIFEST.replace("VERSION", env!("CARGO_PKG_VERSION"));
        for program in ["msipctl", "msipctlw"] {
            // Name, description and version are taken from Cargo.toml.
            winresource::WindowsResource::new()
                .set("OriginalFilename", &format!("{program}.exe"))
                .set("LegalCopyright", "MIT OR Apache-2.0")
                .set_manifest(&manifest)
                .compile_for(program)?;
        }
    }
    Ok(())
}

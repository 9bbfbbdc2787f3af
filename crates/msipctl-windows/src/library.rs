//! Libraries of Windows that are loaded when something of theirs is first asked for.
//!
//! `shell32.dll` brings a dozen others, windows and drawing among them; loaded with the program it would
//! take as long as all the rest of a start of msipctl. Most runs need nothing of it.

use std::ffi::CStr;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW,
};

use super::text::wide;

/// A library that stays loaded until the program ends.
pub(super) struct Library(HMODULE);

/// The address of a call, to be given its real type.
pub(super) type Address = unsafe extern "system" fn() -> isize;

impl Library {
    /// Loads a library from the system's own folder, so that no file beside msipctl can stand in for it.
    pub(super) fn load(name: &str) -> io::Result<Self> {
        let name = wide(name)?;
        // SAFETY: `name` has a zero at its end, the second argument must be null, and what the libraries
        // of Windows do when they are loaded is sound at any time but within another library's loading.
        let library =
            unsafe { LoadLibraryExW(name.as_ptr(), ptr::null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
        if library.is_null() { Err(io::Error::last_os_error()) } else { Ok(Self(library)) }
    }

    /// Finds a call by its name.
    pub(super) fn call(&self, name: &CStr) -> io::Result<Address> {
        // SAFETY: the library is never freed, and `name` has a zero at its end.
        unsafe { GetProcAddress(self.0, name.as_ptr().cast()) }.ok_or_else(io::Error::last_os_error)
    }
}

/// Declares a structure of calls of one library, each with its name there and its type.
macro_rules! calls {
    (
        $(#[$about:meta])*
        $name:ident from $library:literal { $($field:ident: $type:ty = $call:literal,)* }
    ) => {
        $(#[$about])*
        struct $name {
            $($field: $type,)*
        }

        impl $name {
            /// Loads the library, unless it is loaded, and finds its calls.
            fn load() -> io::Result<Self> {
                let library = $crate::library::Library::load($library)?;
                Ok(Self {
                    $(
                        // SAFETY: the type is the one that Windows documents for the call of this name.
                        $field: unsafe {
                            std::mem::transmute::<$crate::library::Address, $type>(
                                library.call($call)?,
                            )
                        },
                    )*
                })
            }
        }
    };
}

pub(super) use calls;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_library_or_function_is_an_error() {
        assert!(Library::load("none of this name.dll").is_err());
        let library = Library::load("shell32.dll").unwrap();
        assert!(library.call(c"SHGetKnownFolderPath").is_ok());
        assert!(library.call(c"NoneOfThisName").is_err());
    }
}

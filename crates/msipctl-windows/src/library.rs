//! Loads libraries of Windows on first use.
//!
//! `shell32.dll` loads a dozen other libraries, such as those for windows and graphics. Loading it at startup would double the
//! start time of msipctl, and most runs don't need it.

use std::ffi::CStr;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW,
};

use super::text::wide;

/// A library that stays loaded until the program exits.
pub(super) struct Library(HMODULE);

/// The address of a function, before conversion to its actual type.
pub(super) type Address = unsafe extern "system" fn() -> isize;

impl Library {
    /// Loads a library from the system folder, so that a file in the folder of msipctl can't replace it.
    pub(super) fn load(name: &str) -> io::Result<Self> {
        let name = wide(name)?;
        // SAFETY: `name` is NUL-terminated, the second argument must be null, and Windows libraries can be loaded at any time
        // except while another library is loading.
        let library =
            unsafe { LoadLibraryExW(name.as_ptr(), ptr::null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
        if library.is_null() { Err(io::Error::last_os_error()) } else { Ok(Self(library)) }
    }

    /// Returns the function with a name.
    pub(super) fn call(&self, name: &CStr) -> io::Result<Address> {
        // SAFETY: the library is never freed, and `name` is NUL-terminated.
        unsafe { GetProcAddress(self.0, name.as_ptr().cast()) }.ok_or_else(io::Error::last_os_error)
    }
}

/// Declares a struct with functions of a library, each with its type and its name in the library.
macro_rules! calls {
    (
        $(#[$about:meta])*
        $visible:vis $name:ident from $library:literal { $($field:ident: $type:ty = $call:literal,)* }
    ) => {
        $(#[$about])*
        $visible struct $name {
            $($visible $field: $type,)*
        }

        impl $name {
            /// Loads the library, if it isn't loaded yet, and finds its functions.
            $visible fn load() -> io::Result<Self> {
                let library = $crate::library::Library::load($library)?;
                Ok(Self {
                    $(
                        // SAFETY: this is the documented type of the function.
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

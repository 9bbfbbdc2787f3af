//! Finds windows by name for `SendMessage`, `PostMessage`, and `CopyData`. These actions send the payload unchanged.

use std::io;
use std::time::Duration;

use super::error::{Error, Notice, Outcome};
use msipctl_windows::{Desktop, Window, WindowName};

/// The default time to wait for a window to respond.
pub(super) const WAIT: Duration = Duration::from_secs(5);

/// Calls `act` with the topmost window that has a name.
pub(super) fn to_window(
    desktop: &dyn Desktop,
    window: &str,
    act: impl Fn(Window) -> io::Result<()>,
) -> Outcome {
    let name = match window.strip_prefix("class:") {
        Some(class) => WindowName::Class(class),
        None => WindowName::Title(window),
    };
    let found = desktop.find_windows(name).map_err(Error::Desktop)?;
    let window = window.to_owned();
    let Some(first) = found.first() else { return Err(Error::NoWindow(window)) };
    match act(*first) {
        Ok(()) if found.len() > 1 => {
            Ok(Some(Notice::SeveralWindows { window, count: found.len() }))
        }
        Ok(()) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(Error::WindowTimedOut(window)),
        Err(source) => Err(Error::Window { window, source }),
    }
}

/// Returns the payload as a number, or 0 if it contains other characters than digits or is too large.
pub(super) fn number(payload: &str) -> u64 {
    let digits = payload.bytes().all(|byte| byte.is_ascii_digit());
    payload.parse().ok().filter(|_| digits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::ops::ControlFlow;

    use super::*;
    use crate::call::testing::call;
    use crate::copy_data::copy;
    use crate::error::texts;
    use crate::post_message::post;
    use crate::send_message::send;
    use msipctl_core::event::Text;
    use msipctl_windows::{Received, Started};
    use proptest::prelude::*;

    /// A desktop that records its calls.
    #[derive(Default)]
    struct Fake {
        windows: usize,
        calls: RefCell<Vec<String>>,
    }

    impl Desktop for Fake {
        fn find_windows(&self, name: WindowName<'_>) -> io::Result<Vec<Window>> {
            self.calls.borrow_mut().push(format!("{name:?}"));
            Ok((1..=self.windows as isize).map(Window).collect())
        }

        fn send_message(
            &self,
            window: Window,
            message: u32,
            wparam: u64,
            text: &str,
            at_most: Duration,
        ) -> io::Result<u64> {
            self.calls
                .borrow_mut()
                .push(format!("{window:?} {message} {wparam} {text} {at_most:?}"));
            Ok(0)
        }

        fn post_message(
            &self,
            window: Window,
            message: u32,
            wparam: u64,
            text: &str,
        ) -> io::Result<()> {
            self.calls.borrow_mut().push(format!("{window:?} {message} {wparam} {text}"));
            Ok(())
        }

        fn copy_data(&self, _: Window, _: u32, text: &str, _: Duration) -> io::Result<u64> {
            self.calls.borrow_mut().push(text.to_owned());
            Err(io::ErrorKind::TimedOut.into())
        }

        fn open(&self, _: &str) -> io::Result<()> {
            unreachable!()
        }

        fn start_hidden(&self, _: &str, _: &str, _: Duration) -> io::Result<Started> {
            unreachable!()
        }

        fn listen(
            &self,
            _: &str,
            _: Option<&str>,
            _: Option<Duration>,
            _: &mut dyn FnMut(Received) -> ControlFlow<()>,
        ) -> io::Result<()> {
            unreachable!()
        }
    }

    fn text(text: &str) -> Text {
        Text::parse(text).unwrap()
    }

    #[test]
    fn digits_are_sent_as_wparam() {
        for (payload, expected) in [
            ("42", 42),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551616", 0),
            ("+42", 0),
            ("", 0),
            ("٤", 0),
        ] {
            assert_eq!(number(payload), expected, "{payload}");
        }
    }

    #[test]
    fn missing_window_fails_and_topmost_of_several_is_used() {
        let none = Fake::default();
        let sent = send(&none, &call("1"), &text("W"), 1124, &text("%number%"), None);
        assert_eq!(texts(sent), Err("window `W` not found".to_owned()));
        let two = Fake { windows: 2, ..Fake::default() };
        let sent = send(&two, &call("1"), &text("class:W"), 1124, &text("%number%"), Some(7));
        assert_eq!(
            texts(sent),
            Ok(Some(
                "2 windows have the name `class:W`; the topmost one received the message"
                    .to_owned()
            ))
        );
        assert_eq!(*two.calls.borrow(), ["Class(\"W\")", "Window(1) 1124 1 1 7ms"]);
        let copied = copy(&two, &call("1"), &text("W"), 1, &text("x"));
        assert_eq!(texts(copied), Err("window `W` didn't respond in time".to_owned()));
    }

    proptest! {
        #[test]
        fn any_caller_id_reaches_the_window_unchanged(caller: String) {
            let desktop = Fake { windows: 1, ..Fake::default() };
            post(&desktop, &call(&caller), &text("W"), 1124, &text("%number%")).unwrap();
            let expected = format!("Window(1) 1124 {} {caller}", number(&caller));
            prop_assert_eq!(&desktop.calls.borrow()[1], &expected);
        }
    }
}

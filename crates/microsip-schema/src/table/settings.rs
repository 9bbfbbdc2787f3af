//! `[Settings]`: all settings that don't belong to an account. The account keys at the end are those of 3.1.18.

use super::row::{
    any, choice, codecs, command, from, list, number, path, ports, secret, switch, text, up_to,
};
use crate::key::Key;
use crate::kind::Switch;
use crate::section::Section;
use crate::version::Version;

const V3_15_6: Version = Version::new(3, 15, 6);
const V3_18_5: Version = Version::new(3, 18, 5);
const V3_19_18: Version = Version::new(3, 19, 18);
const V3_20_5: Version = Version::new(3, 20, 5);
const V3_21_3: Version = Version::new(3, 21, 3);

const IN: Section = Section::Settings;
/// The minimum and maximum integer that MicroSIP stores.
const MIN: i64 = i32::MIN as i64;
const MAX: i64 = i32::MAX as i64;

pub(super) const KEYS: &[Key] = &[
    number(IN, "accountId", 0, 99999).from(3, 12, 1)
        .about("Number of the active account: N selects `[AccountN]`, and 0 means none or the local account. A provisioned file must set it, because MicroSIP doesn't select `[Account1]` on its own."),
    switch(IN, "enableLocalAccount", Switch::NonZero).default_is("0").from(3, 14, 0).earlier(&[(Version::new(3, 20, 1), Switch::ExactlyOne)])
        .about("Whether the local account is available, which makes calls by IP address without registration. Its settings are in `[Account0]`."),
    switch(IN, "disableLocalAccount", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 12, 1)
        .about("Whether the local account is unavailable. Inverted predecessor of `enableLocalAccount`."),
    switch(IN, "singleMode", Switch::NonZero).default_is("1").from(3, 1, 18).earlier(&[(Version::new(3, 14, 5), Switch::NotZero)])
        .about("Whether MicroSIP handles only one call at a time and shows no conversation tabs. Must be off for multiple calls and for `AC`."),
    path(IN, "ringingSound").from(3, 1, 18)
        .about("Wave file to play as the ringtone. If empty, MicroSIP uses `ringtone.wav` in its own folder. A bare file name is resolved in that folder, and `%VAR%` is expanded."),
    number(IN, "volumeRing", 0, 100).default_is("100").from(3, 19, 27)
        .about("Ringtone volume in percent."),
    text(IN, "audioRingDevice").from(3, 12, 1).machine_state()
        .about("Exact Windows name of the ringing device. If empty or unknown, MicroSIP uses the default device."),
    text(IN, "audioOutputDevice").from(3, 1, 18).machine_state()
        .about("Exact Windows name of the speaker. If empty or unknown, MicroSIP uses the default device."),
    text(IN, "audioInputDevice").from(3, 1, 18).machine_state()
        .about("Exact Windows name of the microphone. If empty or unknown, MicroSIP uses the default device."),
    switch(IN, "micAmplification", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether MicroSIP amplifies the microphone."),
    switch(IN, "swLevelAdjustment", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether MicroSIP adjusts the volume in software and leaves the Windows mixer unchanged."),
    codecs(IN, "audioCodecs").default_is("PCMA/8000/1 PCMU/8000/1").earlier_defaults(&[(Version::new(3, 19, 17), "opus/48000/2 PCMA/8000/1 PCMU/8000/1")]).from(3, 1, 18).limits(&[(Version::new(3, 21, 3), 511)])
        .about("Audio codecs to offer, in order of preference, as `name/rate/channels` separated by single spaces. If empty, MicroSIP uses the default list. It ignores codecs that the build doesn't include."),
    switch(IN, "VAD", Switch::NonZero).default_is("0").from(3, 12, 1).earlier(&[(Version::new(3, 19, 18), Switch::ExactlyOne)])
        .about("Whether voice activity detection is on, which stops sending audio during silence."),
    switch(IN, "DisableVAD", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 1, 18)
        .about("Whether voice activity detection is off in 3.1.18. Inverted predecessor of `VAD`."),
    switch(IN, "EC", Switch::NonZero).default_is("1").earlier_defaults(&[(V3_19_18, "0")]).from(3, 12, 1).earlier(&[(Version::new(3, 15, 6), Switch::ExactlyOne), (Version::new(3, 19, 12), Switch::NotZero), (Version::new(3, 19, 18), Switch::ExactlyOne)])
        .about("Whether echo cancellation is on. Has no effect while `opusStereo` is on."),
    switch(IN, "forceCodec", Switch::NonZero).default_is("0").from(3, 12, 1).earlier(&[(Version::new(3, 18, 5), Switch::ExactlyOne)])
        .about("Whether MicroSIP answers calls with the first codec in its own list, regardless of the caller's preference."),
    switch(IN, "opusStereo", Switch::NonZero).default_is("0").from(3, 20, 5)
        .about("Whether Opus is sent in stereo, which turns off echo cancellation."),
    number(IN, "volumeOutput", 0, 100).default_is("100").from(3, 12, 1)
        .about("Position of the speaker volume slider in percent."),
    number(IN, "volumeInput", 0, 100).default_is("100").from(3, 12, 1)
        .about("Position of the microphone volume slider in percent."),
    switch(IN, "disableMessaging", Switch::NonZero).default_is("0").from(3, 20, 5).earlier(&[(Version::new(3, 21, 3), Switch::ExactlyOne)])
        .about("Whether MicroSIP hides text messages and rejects incoming ones."),
    switch(IN, "disableVideo", Switch::ExactlyOne).default_is("0").from(3, 20, 5)
        .about("Whether video is off. The Lite build ignores this key."),
    text(IN, "videoCaptureDevice").from(3, 1, 18).machine_state()
        .about("Exact name of the camera. If empty or unknown, MicroSIP uses the default camera."),
    text(IN, "videoCodec").from(3, 1, 18)
        .about("Preferred video codec, such as `H264/97`. If empty, MicroSIP uses the default."),
    switch(IN, "videoH264", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Whether MicroSIP offers H.264."),
    switch(IN, "videoH263", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Whether MicroSIP offers H.263."),
    switch(IN, "videoVP8", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Whether MicroSIP offers VP8."),
    switch(IN, "videoVP9", Switch::NotZero).default_is("1").from(3, 21, 3)
        .about("Whether MicroSIP offers VP9."),
    number(IN, "videoBitrate", 0, MAX).default_is("0").from(3, 18, 5)
        .about("Video bit rate in kbit/s. With 0, the codec decides."),
    switch(IN, "disableH264", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 15, 6)
        .about("Whether H.264 is off. Inverted predecessor of `videoH264`."),
    number(IN, "bitrateH264", 0, MAX).from(3, 1, 18).up_to(3, 15, 6)
        .about("H.264 bit rate in kbit/s. Predecessor of `videoBitrate`."),
    switch(IN, "disableH263", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 15, 6)
        .about("Whether H.263 is off. Inverted predecessor of `videoH263`."),
    number(IN, "bitrateH263", 0, MAX).from(3, 1, 18).up_to(3, 15, 6)
        .about("H.263 bit rate in kbit/s. Predecessor of `videoBitrate`."),
    switch(IN, "disableVP8", Switch::ExactlyOne).default_is("0").from(3, 14, 5).up_to(3, 15, 6)
        .about("Whether VP8 is off. Inverted predecessor of `videoVP8`."),
    number(IN, "bitrateVP8", 0, MAX).from(3, 14, 5).up_to(3, 15, 6)
        .about("VP8 bit rate in kbit/s. Predecessor of `videoBitrate`."),
    switch(IN, "rport", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Whether MicroSIP asks servers to respond to the port that the request came from."),
    number(IN, "sourcePort", 0, 65535).default_is("0").from(3, 12, 1)
        .about("Local SIP port. 0 means any port."),
    number(IN, "ListenPort", 0, 65535).from(3, 1, 18).up_to(3, 1, 18)
        .about("Local SIP port in 3.1.18."),
    number(IN, "rtpPortMin", 0, 65535).default_is("0").from(3, 18, 5)
        .about("First port for RTP audio and video. With 0, MicroSIP chooses the ports."),
    number(IN, "rtpPortMax", 0, 65535).default_is("0").from(3, 18, 5)
        .about("Last port for RTP audio and video. Takes effect only if `rtpPortMin` is above 0, and must not be lower than `rtpPortMin`."),
    switch(IN, "dnsSrv", Switch::ExactlyOne).default_is("0").from(3, 19, 8).earlier(&[(Version::new(3, 19, 8), Switch::NonZero)])
        .about("Whether MicroSIP looks up servers by SRV records on the name servers in `dnsSrvNs`. Has no effect if `dnsSrvNs` is empty."),
    list(IN, "dnsSrvNs").from(3, 19, 10)
        .about("Up to four name servers for SRV lookups, separated by commas or semicolons."),
    switch(IN, "enableSTUN", Switch::ExactlyOne).default_is("0").from(3, 15, 6)
        .about("Whether MicroSIP asks the servers in `STUN` for its public address. Has no effect if `STUN` is empty."),
    list(IN, "STUN").from(3, 1, 18).not_within(Version::new(3, 14, 0), Version::new(3, 14, 5))
        .about("Up to eight STUN servers as `host` or `host:port`, separated by semicolons or commas. Versions 3.14.0 to 3.14.5 ignore it, because they have one STUN server per account."),
    text(IN, "portKnockerHost").from(3, 15, 6)
        .about("Host for port knocking. If empty, MicroSIP uses the account's server."),
    ports(IN, "portKnockerPorts").from(3, 15, 6)
        .about("Ports to knock on before registration, separated by commas. MicroSIP sends one small datagram to each port, 200 ms apart."),
    switch(IN, "networkChanges", Switch::NonZero).default_is("1").from(3, 22, 0)
        .about("Whether MicroSIP registers again when the network changes."),
    text(IN, "userAgent").from(3, 12, 1).sensitive()
        .about("Name that MicroSIP sends as its SIP user agent. If empty, it sends `MicroSIP` and its version."),
    path(IN, "recordingPath").from(3, 19, 10)
        .about("Folder for recordings. `%VAR%` isn't expanded, and MicroSIP creates only the last folder in the path."),
    choice(IN, "recordingFormat", &[any(""), any("mp3"), any("wav")]).from(3, 19, 27)
        .about("File type of recordings: WAV for `wav`, and MP3 for any other value."),
    switch(IN, "autoRecording", Switch::NonZero).default_is("0").from(3, 19, 10).earlier(&[(Version::new(3, 19, 27), Switch::ExactlyOne)])
        .about("Whether MicroSIP records every call from its start."),
    switch(IN, "recordingButton", Switch::NonZero).default_is("1").from(3, 20, 1)
        .about("Whether MicroSIP shows the REC button."),
    switch(IN, "buttonAC", Switch::NonZero).default_is("1").from(3, 22, 3)
        .about("Whether MicroSIP shows the AC button. It never does in single-call mode."),
    switch(IN, "buttonCONF", Switch::NonZero).default_is("1").from(3, 22, 3)
        .about("Whether MicroSIP shows the CONF button."),
    choice(IN, "DTMFMethod", &[any("0"), any("1"), any("2"), any("3")]).default_is("0").from(3, 15, 6)
        .about("How MicroSIP sends DTMF tones: 0 automatic, 1 in-band, 2 RFC 2833, 3 SIP INFO."),
    choice(IN, "autoAnswer", &[any(""), from("button", V3_18_5), from("header", V3_18_5), from("all", V3_18_5), up_to("0", V3_15_6), up_to("1", V3_15_6), up_to("2", V3_15_6)]).default_is("button").earlier_defaults(&[(Version::new(3, 19, 2), "")]).from(3, 1, 18)
        .about("Calls to answer automatically: none (empty), all while the AA button is on (`button`), calls that request it (`header`), or all (`all`)."),
    number(IN, "autoAnswerDelay", 0, MAX).default_is("0").from(3, 19, 27)
        .about("Seconds to wait before answering automatically. A delay that the call itself requests takes precedence."),
    list(IN, "autoAnswerNumber").from(3, 20, 5)
        .about("Caller masks with `*` and `?` that limit automatic answering, separated by semicolons or vertical bars. If empty, MicroSIP answers any caller."),
    choice(IN, "autoAnswerCalls", &[any(""), any("hold"), any("all")]).from(3, 22, 3)
        .about("Whether to answer automatically during another call: never (empty), if all other calls are on hold (`hold`), or always (`all`)."),
    choice(IN, "forwarding", &[any(""), any("button"), any("all")]).from(3, 21, 3)
        .about("Calls to forward: none (empty), all while the FWD button is on (`button`), or all (`all`). Requires `forwardingNumber`."),
    text(IN, "forwardingNumber").from(3, 21, 3)
        .about("Number or SIP URI to forward calls to. If empty, forwarding is off."),
    number(IN, "forwardingDelay", 0, MAX).default_is("0").from(3, 21, 3)
        .about("Seconds to wait before forwarding a call."),
    text(IN, "featureCodeCP").default_is("**").from(3, 21, 6)
        .about("Tones to dial for call pickup."),
    text(IN, "featureCodeBT").default_is("##").from(3, 21, 5)
        .about("Tones to dial for a blind transfer."),
    text(IN, "featureCodeAT").default_is("*2").from(3, 21, 5)
        .about("Tones to dial for an attended transfer."),
    switch(IN, "enableFeatureCodeCP", Switch::NonZero).default_is("1").from(3, 21, 6)
        .about("Whether MicroSIP uses `featureCodeCP`."),
    switch(IN, "enableFeatureCodeBT", Switch::NonZero).default_is("0").from(3, 21, 6)
        .about("Whether MicroSIP uses `featureCodeBT` instead of SIP REFER."),
    switch(IN, "enableFeatureCodeAT", Switch::NonZero).default_is("0").from(3, 21, 6)
        .about("Whether MicroSIP uses `featureCodeAT` instead of SIP REFER."),
    choice(IN, "denyIncoming", &[any(""), any("button"), any("user"), any("domain"), from("userdomain", V3_21_3), from("remotedomain", V3_21_3), any("all"), up_to("address", V3_20_5), up_to("rdomain", V3_20_5)]).default_is("button").earlier_defaults(&[(Version::new(3, 19, 2), "")]).from(3, 12, 1)
        .about("Calls to reject: none (empty), all while the DND button is on (`button`), calls for another user (`user`), domain (`domain`), or either (`userdomain`), calls from another domain (`remotedomain`), or all (`all`)."),
    switch(IN, "callWaiting", Switch::NonZero).default_is("1").from(3, 19, 27)
        .about("Whether a second call rings. If off, MicroSIP rejects it as busy."),
    number(IN, "maxConcurrentCalls", 0, MAX).default_is("0").from(3, 18, 5)
        .about("Maximum number of concurrent calls. MicroSIP rejects further calls as busy. 0 means no limit."),
    number(IN, "autoHangUpTime", MIN, MAX).default_is("0").from(3, 14, 5)
        .about("Seconds after which MicroSIP hangs up a connected call. 0 means never."),
    switch(IN, "noIgnoreCall", Switch::ExactlyOne).default_is("0").from(3, 19, 27)
        .about("Whether the ringing window hides the ways to ignore a call."),
    switch(IN, "silent", Switch::NonZero).default_is("0").from(3, 15, 6).up_to(3, 21, 6).earlier(&[(Version::new(3, 20, 5), Switch::ExactlyOne)])
        .about("Whether MicroSIP keeps its windows from popping up. Removed in 3.22.3."),
    switch(IN, "randomAnswerBox", Switch::NonZero).default_is("0").from(3, 12, 1).earlier(&[(Version::new(3, 15, 6), Switch::ExactlyOne)])
        .about("Whether the ringing window opens at a random position."),
    switch(IN, "disableNameLookup", Switch::NonZero).default_is("0").from(3, 22, 3)
        .about("Whether MicroSIP shows the name that the caller sends, even if the contacts have another one."),
    switch(IN, "bringToFrontOnIncoming", Switch::NonZero).default_is("1").from(3, 18, 5)
        .about("Whether the ringing window opens above all other windows."),
    switch(IN, "multiMonitor", Switch::NonZero).default_is("0").from(3, 21, 3)
        .about("Whether MicroSIP remembers window positions on multiple monitors."),
    choice(IN, "defaultAction", &[any(""), any("call"), any("video"), any("message")]).from(3, 19, 18)
        .about("Action for a double-click on a contact or call: open the conversation (empty), call (`call`), start a video call (`video`), or send a message (`message`)."),
    text(IN, "usersDirectory").from(3, 12, 1).sensitive()
        .about("URL of a directory in XML, JSON, or CSV that MicroSIP merges into the contacts. It can contain the user's password, and MicroSIP doesn't verify TLS certificates."),
    switch(IN, "enableMediaButtons", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether MicroSIP responds to the media keys of the keyboard."),
    switch(IN, "headsetSupport", Switch::NonZero).default_is("0").from(3, 20, 1)
        .about("Whether MicroSIP uses the buttons and lights of HID headsets."),
    switch(IN, "localDTMF", Switch::NonZero).default_is("1").from(3, 1, 18).earlier(&[(Version::new(3, 15, 6), Switch::NotZero)])
        .about("Whether you hear the DTMF tones that you send."),
    switch(IN, "enableLog", Switch::NonZero).default_is("0").from(3, 1, 18).earlier(&[(Version::new(3, 14, 5), Switch::ExactlyOne)])
        .about("Whether MicroSIP writes SIP messages, including personal data, to a log file."),
    choice(IN, "updatesInterval", &[any(""), any("daily"), any("weekly"), any("monthly"), any("quarterly"), any("never"), from("always", V3_19_18)]).from(3, 1, 18)
        .about("How often MicroSIP checks for updates: weekly (empty or `weekly`), `daily`, `monthly`, `quarterly`, `never`, or `always`."),
    number(IN, "checkUpdatesTime", 0, i64::MAX).default_is("0").from(3, 1, 18).up_to(3, 22, 15).machine_state()
        .about("Time of the last update check, as Unix time. Versions 3.22.4 to 3.22.15 store it here or in `[Global]`, and later versions only in `[Global]`."),
    text(IN, "version").from(3, 22, 3).up_to(3, 22, 15).machine_state()
        .about("Version that last wrote the file, updated at each start. Versions 3.22.4 to 3.22.15 store it here or in `[Global]`, and later versions only in `[Global]`."),
    text(IN, "instance").from(3, 22, 4).machine_state()
        .about("Written by official builds of 3.22.4 and later. Its meaning is unknown."),
    switch(IN, "crashReport", Switch::NotZero).default_is("1").from(3, 14, 5)
        .about("Whether MicroSIP sends crash reports. Official builds since 3.19 write this key, although no published source since 3.14.5 reads it."),
    command(IN, "cmdOutgoingCall").from(3, 19, 10).sensitive()
        .about("Command to run when an outgoing call begins. Since 3.21.3, it can contain `{placeholders}`, including `{password}`."),
    command(IN, "cmdIncomingCall").from(3, 12, 1).sensitive()
        .about("Command to run when a call comes in. Since 3.19.11, MicroSIP runs it before any checks, so it also runs for calls that never ring."),
    command(IN, "cmdCallRing").from(3, 19, 10).sensitive()
        .about("Command to run when an incoming call rings."),
    command(IN, "cmdCallAnswer").from(3, 12, 1).sensitive()
        .about("Command to run when an incoming call is connected."),
    command(IN, "cmdCallAnswerVideo").from(3, 21, 3).sensitive()
        .about("Command to run when an incoming call with video is connected, after `cmdCallAnswer`."),
    command(IN, "cmdCallBusy").from(3, 19, 10).sensitive()
        .about("Command to run, instead of `cmdCallEnd`, when a call ends as busy or declined."),
    command(IN, "cmdCallStart").from(3, 12, 1).sensitive()
        .about("Command to run when any call is connected."),
    command(IN, "cmdCallEnd").from(3, 12, 1).sensitive()
        .about("Command to run when a call ends, connected or not, unless `cmdCallBusy` applies."),
    switch(IN, "minimized", Switch::NonZero).default_is("0").from(3, 21, 3)
        .about("Whether MicroSIP starts in the notification area, even the first time."),
    switch(IN, "noResize", Switch::ExactlyOne).default_is("0").from(3, 18, 5)
        .about("Whether the size of the main window is fixed."),
    number(IN, "mainX", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Left edge of the main window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "mainY", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Top edge of the main window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "mainW", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of the main window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "mainH", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Height of the main window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "messagesX", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Left edge of the conversation window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "messagesY", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Top edge of the conversation window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "messagesW", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of the conversation window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "messagesH", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Height of the conversation window in pixels. If its position and size are all 0, MicroSIP uses the default."),
    number(IN, "ringinX", MIN, MAX).default_is("0").from(3, 15, 6).machine_state()
        .about("Left edge of the ringing window in pixels. If `ringinX` and `ringinY` are 0, MicroSIP uses the default."),
    number(IN, "ringinY", MIN, MAX).default_is("0").from(3, 15, 6).machine_state()
        .about("Top edge of the ringing window in pixels. If `ringinX` and `ringinY` are 0, MicroSIP uses the default."),
    number(IN, "callsWidth0", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 0 of the call list in pixels. 0 means the default."),
    number(IN, "callsWidth1", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 1 of the call list in pixels. 0 means the default."),
    number(IN, "callsWidth2", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 2 of the call list in pixels. 0 means the default."),
    number(IN, "callsWidth3", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 3 of the call list in pixels. 0 means the default."),
    number(IN, "callsWidth4", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 4 of the call list in pixels. 0 means the default."),
    number(IN, "callsWidth5", 0, MAX).default_is("0").from(3, 20, 1).machine_state()
        .about("Width of column 5 of the call list in pixels. 0 means the default."),
    number(IN, "contactsWidth0", 0, MAX).default_is("0").from(3, 14, 5).machine_state()
        .about("Width of column 0 of the contact list in pixels. 0 means the default."),
    number(IN, "contactsWidth1", 0, MAX).default_is("0").from(3, 19, 0).machine_state()
        .about("Width of column 1 of the contact list in pixels. 0 means the default."),
    number(IN, "contactsWidth2", 0, MAX).default_is("0").from(3, 19, 10).machine_state()
        .about("Width of column 2 of the contact list in pixels. 0 means the default."),
    number(IN, "activeTab", 0, 2).default_is("0").from(3, 1, 18).machine_state()
        .about("Tab to open at startup: 0 dialer, 1 calls, 2 contacts."),
    switch(IN, "FWD", Switch::NonZero).default_is("0").from(3, 21, 6)
        .about("Whether call forwarding (the FWD button) is on. Takes effect only with `forwarding=button`."),
    switch(IN, "AA", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether auto answer (the AA button) is on. Takes effect only with `autoAnswer=button`."),
    switch(IN, "AC", Switch::NonZero).default_is("0").from(3, 19, 27)
        .about("Whether auto conference (the AC button) is on, which adds new calls to a conference. Not available in single-call mode."),
    switch(IN, "DND", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether do not disturb (the DND button) is on. Takes effect only with `denyIncoming=button`."),
    switch(IN, "alwaysOnTop", Switch::NonZero).default_is("0").from(3, 12, 1)
        .about("Whether the main window stays above all other windows."),
    switch(IN, "enableShortcuts", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether MicroSIP shows the shortcut buttons."),
    switch(IN, "shortcutsBottom", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether the shortcut buttons are below the dialer."),
    text(IN, "lastCallNumber").from(3, 18, 5).machine_state().personal()
        .about("Number that the redial function calls."),
    switch(IN, "lastCallHasVideo", Switch::ExactlyOne).default_is("0").from(3, 18, 5).machine_state().personal()
        .about("Whether the last call had video."),
    number(IN, "callsLastKey", -1, 999).default_is("-1").from(3, 19, 27).up_to(3, 22, 4).machine_state()
        .about("Position of the newest entry in `[Calls]`, a ring buffer of 1000 entries."),
    text(IN, "server").from(3, 1, 18).legacy_account()
        .about("SIP server of the single account in 3.1.18."),
    text(IN, "proxy").from(3, 1, 18).sensitive().legacy_account()
        .about("Outbound proxy of the single account in 3.1.18."),
    text(IN, "domain").from(3, 1, 18).legacy_account()
        .about("SIP domain of the single account in 3.1.18."),
    text(IN, "username").from(3, 1, 18).legacy_account()
        .about("User name of the single account in 3.1.18."),
    text(IN, "authID").from(3, 1, 18).legacy_account()
        .about("Login of the single account in 3.1.18."),
    secret(IN, "password").from(3, 1, 18).legacy_account()
        .about("Plain-text password of the single account in 3.1.18."),
    text(IN, "displayName").from(3, 1, 18).legacy_account()
        .about("Display name of the single account in 3.1.18."),
    choice(IN, "SRTP", &[any(""), any("optional"), any("mandatory")]).from(3, 1, 18).legacy_account()
        .about("Media encryption of the single account in 3.1.18."),
    choice(IN, "transport", &[any(""), any("udp"), any("tcp"), any("tls")]).from(3, 1, 18).legacy_account()
        .about("SIP transport of the single account in 3.1.18."),
    text(IN, "publicAddr").from(3, 1, 18).legacy_account()
        .about("Public address of the single account in 3.1.18."),
    switch(IN, "publish", Switch::ExactlyOne).from(3, 1, 18).legacy_account()
        .about("Whether the single account in 3.1.18 publishes presence."),
    switch(IN, "ICE", Switch::ExactlyOne).from(3, 1, 18).legacy_account()
        .about("Whether the single account in 3.1.18 uses ICE."),
    switch(IN, "allowRewrite", Switch::ExactlyOne).from(3, 12, 1).legacy_account()
        .about("Value that MicroSIP reads once, when it moves the account of 3.1.18 to `[Account1]`."),
    number(IN, "passwordSize", 0, MAX).from(3, 12, 1).legacy_account()
        .about("Length of a password in the oldest encrypted form."),
    text(IN, "id").from(3, 12, 1).legacy_account()
        .about("Key that MicroSIP deletes when it moves the account of 3.1.18 to `[Account1]`. No version reads it."),
];

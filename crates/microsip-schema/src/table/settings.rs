//! `[Settings]`: everything that is not of one account. The account keys at the end are those of 3.1.18.

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
/// The least and the most number that MicroSIP holds.
const MIN: i64 = i32::MIN as i64;
const MAX: i64 = i32::MAX as i64;

pub(super) const KEYS: &[Key] = &[
    number(IN, "accountId", 0, 99999).from(3, 12, 1)
        .about("Number of the account in use: N stands for [AccountN], 0 for none or the local account. A provisioned file needs it, as [Account1] alone is not picked up."),
    switch(IN, "enableLocalAccount", Switch::NonZero).default_is("0").from(3, 14, 0).earlier(&[(Version::new(3, 20, 1), Switch::ExactlyOne)])
        .about("Adds the local account for calls by IP address, without registration; its values stand in [Account0]."),
    switch(IN, "disableLocalAccount", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 12, 1)
        .about("Inverted forerunner of enableLocalAccount."),
    switch(IN, "singleMode", Switch::NonZero).default_is("1").from(3, 1, 18).earlier(&[(Version::new(3, 14, 5), Switch::NotZero)])
        .about("One call at a time and no conversation tabs. Must be off for several calls and for AC."),
    path(IN, "ringingSound").from(3, 1, 18)
        .about("Wave file to ring with; empty stands for ringtone.wav beside the program. A bare name is looked for there, and %VAR% is expanded."),
    number(IN, "volumeRing", 0, 100).default_is("100").from(3, 19, 27)
        .about("Volume of the ring tone in per cent."),
    text(IN, "audioRingDevice").from(3, 12, 1).machine_state()
        .about("Device that rings, by its exact Windows name; empty or unknown stands for the default device."),
    text(IN, "audioOutputDevice").from(3, 1, 18).machine_state()
        .about("Loudspeaker, by its exact Windows name; empty or unknown stands for the default device."),
    text(IN, "audioInputDevice").from(3, 1, 18).machine_state()
        .about("Microphone, by its exact Windows name; empty or unknown stands for the default device."),
    switch(IN, "micAmplification", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Makes the microphone louder."),
    switch(IN, "swLevelAdjustment", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Sets levels inside the program and leaves the Windows mixer alone."),
    codecs(IN, "audioCodecs").default_is("PCMA/8000/1 PCMU/8000/1").earlier_defaults(&[(Version::new(3, 19, 17), "opus/48000/2 PCMA/8000/1 PCMU/8000/1")]).from(3, 1, 18).limits(&[(Version::new(3, 21, 3), 511)])
        .about("Audio codecs to offer, most wanted first, as name/rate/channels with one space between; empty stands for the default list. Ids that the build lacks are passed over."),
    switch(IN, "VAD", Switch::NonZero).default_is("0").from(3, 12, 1).earlier(&[(Version::new(3, 19, 18), Switch::ExactlyOne)])
        .about("Detects silence and sends nothing meanwhile."),
    switch(IN, "DisableVAD", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 1, 18)
        .about("Inverted VAD of 3.1.18."),
    switch(IN, "EC", Switch::NonZero).default_is("1").earlier_defaults(&[(V3_19_18, "0")]).from(3, 12, 1).earlier(&[(Version::new(3, 15, 6), Switch::ExactlyOne), (Version::new(3, 19, 12), Switch::NotZero), (Version::new(3, 19, 18), Switch::ExactlyOne)])
        .about("Cancels the echo; without effect while opusStereo is on."),
    switch(IN, "forceCodec", Switch::NonZero).default_is("0").from(3, 12, 1).earlier(&[(Version::new(3, 18, 5), Switch::ExactlyOne)])
        .about("Answers calls with the first codec of the own list, whatever the caller prefers."),
    switch(IN, "opusStereo", Switch::NonZero).default_is("0").from(3, 20, 5)
        .about("Sends Opus in stereo, which switches echo cancellation off."),
    number(IN, "volumeOutput", 0, 100).default_is("100").from(3, 12, 1)
        .about("Slider of the loudspeaker in per cent."),
    number(IN, "volumeInput", 0, 100).default_is("100").from(3, 12, 1)
        .about("Slider of the microphone in per cent."),
    switch(IN, "disableMessaging", Switch::NonZero).default_is("0").from(3, 20, 5).earlier(&[(Version::new(3, 21, 3), Switch::ExactlyOne)])
        .about("Hides text messages and refuses incoming ones."),
    switch(IN, "disableVideo", Switch::ExactlyOne).default_is("0").from(3, 20, 5)
        .about("Switches video off. The Lite build does not know the key."),
    text(IN, "videoCaptureDevice").from(3, 1, 18).machine_state()
        .about("Camera, by its exact name; empty or unknown stands for the default one."),
    text(IN, "videoCodec").from(3, 1, 18)
        .about("Video codec to prefer, such as H264/97; empty stands for the default."),
    switch(IN, "videoH264", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Offers H.264."),
    switch(IN, "videoH263", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Offers H.263."),
    switch(IN, "videoVP8", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Offers VP8."),
    switch(IN, "videoVP9", Switch::NotZero).default_is("1").from(3, 21, 3)
        .about("Offers VP9."),
    number(IN, "videoBitrate", 0, MAX).default_is("0").from(3, 18, 5)
        .about("Video bit rate in kbit/s; 0 leaves it to the codec."),
    switch(IN, "disableH264", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 15, 6)
        .about("Inverted forerunner of videoH264."),
    number(IN, "bitrateH264", 0, MAX).from(3, 1, 18).up_to(3, 15, 6)
        .about("Bit rate of H.264 in kbit/s, before videoBitrate."),
    switch(IN, "disableH263", Switch::ExactlyOne).default_is("0").from(3, 1, 18).up_to(3, 15, 6)
        .about("Inverted forerunner of videoH263."),
    number(IN, "bitrateH263", 0, MAX).from(3, 1, 18).up_to(3, 15, 6)
        .about("Bit rate of H.263 in kbit/s, before videoBitrate."),
    switch(IN, "disableVP8", Switch::ExactlyOne).default_is("0").from(3, 14, 5).up_to(3, 15, 6)
        .about("Inverted forerunner of videoVP8."),
    number(IN, "bitrateVP8", 0, MAX).from(3, 14, 5).up_to(3, 15, 6)
        .about("Bit rate of VP8 in kbit/s, before videoBitrate."),
    switch(IN, "rport", Switch::NotZero).default_is("1").from(3, 18, 5)
        .about("Asks for answers to the port that the request came from."),
    number(IN, "sourcePort", 0, 65535).default_is("0").from(3, 12, 1)
        .about("Local port for SIP; 0 takes any."),
    number(IN, "ListenPort", 0, 65535).from(3, 1, 18).up_to(3, 1, 18)
        .about("Local port for SIP in 3.1.18."),
    number(IN, "rtpPortMin", 0, 65535).default_is("0").from(3, 18, 5)
        .about("First port for sound and video; 0 leaves the choice to the program."),
    number(IN, "rtpPortMax", 0, 65535).default_is("0").from(3, 18, 5)
        .about("Last port for sound and video; counts only when rtpPortMin is above 0, and must not be below it."),
    switch(IN, "dnsSrv", Switch::ExactlyOne).default_is("0").from(3, 19, 8).earlier(&[(Version::new(3, 19, 8), Switch::NonZero)])
        .about("Looks servers up by SRV records at the name servers in dnsSrvNs; without effect while that is empty."),
    list(IN, "dnsSrvNs").from(3, 19, 10)
        .about("Up to four name servers for SRV records, with comma or semicolon between."),
    switch(IN, "enableSTUN", Switch::ExactlyOne).default_is("0").from(3, 15, 6)
        .about("Asks the servers in STUN for the public address; without effect while that is empty."),
    list(IN, "STUN").from(3, 1, 18).not_within(Version::new(3, 14, 0), Version::new(3, 14, 5))
        .about("Up to eight STUN servers as host or host:port, with semicolon or comma between. Not read in 3.14.0 to 3.14.5, which have a server for each account."),
    text(IN, "portKnockerHost").from(3, 15, 6)
        .about("Host to knock at; empty stands for the account's server."),
    ports(IN, "portKnockerPorts").from(3, 15, 6)
        .about("Ports to knock at before registration, with commas between: one small datagram each, 200 ms apart."),
    switch(IN, "networkChanges", Switch::NonZero).default_is("1").from(3, 22, 0)
        .about("Registers anew when the network changes."),
    text(IN, "userAgent").from(3, 12, 1).sensitive()
        .about("How the program names itself in SIP; empty stands for MicroSIP and its version."),
    path(IN, "recordingPath").from(3, 19, 10)
        .about("Folder for recordings. %VAR% is not expanded, and only the last level is created."),
    choice(IN, "recordingFormat", &[any(""), any("mp3"), any("wav")]).from(3, 19, 27)
        .about("File type of recordings: wav, or mp3 for anything else."),
    switch(IN, "autoRecording", Switch::NonZero).default_is("0").from(3, 19, 10).earlier(&[(Version::new(3, 19, 27), Switch::ExactlyOne)])
        .about("Records every call from its start."),
    switch(IN, "recordingButton", Switch::NonZero).default_is("1").from(3, 20, 1)
        .about("Shows the REC button."),
    switch(IN, "buttonAC", Switch::NonZero).default_is("1").from(3, 22, 3)
        .about("Shows the AC button, though never in single call mode."),
    switch(IN, "buttonCONF", Switch::NonZero).default_is("1").from(3, 22, 3)
        .about("Shows the CONF button."),
    choice(IN, "DTMFMethod", &[any("0"), any("1"), any("2"), any("3")]).default_is("0").from(3, 15, 6)
        .about("How key tones are sent: 0 automatic, 1 in-band, 2 RFC 2833, 3 SIP INFO."),
    choice(IN, "autoAnswer", &[any(""), from("button", V3_18_5), from("header", V3_18_5), from("all", V3_18_5), up_to("0", V3_15_6), up_to("1", V3_15_6), up_to("2", V3_15_6)]).default_is("button").earlier_defaults(&[(Version::new(3, 19, 2), "")]).from(3, 1, 18)
        .about("Which calls are answered by themselves: none (empty), while the AA button is down (button), when the call asks for it (header), or all."),
    number(IN, "autoAnswerDelay", 0, MAX).default_is("0").from(3, 19, 27)
        .about("Seconds before an automatic answer; what the call itself asks for wins."),
    list(IN, "autoAnswerNumber").from(3, 20, 5)
        .about("Limits automatic answers to callers that match a mask with * and ?; masks are parted by semicolon or bar, and empty means anyone."),
    choice(IN, "autoAnswerCalls", &[any(""), any("hold"), any("all")]).from(3, 22, 3)
        .about("Automatic answers beside another call: never (empty), when all others are on hold (hold), or always (all)."),
    choice(IN, "forwarding", &[any(""), any("button"), any("all")]).from(3, 21, 3)
        .about("Which calls are forwarded: none (empty), while the FWD button is down (button), or all. Needs forwardingNumber."),
    text(IN, "forwardingNumber").from(3, 21, 3)
        .about("Number or SIP URI that calls are forwarded to; empty switches forwarding off."),
    number(IN, "forwardingDelay", 0, MAX).default_is("0").from(3, 21, 3)
        .about("Seconds before a call is forwarded."),
    text(IN, "featureCodeCP").default_is("**").from(3, 21, 6)
        .about("Tones to dial for call pickup."),
    text(IN, "featureCodeBT").default_is("##").from(3, 21, 5)
        .about("Tones to dial for a blind transfer."),
    text(IN, "featureCodeAT").default_is("*2").from(3, 21, 5)
        .about("Tones to dial for an attended transfer."),
    switch(IN, "enableFeatureCodeCP", Switch::NonZero).default_is("1").from(3, 21, 6)
        .about("Uses featureCodeCP."),
    switch(IN, "enableFeatureCodeBT", Switch::NonZero).default_is("0").from(3, 21, 6)
        .about("Uses featureCodeBT in place of SIP REFER."),
    switch(IN, "enableFeatureCodeAT", Switch::NonZero).default_is("0").from(3, 21, 6)
        .about("Uses featureCodeAT in place of SIP REFER."),
    choice(IN, "denyIncoming", &[any(""), any("button"), any("user"), any("domain"), from("userdomain", V3_21_3), from("remotedomain", V3_21_3), any("all"), up_to("address", V3_20_5), up_to("rdomain", V3_20_5)]).default_is("button").earlier_defaults(&[(Version::new(3, 19, 2), "")]).from(3, 12, 1)
        .about("Which calls are refused: none (empty), while the DND button is down (button), those for another user, domain or either (userdomain), those from another domain (remotedomain), or all."),
    switch(IN, "callWaiting", Switch::NonZero).default_is("1").from(3, 19, 27)
        .about("Lets a second call ring; off refuses it as busy."),
    number(IN, "maxConcurrentCalls", 0, MAX).default_is("0").from(3, 18, 5)
        .about("Most calls at a time, further ones are refused as busy; 0 sets no limit."),
    number(IN, "autoHangUpTime", MIN, MAX).default_is("0").from(3, 14, 5)
        .about("Seconds after which a connected call is ended; 0 never."),
    switch(IN, "noIgnoreCall", Switch::ExactlyOne).default_is("0").from(3, 19, 27)
        .about("Takes the ways to ignore a call off the ringing window."),
    switch(IN, "silent", Switch::NonZero).default_is("0").from(3, 15, 6).up_to(3, 21, 6).earlier(&[(Version::new(3, 20, 5), Switch::ExactlyOne)])
        .about("Keeps windows from popping up; gone in 3.22.3."),
    switch(IN, "randomAnswerBox", Switch::NonZero).default_is("0").from(3, 12, 1).earlier(&[(Version::new(3, 15, 6), Switch::ExactlyOne)])
        .about("Puts the ringing window at a random place."),
    switch(IN, "disableNameLookup", Switch::NonZero).default_is("0").from(3, 22, 3)
        .about("Keeps the caller's own name, whatever the contacts say."),
    switch(IN, "bringToFrontOnIncoming", Switch::NonZero).default_is("1").from(3, 18, 5)
        .about("Puts the ringing window above all others."),
    switch(IN, "multiMonitor", Switch::NonZero).default_is("0").from(3, 21, 3)
        .about("Remembers where windows stood on several monitors."),
    choice(IN, "defaultAction", &[any(""), any("call"), any("video"), any("message")]).from(3, 19, 18)
        .about("What a double click on a contact or call does: opens the conversation (empty), call, video or message."),
    text(IN, "usersDirectory").from(3, 12, 1).sensitive()
        .about("Address of a directory in XML, JSON or CSV that is merged into the contacts. May hold the user's password, and TLS certificates are not checked."),
    switch(IN, "enableMediaButtons", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Listens to the keyboard's media keys."),
    switch(IN, "headsetSupport", Switch::NonZero).default_is("0").from(3, 20, 1)
        .about("Works with the buttons and lamps of HID headsets."),
    switch(IN, "localDTMF", Switch::NonZero).default_is("1").from(3, 1, 18).earlier(&[(Version::new(3, 15, 6), Switch::NotZero)])
        .about("Lets key tones be heard here, too."),
    switch(IN, "enableLog", Switch::NonZero).default_is("0").from(3, 1, 18).earlier(&[(Version::new(3, 14, 5), Switch::ExactlyOne)])
        .about("Writes SIP messages into a log file, those with personal data included."),
    choice(IN, "updatesInterval", &[any(""), any("daily"), any("weekly"), any("monthly"), any("quarterly"), any("never"), from("always", V3_19_18)]).from(3, 1, 18)
        .about("How often to look for updates: weekly (empty), daily, monthly, quarterly, never or always."),
    number(IN, "checkUpdatesTime", 0, i64::MAX).default_is("0").from(3, 1, 18).up_to(3, 22, 15).machine_state()
        .about("When updates were last looked for, as Unix time. Versions 3.22.4 to 3.22.15 keep it here or in [Global], later ones there."),
    text(IN, "version").from(3, 22, 3).up_to(3, 22, 15).machine_state()
        .about("Version that wrote the file last; overwritten at each start. Versions 3.22.4 to 3.22.15 keep it here or in [Global], later ones there."),
    text(IN, "instance").from(3, 22, 4).machine_state()
        .about("Written by official programs of 3.22.4 and later; what it means is not known."),
    switch(IN, "crashReport", Switch::NotZero).default_is("1").from(3, 14, 5)
        .about("Sends crash reports. Official programs from 3.19 on write it, though no published source since 3.14.5 reads it."),
    command(IN, "cmdOutgoingCall").from(3, 19, 10).sensitive()
        .about("Command to start when an outgoing call begins. From 3.21.3 on it may hold {placeholders}, {password} among them."),
    command(IN, "cmdIncomingCall").from(3, 12, 1).sensitive()
        .about("Command to start when a call comes in. From 3.19.11 on before any check, so also for calls that never ring."),
    command(IN, "cmdCallRing").from(3, 19, 10).sensitive()
        .about("Command to start when an incoming call rings."),
    command(IN, "cmdCallAnswer").from(3, 12, 1).sensitive()
        .about("Command to start when an incoming call is connected."),
    command(IN, "cmdCallAnswerVideo").from(3, 21, 3).sensitive()
        .about("Command to start when an incoming call with video is connected, after cmdCallAnswer."),
    command(IN, "cmdCallBusy").from(3, 19, 10).sensitive()
        .about("Command to start when a call ends as busy or declined, in place of cmdCallEnd."),
    command(IN, "cmdCallStart").from(3, 12, 1).sensitive()
        .about("Command to start when any call is connected."),
    command(IN, "cmdCallEnd").from(3, 12, 1).sensitive()
        .about("Command to start when a call ends, connected or not, unless cmdCallBusy applies."),
    switch(IN, "minimized", Switch::NonZero).default_is("0").from(3, 21, 3)
        .about("Starts in the tray, the first time too."),
    switch(IN, "noResize", Switch::ExactlyOne).default_is("0").from(3, 18, 5)
        .about("Fixes the size of the main window."),
    number(IN, "mainX", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Left edge of the main window in pixels; all 0 stands for the default place."),
    number(IN, "mainY", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Top edge of the main window in pixels; all 0 stands for the default place."),
    number(IN, "mainW", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of the main window in pixels; all 0 stands for the default place."),
    number(IN, "mainH", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Height of the main window in pixels; all 0 stands for the default place."),
    number(IN, "messagesX", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Left edge of the conversation window in pixels; all 0 stands for the default place."),
    number(IN, "messagesY", MIN, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Top edge of the conversation window in pixels; all 0 stands for the default place."),
    number(IN, "messagesW", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of the conversation window in pixels; all 0 stands for the default place."),
    number(IN, "messagesH", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Height of the conversation window in pixels; all 0 stands for the default place."),
    number(IN, "ringinX", MIN, MAX).default_is("0").from(3, 15, 6).machine_state()
        .about("Left edge of the ringing window in pixels; all 0 stands for the default place."),
    number(IN, "ringinY", MIN, MAX).default_is("0").from(3, 15, 6).machine_state()
        .about("Top edge of the ringing window in pixels; all 0 stands for the default place."),
    number(IN, "callsWidth0", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 0 of the call list in pixels; 0 stands for the default."),
    number(IN, "callsWidth1", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 1 of the call list in pixels; 0 stands for the default."),
    number(IN, "callsWidth2", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 2 of the call list in pixels; 0 stands for the default."),
    number(IN, "callsWidth3", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 3 of the call list in pixels; 0 stands for the default."),
    number(IN, "callsWidth4", 0, MAX).default_is("0").from(3, 12, 1).machine_state()
        .about("Width of column 4 of the call list in pixels; 0 stands for the default."),
    number(IN, "callsWidth5", 0, MAX).default_is("0").from(3, 20, 1).machine_state()
        .about("Width of column 5 of the call list in pixels; 0 stands for the default."),
    number(IN, "contactsWidth0", 0, MAX).default_is("0").from(3, 14, 5).machine_state()
        .about("Width of column 0 of the contact list in pixels; 0 stands for the default."),
    number(IN, "contactsWidth1", 0, MAX).default_is("0").from(3, 19, 0).machine_state()
        .about("Width of column 1 of the contact list in pixels; 0 stands for the default."),
    number(IN, "contactsWidth2", 0, MAX).default_is("0").from(3, 19, 10).machine_state()
        .about("Width of column 2 of the contact list in pixels; 0 stands for the default."),
    number(IN, "activeTab", 0, 2).default_is("0").from(3, 1, 18).machine_state()
        .about("Tab that is open at the start: 0 dialer, 1 calls, 2 contacts."),
    switch(IN, "FWD", Switch::NonZero).default_is("0").from(3, 21, 6)
        .about("Whether the FWD button is down; acts with forwarding=button only."),
    switch(IN, "AA", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether the AA button is down; acts with autoAnswer=button only."),
    switch(IN, "AC", Switch::NonZero).default_is("0").from(3, 19, 27)
        .about("Whether the AC button is down, which joins new calls to a conference; not in single call mode."),
    switch(IN, "DND", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Whether the DND button is down; acts with denyIncoming=button only."),
    switch(IN, "alwaysOnTop", Switch::NonZero).default_is("0").from(3, 12, 1)
        .about("Keeps the main window above all others."),
    switch(IN, "enableShortcuts", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Shows the shortcut buttons."),
    switch(IN, "shortcutsBottom", Switch::NonZero).default_is("0").from(3, 18, 5)
        .about("Puts the shortcut buttons below the dialer."),
    text(IN, "lastCallNumber").from(3, 18, 5).machine_state().personal()
        .about("Number that redial calls."),
    switch(IN, "lastCallHasVideo", Switch::ExactlyOne).default_is("0").from(3, 18, 5).machine_state().personal()
        .about("Whether the last call had video."),
    number(IN, "callsLastKey", -1, 999).default_is("-1").from(3, 19, 27).up_to(3, 22, 4).machine_state()
        .about("Newest place in [Calls], which is a ring of 1000."),
    text(IN, "server").from(3, 1, 18).legacy_account()
        .about("SIP server of the one account of 3.1.18."),
    text(IN, "proxy").from(3, 1, 18).sensitive().legacy_account()
        .about("Outbound proxy of the one account of 3.1.18."),
    text(IN, "domain").from(3, 1, 18).legacy_account()
        .about("SIP domain of the one account of 3.1.18."),
    text(IN, "username").from(3, 1, 18).legacy_account()
        .about("User of the one account of 3.1.18."),
    text(IN, "authID").from(3, 1, 18).legacy_account()
        .about("Login of the one account of 3.1.18."),
    secret(IN, "password").from(3, 1, 18).legacy_account()
        .about("Plain password of the one account of 3.1.18."),
    text(IN, "displayName").from(3, 1, 18).legacy_account()
        .about("Shown name of the one account of 3.1.18."),
    choice(IN, "SRTP", &[any(""), any("optional"), any("mandatory")]).from(3, 1, 18).legacy_account()
        .about("Media encryption of the one account of 3.1.18."),
    choice(IN, "transport", &[any(""), any("udp"), any("tcp"), any("tls")]).from(3, 1, 18).legacy_account()
        .about("Transport of the one account of 3.1.18."),
    text(IN, "publicAddr").from(3, 1, 18).legacy_account()
        .about("Public address of the one account of 3.1.18."),
    switch(IN, "publish", Switch::ExactlyOne).from(3, 1, 18).legacy_account()
        .about("Whether the one account of 3.1.18 publishes presence."),
    switch(IN, "ICE", Switch::ExactlyOne).from(3, 1, 18).legacy_account()
        .about("Whether the one account of 3.1.18 uses ICE."),
    switch(IN, "allowRewrite", Switch::ExactlyOne).from(3, 12, 1).legacy_account()
        .about("Read once when the account of 3.1.18 is moved to [Account1]."),
    number(IN, "passwordSize", 0, MAX).from(3, 12, 1).legacy_account()
        .about("Length of the oldest form of an encrypted password."),
    text(IN, "id").from(3, 12, 1).legacy_account()
        .about("Deleted when the account of 3.1.18 is moved; no version reads it."),
];

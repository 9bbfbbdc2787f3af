// Receiver.cs: prints the calls that msipctl sends to its window.
//
//   msipctl hook add send-message --on incoming-call --with "window={{ window }}"
//   msipctl hook add copy-data --on call-end --with "window={{ window }}"
//
// Every Windows has a compiler for it:
//   C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe /r:System.Windows.Forms.dll Receiver.cs
//   Receiver.exe
// With the .NET SDK: `dotnet new winforms`, put this in the place of Program.cs and Form1.cs, and in the .csproj say
// <OutputType>Exe</OutputType>.
//
// `OnCall` is the place for what you want to happen. The caller's text comes from the network: show it, compare it,
// but do not run it. A program that runs with higher rights than MicroSIP gets no messages: Windows keeps them away.
using System;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Windows.Forms;

internal static class Program
{
    [STAThread]
    private static void Main()
    {
        Console.OutputEncoding = Encoding.UTF8;
        Receiver receiver = new Receiver("{{ window }}");
        Console.WriteLine("waiting for calls; Ctrl+C ends it");
        Application.Run();
        GC.KeepAlive(receiver);
    }
}

/// <summary>A window that is not shown. Only its title is needed.</summary>
internal sealed class Receiver : NativeWindow
{
    private const int WmUser = 0x400;
    private const int WmCopyData = 0x4A;

    public Receiver(string title)
    {
        CreateParams parameters = new CreateParams();
        parameters.Caption = title;
        CreateHandle(parameters);
    }

    /// <summary>Called for each call: how it came, and the text, which is the number unless the template's parameters
    /// say otherwise. The sender waits for its end, so it should not take long.</summary>
    private static void OnCall(string kind, string text)
    {
        Console.WriteLine("{0}: {1}", kind, text.Length == 0 ? "unknown caller" : Shown(text));
    }

    /// <summary>Returns a text as a console may get it: characters that control it, or that are invisible, as
    /// numbers.</summary>
    private static string Shown(string text)
    {
        StringBuilder shown = new StringBuilder();
        foreach (char unit in text)
        {
            UnicodeCategory kind = char.GetUnicodeCategory(unit);
            bool isHidden = kind == UnicodeCategory.Control || kind == UnicodeCategory.Format
                || kind == UnicodeCategory.LineSeparator || kind == UnicodeCategory.ParagraphSeparator
                || kind == UnicodeCategory.OtherNotAssigned;
            shown.Append(isHidden ? "<U+" + ((int)unit).ToString("X4") + ">" : unit.ToString());
        }
        return shown.ToString();
    }

    protected override void WndProc(ref Message message)
    {
        switch (message.Msg)
        {
            case WmUser + 100:
                OnCall("message", TakeText(message.LParam.ToInt64()));
                message.Result = new IntPtr(1);
                return;
            case WmCopyData:
                CopyData data = (CopyData)Marshal.PtrToStructure(message.LParam, typeof(CopyData));
                OnCall("data " + data.Id, TakeText(data));
                message.Result = new IntPtr(1);
                return;
            default:
                base.WndProc(ref message);
                return;
        }
    }

    /// <summary>SendMessage and PostMessage: wParam is the number, 0 if it is no plain one; lParam is a global atom that
    /// holds the text, 0 if there is none.</summary>
    private static string TakeText(long atom)
    {
        // Smaller numbers are no atoms that somebody made.
        if (atom < 0xC000 || atom > 0xFFFF)
            return "";
        StringBuilder text = new StringBuilder(256);
        GlobalGetAtomName((ushort)atom, text, text.Capacity);
        // Who sends deletes the atom; of one that was posted, that is up to the receiver.
        if (!InSendMessage())
            GlobalDeleteAtom((ushort)atom);
        return text.ToString();
    }

    /// <summary>CopyData: the text as UTF-16, a zero behind it.</summary>
    private static string TakeText(CopyData data)
    {
        if (data.Data == IntPtr.Zero || data.Bytes < 2)
            return "";
        return Marshal.PtrToStringUni(data.Data, data.Bytes / 2).TrimEnd('\0');
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CopyData
    {
        public UIntPtr Id;
        public int Bytes;
        public IntPtr Data;
    }

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, EntryPoint = "GlobalGetAtomNameW")]
    private static extern uint GlobalGetAtomName(ushort atom, StringBuilder text, int units);

    [DllImport("kernel32.dll")]
    private static extern ushort GlobalDeleteAtom(ushort atom);

    [DllImport("user32.dll")]
    private static extern bool InSendMessage();
}

// Receiver.cs: prints the calls that msipctl sends to its window.
//
//   msipctl hook add send-message --on incoming-call --with "window={{ window }}"
//   msipctl hook add copy-data --on call-end --with "window={{ window }}"
//
// To compile and start it with the compiler that is part of Windows:
//   C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe /r:System.Windows.Forms.dll Receiver.cs
//   Receiver.exe
// With the .NET SDK: run `dotnet new winforms`, replace Program.cs and Form1.cs with this file, and set
// <OutputType>Exe</OutputType> in the .csproj file.
//
// To change what happens on a call, edit `OnCall`. The caller ID comes from the network: you can show or compare it, but
// never run it. The program must not run with higher rights than MicroSIP, because Windows would block the messages.
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
        Console.WriteLine("Waiting for calls. Press Ctrl+C to exit.");
        Application.Run();
        GC.KeepAlive(receiver);
    }
}

/// <summary>A hidden window. msipctl only needs its title.</summary>
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

    /// <summary>Runs for each call. <c>kind</c> is how it was received, and <c>text</c> is the caller's number, unless
    /// you changed the parameters of the template. The sender waits for it, so it should return quickly.</summary>
    private static void OnCall(string kind, string text)
    {
        Console.WriteLine("{0}: {1}", kind, text.Length == 0 ? "unknown caller" : Shown(text));
    }

    /// <summary>Returns a text that is safe to print: control characters and invisible characters become their
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

    /// <summary>Returns the text of SendMessage and PostMessage. wParam is the number, or 0 if it doesn't consist of digits
    /// only. lParam is a global atom that contains the text, or 0 if there's no text.</summary>
    private static string TakeText(long atom)
    {
        // Smaller numbers aren't string atoms.
        if (atom < 0xC000 || atom > 0xFFFF)
            return "";
        StringBuilder text = new StringBuilder(256);
        GlobalGetAtomName((ushort)atom, text, text.Capacity);
        // The sender deletes the atom of a sent message. The receiver must delete the atom of a posted message.
        if (!InSendMessage())
            GlobalDeleteAtom((ushort)atom);
        return text.ToString();
    }

    /// <summary>Returns the text of CopyData, which is UTF-16 with a terminating NUL character.</summary>
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

@rem Applies a policy from any RMM agent that can run one command line. The exit code is 0 or 1.
@"%ProgramFiles%\msipctl\msipctl.exe" apply "C:\Program Files\msipctl\company.toml" --engine rmm

@echo off
rem Builds kubemedic where that is needed, and runs it.
rem   run.bat            serve: backend on 8000, approval server on 3100
rem   run.bat --sample   serve in a second window, post a bundled log and print where to look
rem   run.bat --verify   check the setup and stop
setlocal
cd /d "%~dp0"
set BINARY=target\release\kubemedic.exe
where cargo >nul 2>nul
if errorlevel 1 (
    echo cargo is missing: install Rust 1.95 or newer from https://rustup.rs, then run this again. 1>&2
    exit /b 64
)
if not exist %BINARY% echo Building kubemedic: several minutes the first time, seconds after that. 1>&2
cargo build --release --locked -p kubemedic
if errorlevel 1 exit /b 1
if "%~1"=="--verify" (
    %BINARY% verify
    exit /b %errorlevel%
)
if "%~1"=="--sample" goto sample
%BINARY% serve %*
exit /b %errorlevel%

:sample
start "kubemedic" %BINARY% serve
for /f %%p in ('%BINARY% settings --value PORT') do set BACKEND=%%p
for /f %%p in ('%BINARY% settings --value APPROVAL_PORT') do set APPROVALS=%%p
set TOKEN=
for /f %%p in ('%BINARY% settings --value API_TOKEN') do set TOKEN=%%p
curl -fsS --retry 30 --retry-delay 1 --retry-connrefused -o nul http://127.0.0.1:%BACKEND%/healthz
if errorlevel 1 exit /b 1
curl -fsS -H "Authorization: Bearer %TOKEN%" -H "Content-Type: text/plain" --data-binary "@samples/checkout-outage.log" http://127.0.0.1:%BACKEND%/api/v1/workflows/start
echo.
echo Watch the agents:  curl -N http://127.0.0.1:%BACKEND%/api/v1/workflows/WORKFLOW_ID/stream  (the id is above)
echo Decide:            http://127.0.0.1:%APPROVALS%/
echo The API:           http://127.0.0.1:%BACKEND%/docs
echo What was learnt:   curl http://127.0.0.1:%BACKEND%/api/v1/feedback/statistics

@echo off
rem The launcher of an installation on Windows:
rem   1. find its own folder and a Java 17 or newer (JAVA_HOME first, then PATH);
rem   2. become java, as bin/fusewright does elsewhere. There is no archive of classes here.
rem FUSEWRIGHT_JAVA_OPTS holds more arguments for the JVM, such as -Xmx256m.
setlocal
for %%F in ("%~dp0..") do set "FW_HOME=%%~fF"
set "FW_LIB=%FW_HOME%\lib"
if not exist "%FW_LIB%\" (
  echo fusewright: no folder %FW_LIB%: this installation is not whole. Unpack it anew. 1>&2
  exit /b 1
)

rem 1. Java. Its own file `release` says the version at once; asking java itself costs a start of it.
set "FW_JAVA="
if defined JAVA_HOME set "FW_JAVA=%JAVA_HOME%\bin\java.exe"
if not defined FW_JAVA for %%J in (java.exe) do set "FW_JAVA=%%~$PATH:J"
if not defined FW_JAVA (
  echo fusewright: no java on PATH. Install Java 17 or newer, or set JAVA_HOME to one. 1>&2
  exit /b 1
)
if not exist "%FW_JAVA%" (
  echo fusewright: JAVA_HOME is %JAVA_HOME%, which has no bin\java.exe. Let it name a Java 17 or newer, or unset it. 1>&2
  exit /b 1
)
set "FW_VERSION="
for %%J in ("%FW_JAVA%") do set "FW_RELEASE=%%~dpJ..\release"
if exist "%FW_RELEASE%" for /f "usebackq tokens=1,2 delims==" %%A in ("%FW_RELEASE%") do if "%%A"=="JAVA_VERSION" set "FW_VERSION=%%~B"
if defined FW_VERSION goto version
for /f "tokens=3" %%V in ('""%FW_JAVA%" -version 2^>^&1" ^| findstr /i version') do if not defined FW_VERSION set "FW_VERSION=%%~V"
:version
if not defined FW_VERSION (
  echo fusewright: %FW_JAVA% does not say its version. Set JAVA_HOME to a Java 17 or newer. 1>&2
  exit /b 1
)
for /f "delims=.-+ tokens=1" %%M in ("%FW_VERSION%") do set "FW_MAJOR=%%M"
if %FW_MAJOR% LSS 17 (
  echo fusewright: %FW_JAVA% is Java %FW_VERSION%; 17 or newer is needed. Set JAVA_HOME to such a Java. 1>&2
  exit /b 1
)

rem 2. Run. Only commands that start a pipeline need Flink's flags.
set "FW_OPTIONS=-XX:+ExitOnOutOfMemoryError -Xlog:disable -Xlog:all=warning:stderr"
rem Newer Javas warn of what protobuf and ONNX Runtime do, on each start.
if %FW_MAJOR% GEQ 24 set "FW_OPTIONS=%FW_OPTIONS% --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
set "FW_MAIN=dev.fusewright.pipeline.cli.Fusewright"
if exist "%FW_LIB%\fusewright-deploy-*.jar" set "FW_MAIN=dev.fusewright.deploy.Launcher"
set "FW_PIPELINE="
for %%C in (run plan retry cluster) do if /i "%~1"=="%%C" set "FW_PIPELINE=1"
if defined FW_PIPELINE if exist "%FW_LIB%\flink-java17.args" goto pipeline
"%FW_JAVA%" "@%FW_LIB%\windows.args" %FW_OPTIONS% -XX:+UseSerialGC %FUSEWRIGHT_JAVA_OPTS% -cp "%FW_LIB%\*" %FW_MAIN% %*
exit /b %ERRORLEVEL%
:pipeline
"%FW_JAVA%" "@%FW_LIB%\windows.args" %FW_OPTIONS% "-Dfusewright.job.jar=%FW_HOME%\fusewright-job.jar" "@%FW_LIB%\flink-java17.args" %FUSEWRIGHT_JAVA_OPTS% -cp "%FW_LIB%\*" %FW_MAIN% %*
exit /b %ERRORLEVEL%

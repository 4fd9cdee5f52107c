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

rem 1. Java.
set "FW_JAVA=java"
if defined JAVA_HOME set "FW_JAVA=%JAVA_HOME%\bin\java.exe"
set "FW_VERSION="
for /f "tokens=3" %%V in ('""%FW_JAVA%" -version 2^>^&1" ^| findstr /i version') do if not defined FW_VERSION set "FW_VERSION=%%~V"
if not defined FW_VERSION (
  echo fusewright: no java at %FW_JAVA%. Install Java 17 or newer, or set JAVA_HOME to one. 1>&2
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
"%FW_JAVA%" %FW_OPTIONS% -XX:+UseSerialGC %FUSEWRIGHT_JAVA_OPTS% -cp "%FW_LIB%\*" %FW_MAIN% %*
exit /b %ERRORLEVEL%
:pipeline
"%FW_JAVA%" %FW_OPTIONS% "-Dfusewright.job.jar=%FW_HOME%\fusewright-job.jar" "@%FW_LIB%\flink-java17.args" %FUSEWRIGHT_JAVA_OPTS% -cp "%FW_LIB%\*" %FW_MAIN% %*
exit /b %ERRORLEVEL%

/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.runtime;

import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.RunFailure;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One child process, and the exchange of requests and answers with it. */
final class RunnerProcess implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final long EXIT_SECONDS = 10;

  private final Process process;
  private final Path scratch;
  private final ScheduledExecutorService watchdog;
  private final StderrTail stderr;
  private final DataOutputStream requests;
  private final DataInputStream answers;
  private String version = "";

  private RunnerProcess(Process process, Path scratch, ScheduledExecutorService watchdog) {
    this.process = process;
    this.scratch = scratch;
    this.watchdog = watchdog;
    this.stderr = new StderrTail(process.getErrorStream());
    this.requests =
        new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), BUFFER));
    this.answers = new DataInputStream(new BufferedInputStream(process.getInputStream(), BUFFER));
  }

  /** The part of a request that is written. */
  @FunctionalInterface
  interface Request {
    void write(DataOutputStream out) throws IOException;
  }

  /** The part of an answer that is read. */
  @FunctionalInterface
  interface Answer<T> {
    T read(DataInputStream in) throws IOException;
  }

  /**
   * Starts a child and waits until its native library is loaded; another one if that is killed,
   * which may have been an accident.
   *
   * @throws ModelRunException {@link RunFailure#DIED_AT_START} if a signal killed both, {@link
   *     RunFailure#UNAVAILABLE} if it does not start for another reason
   */
  static RunnerProcess start(
      RunnerProgram program, RunnerOptions options, ScheduledExecutorService watchdog)
      throws ModelRunException {
    try {
      return startOnce(program, options, watchdog);
    } catch (ModelRunException first) {
      if (first.failure() != RunFailure.DIED_AT_START) {
        throw first;
      }
      return startOnce(program, options, watchdog);
    }
  }

  private static RunnerProcess startOnce(
      RunnerProgram program, RunnerOptions options, ScheduledExecutorService watchdog)
      throws ModelRunException {
    RunnerProcess child;
    try {
      Path scratch = ScratchFolder.create();
      ProcessBuilder builder =
          new ProcessBuilder(RunnerCommand.of(program, options, scratch))
              .directory(scratch.toFile());
      RunnerEnvironment.confine(builder.environment());
      child = new RunnerProcess(builder.start(), scratch, watchdog);
    } catch (IOException e) {
      throw new ModelRunException(
          RunFailure.UNAVAILABLE, "the runner could not be started: " + e.getMessage());
    }
    try {
      child.version = child.ask("start", options.timeLimit(), out -> {}, RunnerProtocol::readText);
      return child;
    } catch (ModelRunException e) {
      boolean wasKilled = e.failure() == RunFailure.CRASHED && child.wasKilled();
      child.close();
      throw new ModelRunException(
          wasKilled ? RunFailure.DIED_AT_START : RunFailure.UNAVAILABLE,
          "the runner could not be started: " + e.getMessage());
    }
  }

  /** The version of the runtime inside. */
  String version() {
    return version;
  }

  /** The operating system's number for the child. */
  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether a signal has ended it. */
  private boolean wasKilled() {
    return !process.isAlive() && StderrTail.isSignal(process.exitValue());
  }

  /**
   * Sends a request and reads its answer, within the time limit.
   *
   * @param what the child was to do, for messages: {@code run model.onnx}
   * @param limit of the time after which the child is killed
   * @throws ModelRunException with what the child reported; or, if it is {@linkplain
   *     RunFailure#isFatal() fatal}, with the cause of its end
   */
  <T> T ask(String what, Duration limit, Request request, Answer<T> answer)
      throws ModelRunException {
    AtomicBoolean late = new AtomicBoolean();
    ScheduledFuture<?> alarm =
        watchdog.schedule(
            () -> {
              late.set(true);
              process.destroyForcibly();
            },
            limit.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      request.write(requests);
      requests.flush();
      if (answers.readByte() == RunnerProtocol.OK) {
        return answer.read(answers);
      }
      RunFailure failure = RunnerProtocol.readName(answers, RunFailure.class);
      throw new ModelRunException(failure, what + ": " + RunnerProtocol.readText(answers));
    } catch (MalformedAnswerException e) {
      process.destroyForcibly();
      throw new ModelRunException(
          RunFailure.CRASHED,
          "%s: the runner's answer is none: %s".formatted(what, e.getMessage()));
    } catch (IOException e) {
      throw late.get() ? timedOut(what, limit) : crashReport(what);
    } catch (RuntimeException | Error e) {
      // The exchange broke off inside a message: there is no place to go on from.
      process.destroyForcibly();
      throw e;
    } finally {
      alarm.cancel(false);
    }
  }

  private static ModelRunException timedOut(String what, Duration limit) {
    return new ModelRunException(
        RunFailure.TIMED_OUT,
        "%s: killed after the time limit of %d s".formatted(what, limit.toSeconds()));
  }

  private ModelRunException crashReport(String what) {
    try {
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      String tail = stderr.await();
      RunFailure failure =
          OrtErrors.isOutOfMemory(tail) ? RunFailure.OUT_OF_MEMORY : RunFailure.CRASHED;
      String said =
          tail.isEmpty() ? "nothing on standard error" : "the end of its standard error: " + tail;
      return new ModelRunException(
          failure,
          "%s: the runner died, %s; %s"
              .formatted(what, StderrTail.exitCause(process.exitValue(), tail), said));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      return new ModelRunException(RunFailure.CRASHED, what + ": interrupted");
    }
  }

  /** Ends the child and deletes what it left. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ScratchFolder.delete(scratch);
  }
}

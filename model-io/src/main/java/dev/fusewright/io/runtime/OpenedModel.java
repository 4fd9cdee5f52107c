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

import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import java.nio.file.Path;
import java.time.Duration;

/** A model that a leased child process has open, until it is closed. */
final class OpenedModel implements AutoCloseable {
  private final RunnerPool pool;
  private final RunnerProcess child;
  private final Path model;
  private final Duration limit;
  private boolean closed;

  private OpenedModel(RunnerPool pool, RunnerProcess child, Path model, Duration limit) {
    this.pool = pool;
    this.child = child;
    this.model = model;
    this.limit = limit;
  }

  /** What a session is made of: the model, and what the child said of it. */
  @FunctionalInterface
  interface Opening<T, S> {
    S of(OpenedModel opened, T said) throws ModelRunException;
  }

  /**
   * Has a child of a pool open a model; where that fails the child goes back.
   *
   * @param limit of the time of each request
   * @param number that the child is told with it
   * @param answer reads what the child says of the model
   * @throws ModelRunException if the child does not open it, or no session can be made of it
   */
  static <T, S> S open(
      RunnerPool pool,
      Path model,
      Duration limit,
      Evaluation evaluation,
      int number,
      RunnerProcess.Answer<T> answer,
      Opening<T, S> session)
      throws ModelRunException {
    RunnerProcess child = pool.lease();
    try {
      OpenedModel opened = new OpenedModel(pool, child, model, limit);
      T said =
          opened.ask(
              "load",
              out -> {
                out.writeByte(RunnerProtocol.OPEN);
                RunnerProtocol.writeText(out, model.toString());
                RunnerProtocol.writeName(out, evaluation);
                out.writeInt(number);
              },
              answer);
      return session.of(opened, said);
    } catch (ModelRunException | RuntimeException | Error e) {
      pool.release(child);
      throw e;
    }
  }

  /** Has the model run. */
  <T> T run(RunnerProcess.Request request, RunnerProcess.Answer<T> answer)
      throws ModelRunException {
    return ask(
        "run",
        out -> {
          out.writeByte(RunnerProtocol.RUN);
          request.write(out);
        },
        answer);
  }

  private <T> T ask(String verb, RunnerProcess.Request request, RunnerProcess.Answer<T> answer)
      throws ModelRunException {
    return child.ask(verb + " " + name(), limit, request, answer);
  }

  /** The name of its file, for messages. */
  String name() {
    return String.valueOf(model.getFileName());
  }

  /** The bytes that an answer may have. */
  long mostBytes() {
    return pool.options().heapBytes();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (child.isAlive()) {
        ask("close", out -> out.writeByte(RunnerProtocol.CLOSE), in -> model);
      }
    } catch (ModelRunException e) {
      // A child that cannot close its model serves no other.
      child.close();
    }
    pool.release(child);
  }
}

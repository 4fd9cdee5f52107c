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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.RunFailure;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Pool of the child processes that run models, reused from one model to the next.
 *
 * <p>Children are started when they are needed, live until the pool is closed or they die, and
 * never outlive this process. For use by several threads; who asks for more sessions at a time than
 * there may be children waits.
 */
public final class RunnerPool implements AutoCloseable {
  private final RunnerProgram program;
  private final RunnerOptions options;
  private final Semaphore places;
  private final Deque<RunnerProcess> idle = new ArrayDeque<>();
  private final Set<RunnerProcess> children = new HashSet<>();
  private final Thread shutdownHook = new Thread(this::endChildren, "end-runners");
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "runner-watchdog");
            thread.setDaemon(true);
            return thread;
          });
  private String runtime;
  private boolean closed;

  /** A pool that has not started any child yet. */
  public RunnerPool(RunnerOptions options) {
    this(OnnxRuntimeProgram.INSTANCE, options);
  }

  /** The same, of children that run another program. */
  RunnerPool(RunnerProgram program, RunnerOptions options) {
    this.program = program;
    this.options = options;
    this.runtime = program.runtime();
    this.places = new Semaphore(options.processes(), true);
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /** The model in {@code file}, not loaded yet; external data is looked for beside it. */
  public ModelRunner model(Path file) {
    return new OnnxRuntimeRunner(this, file, null, options.timeLimit());
  }

  /**
   * The same, where the model's graph has been read: why the runtime refuses it, and which inputs
   * have no rank, is then found there.
   */
  public ModelRunner model(Path file, ModelGraph graph) {
    return new OnnxRuntimeRunner(this, file, graph, options.timeLimit());
  }

  /** What the children are confined to. */
  public RunnerOptions options() {
    return options;
  }

  /** The numbers that the operating system gave the children that live now. */
  public synchronized List<Long> childPids() {
    return children.stream()
        .filter(RunnerProcess::isAlive)
        .map(RunnerProcess::pid)
        .sorted()
        .toList();
  }

  /** The runtime's name, with its version once a child has been started. */
  synchronized String runtime() {
    return runtime;
  }

  /** A child for the caller's exclusive use; started if none is idle. */
  RunnerProcess lease() throws ModelRunException {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelRunException(RunFailure.UNAVAILABLE, "interrupted while waiting for a runner");
    }
    try {
      RunnerProcess child = takeIdle();
      return child != null ? child : register(RunnerProcess.start(program, options, watchdog));
    } catch (ModelRunException | RuntimeException | Error e) {
      places.release();
      throw e;
    }
  }

  private synchronized @Nullable RunnerProcess takeIdle() {
    if (closed) {
      throw new IllegalStateException("the pool is closed");
    }
    for (RunnerProcess child = idle.poll(); child != null; child = idle.poll()) {
      if (child.isAlive()) {
        return child;
      }
      remove(child);
    }
    return null;
  }

  private synchronized RunnerProcess register(RunnerProcess child) {
    if (closed) {
      child.close();
      throw new IllegalStateException("the pool is closed");
    }
    runtime = program.runtime() + " " + child.version();
    children.add(child);
    return child;
  }

  private synchronized void remove(RunnerProcess child) {
    children.remove(child);
    child.close();
  }

  /** Ends the lease of a child, alive or dead. */
  void release(RunnerProcess child) {
    synchronized (this) {
      if (child.isAlive() && !closed) {
        idle.push(child);
      } else {
        remove(child);
      }
    }
    places.release();
  }

  /** Ends all children, also those in the middle of a run. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The JVM is going down already, and runs the hook itself.
      endChildren();
      return;
    }
    endChildren();
  }

  private synchronized void endChildren() {
    closed = true;
    children.forEach(RunnerProcess::close);
    children.clear();
    idle.clear();
    watchdog.shutdownNow();
  }
}

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
package dev.fusewright.core.verify;

import dev.fusewright.core.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A runner whose slowest plain request is measured: loading the model, or one run. */
final class Stopwatch implements ModelRunner {
  private final ModelRunner runner;
  private long slowestNanos;

  Stopwatch(ModelRunner runner) {
    this.runner = runner;
  }

  Duration slowest() {
    return Duration.ofNanos(slowestNanos);
  }

  @Override
  public String describe() {
    return runner.describe();
  }

  @Override
  public ModelSession open(Evaluation evaluation) throws ModelRunException {
    return switch (evaluation) {
      case PLAIN -> new Timed(timed(() -> runner.open(evaluation)));
      case REORDERED -> runner.open(evaluation);
    };
  }

  /** A request that may fail. */
  @FunctionalInterface
  private interface Request<T> {
    T make() throws ModelRunException;
  }

  private <T> T timed(Request<T> request) throws ModelRunException {
    long start = System.nanoTime();
    T answer = request.make();
    slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
    return answer;
  }

  private final class Timed extends ForwardingSession {
    Timed(ModelSession session) {
      super(session);
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
        throws ModelRunException {
      return timed(() -> super.run(inputs, outputs));
    }
  }
}

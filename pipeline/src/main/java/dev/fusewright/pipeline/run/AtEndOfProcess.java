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
package dev.fusewright.pipeline.run;

/**
 * What is done if the process is ended from outside (Ctrl-C, {@code kill}) while something is under
 * way; once this is closed, nothing is.
 */
public final class AtEndOfProcess implements AutoCloseable {
  private final Thread hook;

  private AtEndOfProcess(Thread hook) {
    this.hook = hook;
  }

  /**
   * From now on.
   *
   * @param action short; may run at the same time as what is under way
   */
  public static AtEndOfProcess run(Runnable action) {
    Thread hook = new Thread(action, "at-end-of-process");
    Runtime.getRuntime().addShutdownHook(hook);
    return new AtEndOfProcess(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is being ended, and the action runs.
    }
  }
}

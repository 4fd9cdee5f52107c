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
package dev.fusewright.pipeline.cli;

/** What this installation has: fusewright-lite is without Beam, Flink, Hadoop and Parquet. */
final class Installation {
  private Installation() {}

  /**
   * Says what to install where a command needs a pipeline and there is none.
   *
   * @throws UsageException if Beam is not on the class path
   */
  static void requirePipeline(String command) {
    if (!hasPipeline()) {
      throw new UsageException(needs(command));
    }
  }

  /**
   * Says what to install where a table is asked for that nothing here writes.
   *
   * @throws UsageException if Parquet's writer is not on the class path
   */
  static void requireParquet(String command) {
    if (Installation.class.getResource("/org/apache/parquet/hadoop/ParquetWriter.class") == null) {
      throw new UsageException(
          "%s needs Parquet's writer, which this installation (fusewright-lite) is without: take --format csv or json, or install fusewright in full"
              .formatted(command));
    }
  }

  /** Whether Beam is on the class path. */
  static boolean hasPipeline() {
    return Installation.class.getResource("/org/apache/beam/sdk/Pipeline.class") != null;
  }

  /** Which installation a command needs. */
  static String needs(String command) {
    return "%s needs Beam and Flink, which this installation (fusewright-lite) is without: install fusewright in full"
        .formatted(command);
  }
}

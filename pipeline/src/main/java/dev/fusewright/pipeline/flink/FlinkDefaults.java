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
package dev.fusewright.pipeline.flink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** What a run needs of Flink, in the form of its {@code config.yaml}. */
public final class FlinkDefaults {
  private static final String RESOURCE = "flink.yaml";

  private FlinkDefaults() {}

  /** For a cluster: how work is dealt out, and how often a lost worker is made up for. */
  public static String forCluster() {
    try (InputStream in = FlinkDefaults.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not beside " + FlinkDefaults.class);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * For a Flink inside this process, which has no worker to lose: an error ends the run at once.
   *
   * @param temp existing folder for its temporary files: Flink leaves some behind when its process
   *     is ended
   */
  static String embedded(Path temp) {
    return """
        execution.batch.adaptive.auto-parallelism.enabled: false
        io.tmp.dirs: '%1$s'
        web.tmpdir: '%1$s'
        """
        .formatted(temp.toString().replace("'", "''"));
  }
}

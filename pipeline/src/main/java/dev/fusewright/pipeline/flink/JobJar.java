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

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import org.apache.beam.runners.flink.FlinkRunner;

/** The jar from which the workers of a cluster load the job. */
final class JobJar {
  /** Names it; the launcher sets this. */
  static final String PROPERTY = "fusewright.job.jar";

  private JobJar() {}

  /**
   * The jar that {@value #PROPERTY} names, or the one that this program was started from, if that
   * is a job jar.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Path find() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      Path jar = Path.of(named).toAbsolutePath();
      if (!Files.isRegularFile(jar)) {
        throw new IllegalArgumentException(
            "the job jar %s, which -D%s names, is not there. A release has it beside its archives (fusewright-job-VERSION.jar), mvn -B package makes it: put it there, or name another with --filesToStage"
                .formatted(jar, PROPERTY));
      }
      return jar;
    }
    URI ours = location(JobJar.class);
    if (!ours.getPath().endsWith(".jar") || !ours.equals(location(FlinkRunner.class))) {
      throw new IllegalArgumentException(
          "a cluster needs the job jar. The launcher ./fusewright knows where it is; else name it with"
              + " --filesToStage=fusewright-job.jar");
    }
    return Path.of(ours);
  }

  private static URI location(Class<?> loaded) {
    CodeSource source = loaded.getProtectionDomain().getCodeSource();
    try {
      return source.getLocation().toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}

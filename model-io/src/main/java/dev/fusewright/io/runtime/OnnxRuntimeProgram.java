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

import ai.onnxruntime.OrtEnvironment;
import dev.fusewright.core.verify.ModelRunner;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Java with ONNX Runtime, from where this JVM has both. */
final class OnnxRuntimeProgram implements RunnerProgram {
  /** The one there is. */
  static final OnnxRuntimeProgram INSTANCE = new OnnxRuntimeProgram();

  private OnnxRuntimeProgram() {}

  @Override
  public String runtime() {
    return "ONNX Runtime";
  }

  @Override
  public List<String> command(RunnerOptions options, Path scratch) {
    return List.of(
        options.java().toString(),
        "-Xmx" + (options.heapBytes() >> 20) + "m",
        "-Xss512k",
        "-XX:MaxDirectMemorySize=" + (options.heapBytes() >> 20) + "m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=32m",
        "-XX:CompressedClassSpaceSize=64m",
        "-XX:-UsePerfData",
        // The JVM's crash report goes to standard error, where the signal's name is read.
        "-XX:+DisplayVMOutputToStderr",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:ErrorFile=" + scratch.resolve("crash.log"),
        "-Djava.io.tmpdir=" + scratch,
        "-cp",
        classPath(),
        RunnerMain.class.getName());
  }

  /**
   * Where this module, fusion-core and ONNX Runtime were loaded from: three jars, or a shaded one.
   */
  private static String classPath() {
    Set<String> locations = new LinkedHashSet<>();
    Stream.of(RunnerMain.class, ModelRunner.class, OrtEnvironment.class)
        .map(OnnxRuntimeProgram::location)
        .forEach(locations::add);
    return String.join(File.pathSeparator, locations);
  }

  private static String location(Class<?> loaded) {
    CodeSource source = loaded.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalStateException("cannot tell where " + loaded.getName() + " was loaded from");
    }
    try {
      return Path.of(source.getLocation().toURI()).toString();
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IllegalStateException(
          loaded.getName()
              + " was loaded from "
              + source.getLocation()
              + ", which no child can be started with",
          e);
    }
  }
}

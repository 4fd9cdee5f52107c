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
package dev.fusewright.deploy.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.io.Formats;
import dev.fusewright.io.onnx.proto.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.Logger;

/**
 * The programs of the library's page: compiled against the two modules and what they need for local
 * files, and run.
 */
@ResourceLock(Resources.SYSTEM_OUT)
class LibraryTest {
  private static final Path PAGE = Project.HOME.resolve("src/docs/library.md");
  private static final Pattern PROGRAM =
      Pattern.compile("```java\\n(.*?\\nclass (\\w+) .*?)```", Pattern.DOTALL);
  private static final String MODEL = Project.HOME.resolve("src/models/resnet18.onnx").toString();

  /** No Hadoop, no Beam, no Flink: what the page says that they need. */
  private static final List<Class<?>> CLASS_PATH =
      List.of(FusionEngine.class, Formats.class, ModelProto.class, Message.class, Logger.class);

  @TempDir private Path folder;

  @Test
  void a_file_is_folded_in_a_few_lines_and_two_are_proven_the_same() throws Exception {
    String fused = folder.resolve("fused.onnx").toString();

    assertThat(run("FoldFile", MODEL, fused)).isEqualTo("20 fusions, EQUIVALENT");
    assertThat(run("ProveTwo", MODEL, MODEL)).startsWith("EQUIVALENT: ");
    assertThat(run("ProveTwo", MODEL, fused)).startsWith("EQUIVALENT: ");
    assertThat(run("ProveTwo", MODEL, MODEL.replace("resnet18", "mlp_bn")))
        .doesNotStartWith("EQUIVALENT");
  }

  @Test
  void a_rule_of_ones_own_is_applied_and_proven() throws Exception {
    assertThat(run("ReluTwice")).contains("z = Relu (x)").endsWith("EQUIVALENT");
  }

  @Test
  void each_program_is_short() {
    assertThat(programs()).hasSize(3);
    programs()
        .forEach(
            (name, text) ->
                assertThat(
                        text.lines().filter(line -> !line.isBlank() && !line.startsWith("import")))
                    .as(name)
                    .hasSizeLessThanOrEqualTo(20));
  }

  private static Map<String, String> programs() {
    return PROGRAM
        .matcher(Project.text(PAGE))
        .results()
        .collect(Collectors.toMap(found -> found.group(2), (MatchResult found) -> found.group(1)));
  }

  /** Compiles a program of the page and runs it; what it printed. */
  private String run(String name, String... arguments) throws Exception {
    Path source = Files.writeString(folder.resolve(name + ".java"), programs().get(name), UTF_8);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int code =
        compiler.run(
            null,
            said,
            said,
            "-proc:none",
            "-d",
            folder.toString(),
            "-cp",
            classPath().map(Path::toString).collect(Collectors.joining(":")),
            source.toString());
    assertThat(code).as(said.toString(UTF_8)).isZero();
    try (URLClassLoader loader = new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader())) {
      var main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      PrintStream former = System.out;
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      System.setOut(new PrintStream(printed, /* autoFlush= */ true, UTF_8));
      try {
        main.invoke(null, (Object) arguments);
      } finally {
        System.setOut(former);
      }
      return printed.toString(UTF_8).strip();
    }
  }

  private URL[] urls() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path path : Stream.concat(Stream.of(folder), classPath()).toList()) {
      urls.add(path.toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }

  private static Stream<Path> classPath() {
    return CLASS_PATH.stream()
        .map(type -> Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()))
        .distinct();
  }
}
